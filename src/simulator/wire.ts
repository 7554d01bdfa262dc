import { logprobsJson } from "./logprobs.ts";
import { choiceTokens, type Reply, type ReplyChoice } from "./reply.ts";
import { plainForm, type WireForm } from "./wire-form.ts";

/** What names one exchange: the id of the answer and when it was made (Unix seconds). */
export interface AnswerHead {
  readonly id: string;
  readonly created: number;
}

/** The body of an unstreamed answer. */
export function completionBody(reply: Reply, head: AnswerHead, form: WireForm = plainForm): string {
  const choices = reply.choices.map((choice, index) => ({
    index,
    message: {
      role: "assistant",
      content: choice.content.text,
      ...(choice.reasoning === null ? {} : { reasoning_content: choice.reasoning.text }),
      ...(choice.calls.length === 0 ? {} : { tool_calls: choice.calls.map(wholeCall) }),
    },
    ...(reply.logprobs ? { logprobs: JSON.parse(logprobsJson(choice.content.pieces)) as unknown } : {}),
    finish_reason: choice.finishReason,
  }));
  const usage = form.usage === "none" ? "" : `,"usage":${fullUsage(reply)}`;
  return `{"id":"${head.id}","object":"chat.completion","created":${head.created},"model":${JSON.stringify(reply.model)},"choices":${JSON.stringify(choices)}${usage},"system_fingerprint":""}`;
}

function wholeCall(call: ReplyChoice["calls"][number]): unknown {
  return { id: call.id, type: "function", function: { name: call.name, arguments: call.arguments.text } };
}

/** Usage as an unstreamed answer and the last chunk of a stream have it. */
function fullUsage(reply: Reply): string {
  if (reply.usage !== null) return JSON.stringify(reply.usage);
  const reasoning = reply.choices.reduce((sum, choice) => sum + (choice.reasoning?.total ?? 0), 0);
  const { promptTokens: prompt, completionTokens: completion } = reply;
  return `{"prompt_tokens":${prompt},"completion_tokens":${completion},"total_tokens":${prompt + completion},"completion_tokens_details":{"reasoning_tokens":${reasoning}},"prompt_tokens_details":{"cached_tokens":0},"prompt_cache_hit_tokens":0,"prompt_cache_miss_tokens":${prompt}}`;
}

/** One token's worth of a choice: the delta, and how many tokens it is. */
interface Piece {
  /** The value of `delta`, followed by the member `logprobs` where that was asked for. */
  readonly delta: string;
  readonly tokens: number;
  readonly isReasoning: boolean;
}

/**
 * The events of a streamed answer, in steps: a step is what a model sends at one moment, one token of every choice.
 * The first step also holds each choice's opening chunk; a choice closes in the step of its last token; the last step
 * ends with `[DONE]`. Every chunk carries the usage so far. A form other than the plain one changes the last two.
 */
export class ChunkStream {
  /** Moments at which something is sent; at least 1. */
  readonly steps: number;
  readonly #reply: Reply;
  readonly #pieces: readonly (readonly Piece[])[];
  readonly #start: string;
  readonly #form: WireForm;
  readonly #unfinished: string;
  #step = 0;
  #completionTokens = 0;
  #reasoningTokens = 0;
  #openChoices: number;

  constructor(reply: Reply, head: AnswerHead, form: WireForm = plainForm) {
    this.#reply = reply;
    this.#form = form;
    this.#unfinished = JSON.stringify(form.unfinished);
    this.#pieces = reply.choices.map((choice) => piecesOf(choice, reply.logprobs));
    this.steps = Math.max(1, ...this.#pieces.map((pieces) => pieces.length));
    this.#openChoices = reply.choices.length;
    this.#start = `data: {"id":"${head.id}","object":"chat.completion.chunk","created":${head.created},"model":${JSON.stringify(reply.model)},"choices":[`;
  }

  /** The text of the next step; "" after the last. */
  next(): string {
    const step = this.#step++;
    if (step >= this.steps) return "";
    let text = "";
    this.#pieces.forEach((pieces, index) => {
      const choice = this.#reply.choices[index];
      if (choice === undefined) return;
      if (step === 0) text += this.#chunk(index, opening(choice), null);
      const piece = pieces[step];
      if (piece !== undefined) {
        this.#completionTokens += piece.tokens;
        if (piece.isReasoning) this.#reasoningTokens += piece.tokens;
        text += this.#chunk(index, piece.delta, null);
      }
      if (step === Math.max(pieces.length, 1) - 1) {
        this.#openChoices--;
        text += this.#chunk(index, closing, choice.finishReason);
      }
    });
    return step === this.steps - 1 ? text + this.#end() : text;
  }

  #chunk(index: number, delta: string, finishReason: string | null): string {
    const reason = finishReason === null ? this.#unfinished : JSON.stringify(finishReason);
    const usage = this.#form.usage === "each" ? `,"usage":${this.#usageBy(finishReason)}` : "";
    return `${this.#start}{"index":${index},"delta":${delta},"finish_reason":${reason}}],"system_fingerprint":""${usage}}\n\n`;
  }

  #end(): string {
    const usage =
      this.#form.usage === "last"
        ? `${this.#start}],"system_fingerprint":"","usage":${fullUsage(this.#reply)}}\n\n`
        : "";
    return this.#form.done ? `${usage}data: [DONE]\n\n` : usage;
  }

  #usageBy(finishReason: string | null): string {
    if (finishReason !== null && this.#openChoices === 0) return fullUsage(this.#reply);
    const prompt = this.#reply.promptTokens;
    const completion = this.#completionTokens;
    const details =
      this.#reasoningTokens === 0
        ? ""
        : `,"completion_tokens_details":{"reasoning_tokens":${this.#reasoningTokens}}`;
    return `{"prompt_tokens":${prompt},"completion_tokens":${completion},"total_tokens":${prompt + completion}${details}}`;
  }
}

