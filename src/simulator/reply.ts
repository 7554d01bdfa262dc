import type { ChatRequest } from "./chat-request.ts";
import { Draw } from "./draw.ts";
import type { Lesson } from "./lesson.ts";
import {
  asksForSteps,
  defaultDifficulty,
  defaultTemperature,
  type ModelAbility,
  modelAbility,
  probabilityRight,
} from "./models.ts";
import { isChinese, type Manner, phraseReasoning } from "./phrase.ts";
import type { Recording } from "./recordings.ts";
import { sayAnswer } from "./saying.ts";
import { noTokens, type Tokenizer, type TokenText, takeTokens } from "./tokens.ts";

/** A call as it goes on the wire. */
export interface ReplyCall {
  readonly id: string;
  readonly name: string;
  /** Tokens of the name. */
  readonly nameTokens: number;
  readonly arguments: TokenText;
}

/** One choice, cut to length. */
export interface ReplyChoice {
  /** Null when the model did not think. */
  readonly reasoning: TokenText | null;
  readonly content: TokenText;
  readonly calls: readonly ReplyCall[];
  readonly finishReason: string;
}

/** A complete answer, before it is written in one form or the other. */
export interface Reply {
  readonly model: string;
  readonly choices: readonly ReplyChoice[];
  readonly promptTokens: number;
  readonly completionTokens: number;
  /** The recorded usage, which is sent in place of the counted one; null when there is none. */
  readonly usage: Readonly<Record<string, unknown>> | null;
  /** Whether the tokens' log probabilities are sent. */
  readonly logprobs: boolean;
}

/** Tokens of a prompt: its texts and tools, 4 for each message, 3 for the answer's start, 256 for each image or the like. */
export function countPrompt(request: ChatRequest, tokenizer: Tokenizer): number {
  const texts = request.texts.reduce((sum, message) => sum + 4 + tokenizer.count(message.text), 3);
  return texts + tokenizer.count(request.toolsText) + 256 * request.mediaParts;
}

/** All that a simulated answer depends on, apart from the request itself. */
export interface ReplyContext {
  readonly tokenizer: Tokenizer;
  readonly seed: number;
  readonly abilities: Readonly<Record<string, ModelAbility>>;
  readonly promptTokens: number;
}

/**
 * The simulated answer to a request. `trialId` tells repetitions apart; it has no effect at temperature 0, nor where the
 * request fixes a `seed`.
 */
export function composeReply(
  request: ChatRequest,
  lesson: Lesson | null,
  trialId: string | null,
  context: ReplyContext,
): Reply {
  const temperature = request.temperature ?? defaultTemperature;
  const ability = modelAbility(request.model, context.abilities);
  const thinking = ability.thinks !== "never" && (request.enableThinking ?? ability.thinks === "on");
  const asked = request.texts.some((message) => message.role !== "assistant" && asksForSteps(message.text));
  const manner: Manner = { chinese: isChinese(request.prompt), stepByStep: asked };
  const difficulty = lesson?.difficulty ?? defaultDifficulty(request.prompt);
  const odds = { model: request.model, difficulty, temperature, stepByStep: asked, thinking };
  const probability = probabilityRight(odds, context.abilities);
  const choices = Array.from({ length: request.n }, (_, choice) => {
    const trial = request.seeded ? "" : (trialId ?? "");
    const chance = temperature === 0 ? ["", 0] : [trial, choice];
    const draw = new Draw(["answer", context.seed, request.model, request.identity, ...chance]);
    const saying = sayAnswer(request, lesson, draw.uniform < probability, manner, draw);
    const reasoning = thinking ? phraseReasoning(manner, difficulty, draw) : null;
    return cutChoice(
      request,
      reasoning,
      saying.content,
      saying.calls.map((call, index) => ({
        id: `call_${new Draw(["call", draw.id, index]).id.slice(0, 24)}`,
        name: call.name,
        arguments: JSON.stringify(call.arguments),
      })),
      context.tokenizer,
    );
  });
  return finished(request, choices, context.promptTokens, null);
}

/** A recorded answer, byte for byte: neither `stop` nor `max_tokens` changes it. */
export function replayReply(
  request: ChatRequest,
  recordings: readonly Recording[],
  context: Pick<ReplyContext, "tokenizer" | "promptTokens">,
): Reply {
  const { tokenizer } = context;
  const choices = recordings.map(
    (recording): ReplyChoice => ({
      reasoning: recording.reasoning === null ? null : tokenizer.split(recording.reasoning),
      content: tokenizer.split(recording.content),
      calls: recording.toolCalls.map((call, index) => ({
        id: call.id ?? `call_${new Draw(["call", request.identity, index]).id.slice(0, 24)}`,
        name: call.name,
        nameTokens: tokenizer.count(call.name),
        arguments: tokenizer.split(call.arguments),
      })),
      finishReason: recording.finishReason ?? (recording.toolCalls.length > 0 ? "tool_calls" : "stop"),
    }),
  );
  const usage = recordings.length === 1 ? (recordings[0]?.usage ?? null) : null;
  return finished(request, choices, context.promptTokens, usage);
}

function finished(
  { model, logprobs }: ChatRequest,
  choices: readonly ReplyChoice[],
  promptTokens: number,
  usage: Readonly<Record<string, unknown>> | null,
): Reply {
  const completionTokens = choices.reduce((sum, choice) => sum + choiceTokens(choice), 0);
  return { model, choices, promptTokens, completionTokens, usage, logprobs };
}

/** Tokens of a choice, reasoning included. */
export function choiceTokens(choice: ReplyChoice): number {
  const calls = choice.calls.reduce((sum, call) => sum + call.nameTokens + call.arguments.total, 0);
  return (choice.reasoning?.total ?? 0) + choice.content.total + calls;
}

interface WrittenCall {
  readonly id: string;
  readonly name: string;
  readonly arguments: string;
}

/** `stop` cuts the text, `thinking_budget` the reasoning, `max_tokens` reasoning and answer together. */
function cutChoice(
  request: ChatRequest,
  reasoning: string | null,
  said: string,
  written: readonly WrittenCall[],
  tokenizer: Tokenizer,
): ReplyChoice {
  const stops = request.stop.map((stop) => said.indexOf(stop)).filter((at) => at >= 0);
  const content = tokenizer.split(stops.length === 0 ? said : said.slice(0, Math.min(...stops)));
  const thought =
    reasoning === null ? null : takeTokens(tokenizer.split(reasoning), request.thinkingBudget ?? Infinity);
  const calls = written.map(
    (call): ReplyCall => ({
      ...call,
      nameTokens: tokenizer.count(call.name),
      arguments: tokenizer.split(call.arguments),
    }),
  );
  const whole: ReplyChoice = {
    reasoning: thought,
    content,
    calls,
    finishReason: calls.length > 0 ? "tool_calls" : "stop",
  };
  const limit = request.maxTokens ?? Infinity;
  return choiceTokens(whole) <= limit ? whole : shorten(whole, limit);
}

function shorten(choice: ReplyChoice, limit: number): ReplyChoice {
  const reasoning = choice.reasoning === null ? null : takeTokens(choice.reasoning, limit);
  let rest = limit - (choice.reasoning?.total ?? 0);
  const content = rest > 0 ? takeTokens(choice.content, rest) : noTokens;
  rest -= choice.content.total;
  const calls: ReplyCall[] = [];
  for (const call of choice.calls) {
    rest -= call.nameTokens;
    if (rest < 0) break;
    calls.push({ ...call, arguments: takeTokens(call.arguments, rest) });
    rest -= call.arguments.total;
  }
  return { reasoning, content, calls, finishReason: "length" };
}
