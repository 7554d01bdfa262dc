import { UsageError } from "../errors.ts";
import type { ToolCall } from "../outcome/completion.ts";
import { BoundedCache } from "./bounded-cache.ts";
import type { ChatRequest } from "./chat-request.ts";
import { problemText, readJsonLines } from "./json-lines.ts";
import { requestDigest } from "./request-digest.ts";

/** One recorded answer. What the line did not say is null. */
export interface Recording {
  readonly content: string;
  readonly reasoning: string | null;
  readonly toolCalls: readonly ToolCall[];
  readonly finishReason: string | null;
  /** As it stood on the wire. */
  readonly usage: Readonly<Record<string, unknown>> | null;
}

/** Recorded answers by `recordingKey`, in the order of the file. */
export type Recordings = ReadonlyMap<string, readonly Recording[]>;

/** A file of recorded answers has bad lines; the message names each as `file:line`. */
export class RecordingError extends UsageError {}

/** What a recorded answer is found by: the model and the text of the last user message. */
export function recordingKey(model: string, prompt: string): string {
  return `${model}\n${prompt}`;
}

/** What a recorded answer is found by that belongs to one exact request (see `requestDigest`). */
function exactKey(digest: string): string {
  return `request\n${digest}`;
}

/** The model of a `recordingKey`. */
export function recordedModel(key: string): string {
  return key.slice(0, key.indexOf("\n"));
}

/**
 * Reads recorded answers: JSONL lines
 * `{ model, prompt, content, reasoning_content?, tool_calls?, finish_reason?, usage?, request? }`. `tool_calls` are as on
 * the wire or `{ id, name, arguments }`. With `request`, a digest of the body, it answers that very request only. Throws a `RecordingError`.
 */
export function parseRecordings(text: string, fileName: string): Recordings {
  const recordings = new Map<string, Recording[]>();
  const { problems } = readJsonLines(text, fileName, (line) => {
    const { model, prompt } = line;
    if (typeof model !== "string" || model === "" || model.includes("\n"))
      return "`model` must be a text of one line";
    if (typeof prompt !== "string") return "`prompt` must be a text";
    const recording = decodeRecording(line);
    if (typeof recording === "string") return recording;
    const key = typeof line.request === "string" ? exactKey(line.request) : recordingKey(model, prompt);
    const known = recordings.get(key);
    if (known === undefined) recordings.set(key, [recording]);
    else known.push(recording);
    return recording;
  });
  if (problems.length > 0) throw new RecordingError("simulator/bad-recording", problemText(problems));
  return recordings;
}

function decodeRecording(line: Readonly<Record<string, unknown>>): Recording | string {
  const toolCalls = decodeCalls(line.tool_calls ?? []);
  if (toolCalls === null) return "`tool_calls` must be a list of function calls";
  const content = line.content ?? (toolCalls.length > 0 ? "" : undefined);
  if (typeof content !== "string") return "`content` must be a text";
  const reasoning = line.reasoning_content ?? null;
  if (reasoning !== null && typeof reasoning !== "string") return "`reasoning_content` must be a text";
  const finishReason = line.finish_reason ?? null;
  if (finishReason !== null && typeof finishReason !== "string") return "`finish_reason` must be a text";
  const usage = line.usage ?? null;
  if (usage !== null && (typeof usage !== "object" || Array.isArray(usage)))
    return "`usage` must be an object";
  return {
    content,
    reasoning,
    toolCalls,
    finishReason,
    usage: usage as Readonly<Record<string, unknown>> | null,
  };
}

function decodeCalls(value: unknown): readonly ToolCall[] | null {
  if (!Array.isArray(value)) return null;
  const calls: ToolCall[] = [];
  for (const item of value) {
    if (typeof item !== "object" || item === null) return null;
    const record = item as Readonly<Record<string, unknown>>;
    const call = (record.function ?? record) as Readonly<Record<string, unknown>>;
    const written = call.arguments ?? "";
    if (typeof call.name !== "string") return null;
    calls.push({
      id: typeof record.id === "string" ? record.id : null,
      name: call.name,
      arguments: typeof written === "string" ? written : JSON.stringify(written),
    });
  }
  return calls;
}

/**
 * Deals recorded answers: the first request of a key gets the first recording, the next the second, and around again.
 * A request that comes again under the same id gets the same recordings again.
 */
export class Playback {
  readonly #recordings: Recordings;
  readonly #next = new Map<string, number>();
  readonly #dealt = new BoundedCache<number>(1_000_000);

  /** Whether any recording belongs to one exact request, so that digests are worth computing. */
  readonly #hasExact: boolean;

  constructor(recordings: Recordings) {
    this.#recordings = recordings;
    this.#hasExact = [...recordings.keys()].some((key) => key.startsWith("request\n"));
  }

  /** `count` recordings for one request with so many choices; null when there is none. */
  take(request: ChatRequest, requestId: string | null, count: number): readonly Recording[] | null {
    const exact = this.#hasExact ? exactKey(requestDigest(request.body)) : "";
    const key = this.#recordings.has(exact) ? exact : recordingKey(request.model, request.prompt);
    const known = this.#recordings.get(key);
    if (known === undefined) return null;
    const first = known.length === 1 ? 0 : this.#deal(key, requestId, count);
    return Array.from({ length: count }, (_, choice) => known[(first + choice) % known.length]).filter(
      (recording): recording is Recording => recording !== undefined,
    );
  }

  #deal(key: string, requestId: string | null, count: number): number {
    const dealt = requestId === null ? undefined : this.#dealt.get(requestId);
    if (dealt !== undefined) return dealt;
    const first = this.#next.get(key) ?? 0;
    this.#next.set(key, first + count);
    if (requestId !== null) this.#dealt.set(requestId, first, 1);
    return first;
  }
}