const closing = '{"content":"","reasoning_content":null}';

function opening(choice: ReplyChoice): string {
  return choice.reasoning === null
    ? '{"content":"","reasoning_content":null,"role":"assistant"}'
    : '{"content":null,"reasoning_content":"","role":"assistant"}';
}

function piecesOf(choice: ReplyChoice, logprobs: boolean): readonly Piece[] {
  const pieces: Piece[] = [];
  const { reasoning, content, calls } = choice;
  reasoning?.pieces.forEach((text, at) => {
    const delta = `{"content":null,"reasoning_content":${JSON.stringify(text)}}`;
    pieces.push({ delta, tokens: reasoning.counts[at] ?? 1, isReasoning: true });
  });
  content.pieces.forEach((text, at) => {
    const chances = logprobs ? `,"logprobs":${logprobsJson([text])}` : "";
    const delta = `{"content":${JSON.stringify(text)},"reasoning_content":null}${chances}`;
    pieces.push({ delta, tokens: content.counts[at] ?? 1, isReasoning: false });
  });
  calls.forEach((call, index) => {
    const fragment = (head: object, written: object): string =>
      JSON.stringify({
        content: null,
        reasoning_content: null,
        tool_calls: [{ index, ...head, function: written }],
      });
    const first = fragment({ id: call.id, type: "function" }, { name: call.name, arguments: "" });
    pieces.push({ delta: first, tokens: call.nameTokens, isReasoning: false });
    call.arguments.pieces.forEach((text, at) => {
      const delta = fragment({ id: null, type: null }, { name: null, arguments: text });
      pieces.push({ delta, tokens: call.arguments.counts[at] ?? 1, isReasoning: false });
    });
  });
  return pieces;
}

/** Moments an answer takes to make, streamed or not. */
export function stepsOf(reply: Reply): number {
  const lengths = reply.choices.map(
    (choice) =>
      (choice.reasoning?.pieces.length ?? 0) +
      choice.content.pieces.length +
      choice.calls.reduce((sum, call) => sum + 1 + call.arguments.pieces.length, 0),
  );
  return Math.max(1, ...lengths);
}

/** A 200 that answers nothing: the fault `empty`. Streamed, one chunk without choices and `[DONE]`. */
export function emptyAnswer(reply: Reply, head: AnswerHead, stream: boolean): string {
  const usage = `{"prompt_tokens":${reply.promptTokens},"completion_tokens":0,"total_tokens":${reply.promptTokens}}`;
  const body = `{"id":"${head.id}","object":"chat.completion${stream ? ".chunk" : ""}","created":${head.created},"model":${JSON.stringify(reply.model)},"choices":[],"usage":${usage}}`;
  return stream ? `data: ${body}\n\ndata: [DONE]\n\n` : body;
}

/** Tokens an answer used: what the recorded usage says, else what was counted. */
export function usedTokens(reply: Reply): { readonly prompt: number; readonly completion: number } {
  const said = (name: string): number | null => {
    const value = reply.usage?.[name];
    return typeof value === "number" ? value : null;
  };
  return {
    prompt: said("prompt_tokens") ?? reply.promptTokens,
    completion:
      said("completion_tokens") ?? reply.choices.reduce((sum, choice) => sum + choiceTokens(choice), 0),
  };
}
