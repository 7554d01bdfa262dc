import { canonicalJson } from "../plan/canonical-json.ts";
import { type Refusal, refusal } from "./refusal.ts";
import { decodeParameters, type RequestParameters } from "./request-parameters.ts";

/** A request body that passed the checks. */
export interface ChatRequest extends RequestParameters {
  readonly model: string;
  /** All that is text in the messages, in order, with each message's role. */
  readonly texts: readonly { readonly role: string; readonly text: string }[];
  /** Content parts that are no text: images, video, audio. */
  readonly mediaParts: number;
  /** Text of the last user message: what answers and recordings are found by. */
  readonly prompt: string;
  /** Canonical JSON of the messages and of everything that shapes sampling. */
  readonly identity: string;
  /** The body as it came. */
  readonly body: Readonly<Record<string, unknown>>;
}

const roles: ReadonlySet<unknown> = new Set(["system", "developer", "user", "assistant", "tool"]);

/** The parameters that make an answer another draw; lengths, stops and the form of the answer do not. */
const samplingNames = [
  "temperature",
  "top_p",
  "top_k",
  "min_p",
  "frequency_penalty",
  "presence_penalty",
  "seed",
  "enable_thinking",
  "thinking_budget",
  "reasoning_effort",
] as const;

/** The text of a message's `content`: itself, or its text parts joined with line feeds; "" for null. */
export function contentText(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content
    .flatMap((part) => (isRecord(part) && typeof part.text === "string" ? [part.text] : []))
    .join("\n");
}

/** The text of the last user message, or of the last message when no one is a user's: what recordings are keyed by. */
export function lastUserText(messages: readonly unknown[]): string {
  const records = messages.filter(isRecord);
  const last = records.findLast((message) => message.role === "user") ?? records.at(-1);
  return contentText(last?.content);
}

/** Reads a request body, or gives the 400 that SiliconFlow would answer. */
export function decodeChatRequest(text: string): ChatRequest | Refusal {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return refusal(400, 20015, "The parameter is invalid. Please check again.");
  }
  if (!isRecord(body)) return refusal(400, 20015, "The parameter is invalid. Please check again.");
  const { model, messages } = body;
  if (model === undefined || model === null || model === "") return refusal(400, 20013, "model is required");
  if (typeof model !== "string") return refusal(400, 20015, "model: Input should be a valid string");
  if (messages === undefined || messages === null || (Array.isArray(messages) && messages.length === 0)) {
    return refusal(400, 20014, "messages is required");
  }
  if (!Array.isArray(messages)) return refusal(400, 20029, "messages: Input should be a valid list");
  const problem = messages.map(messageProblem).find((found) => found !== null);
  if (problem !== undefined) return refusal(400, 20029, `messages: ${problem}`);
  const parameters = decodeParameters(body);
  if ("status" in parameters) return parameters;
  const records = messages.filter(isRecord);
  const sampling = Object.fromEntries(
    samplingNames.filter((name) => (body[name] ?? null) !== null).map((name) => [name, body[name]]),
  );
  return {
    ...parameters,
    model,
    texts: records.map((message) => ({ role: String(message.role), text: messageText(message) })),
    mediaParts: records.reduce((sum, message) => sum + mediaOf(message.content), 0),
    prompt: lastUserText(records),
    identity: canonicalJson([messages, sampling]),
    body,
  };
}

function messageProblem(message: unknown): string | null {
  if (!isRecord(message)) return "Input should be a valid dictionary";
  const { role, content } = message;
  if (role === undefined) return "Field required: role";
  if (!roles.has(role)) return "role: Input should be 'system', 'user', 'assistant' or 'tool'";
  if (typeof content === "string") return null;
  if (content === null || content === undefined)
    return role === "assistant" ? null : "Field required: content";
  if (!Array.isArray(content)) return "content: Input should be a valid string";
  const isPart = (part: unknown): boolean => isRecord(part) && typeof part.type === "string";
  return content.every(isPart) ? null : "content: Input should be a list of parts with a type";
}

function messageText(message: Readonly<Record<string, unknown>>): string {
  const calls = message.tool_calls;
  const content = contentText(message.content);
  return Array.isArray(calls) && calls.length > 0 ? content + JSON.stringify(calls) : content;
}

function mediaOf(content: unknown): number {
  return Array.isArray(content) ? content.filter((part) => isRecord(part) && part.type !== "text").length : 0;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
