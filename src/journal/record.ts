import { crc32 } from "node:zlib";
import type { AttemptOutcome } from "../outcome/attempt.ts";
import {
  type Answer,
  type Completion,
  type FinishReason,
  type Usage,
  unknownUsage,
} from "../outcome/completion.ts";
import type { Failure, FailureKind } from "../outcome/failure.ts";
import type { LimitAxis } from "../outcome/limit-axis.ts";

/** Version of the journal's lines. A reader refuses what is newer. */
export const journalVersion = 1;

interface UsageRecord {
  readonly prompt_tokens: number | null;
  readonly completion_tokens: number | null;
  readonly reasoning_tokens: number | null;
  readonly cached_tokens: number | null;
  readonly total_tokens: number | null;
  /** As in `Usage.statedCost`; absent where the server states none. */
  readonly cost?: number;
  readonly estimated?: true;
}

interface ChoiceRecord {
  readonly choice: number;
  readonly content: string;
  readonly reasoning?: string;
  readonly tool_calls?: readonly {
    readonly id: string | null;
    readonly name: string;
    readonly arguments: string;
  }[];
  readonly refusal?: string;
  readonly finish_reason: FinishReason | null;
  readonly finish_reason_raw: string | null;
}

/** One HTTP exchange that ended, with the full answer. Times are milliseconds, `started_at` is ISO 8601 in UTC. */
export interface AttemptRecord {
  readonly v: 1;
  readonly kind: "attempt";
  readonly request_id: string;
  readonly variant_id: string;
  readonly row_id: string;
  readonly trial: number;
  /** Counts from 1 within a session. */
  readonly attempt: number;
  /** Identity of what was bought: provider, body, trial. */
  readonly body_id: string;
  /** The provider's id of the batch that it came in: then its times say nothing, and are 0. Absent for all else. */
  readonly batch?: string;
  readonly status: "ok" | "failed";
  readonly started_at: string;
  readonly queued_ms: number;
  readonly latency_ms: number;
  readonly ttft_ms: number | null;
  readonly total_ms: number;
  readonly http_status: number | null;
  readonly trace_id: string | null;
  readonly response_id?: string;
  readonly response_model?: string;
  /** A digest, as in `Answer.systemFingerprint`. */
  readonly system_fingerprint?: string;
  /** Of a failed attempt only where the server stated something before it broke. */
  readonly usage?: UsageRecord;
  readonly choices?: readonly ChoiceRecord[];
  readonly failure?: {
    readonly kind: FailureKind;
    readonly message: string;
    readonly code: string | null;
    readonly retryable: boolean;
    readonly maybe_billed: boolean;
  };
  /** The run an answer was taken from; absent for what this run bought. */
  readonly reused_from?: string;
}

/** Start or end of one process that worked on the run. */
export interface SessionRecord {
  readonly v: 1;
  readonly kind: "session";
  readonly event: "start" | "end";
  /** `score`: it asked judges; `merge`: it joined journals; absent for one that asked for answers. */
  readonly work?: "score" | "merge";
  /** The part of the plan that it asked, such as `2/8`; absent for all of it. */
  readonly shard?: string;
  readonly session: string;
  readonly at: string;
  readonly promptgrid_version: string;
  readonly node_version: string;
  /** Only at the end: seconds on the monotonic clock. */
  readonly wall_seconds?: number;
  readonly status?: "complete" | "incomplete" | "interrupted" | "failed";
  readonly reason?: string | null;
  /** What is worth knowing of how it went, in words. */
  readonly notes?: readonly string[];
  readonly event_loop_delay_p99_ms?: number | null;
}

/** A lane changed its pace, and why. */
export interface LaneRecord {
  readonly v: 1;
  readonly kind: "lane";
  readonly at: string;
  readonly lane: string;
  readonly event: "pause" | "cut" | "grow" | "limit" | "charge" | "stop";
  readonly reason: string;
  /** Requests in flight at most, from then on. */
  readonly concurrency: number;
  readonly pause_ms?: number;
  /** The limit that was learned. */
  readonly axis?: LimitAxis;
  readonly limit?: number;
}

/** A server refuses a variant as a whole: what was not sent of it failed for this reason, until it has an answer. */
export interface VariantRecord {
  readonly v: 1;
  readonly kind: "variant";
  readonly event: "refused";
  readonly at: string;
  readonly variant_id: string;
  readonly failure: NonNullable<AttemptRecord["failure"]>;
}

/** The completion that an external scorer was asked about. Equal material has one key, and is asked about once. */
interface ScoredIdentity {
  readonly key: string;
  /** Id of the scorer that asked first. */
  readonly scorer: string;
  readonly variant_id: string;
  readonly row_id: string;
  readonly trial: number;
  readonly choice: number;
}

/** One HTTP exchange with a judge that ended, with what it wrote. Times are milliseconds. */
export interface JudgeRecord
  extends ScoredIdentity,
    Pick<
      AttemptRecord,
      | "attempt"
      | "status"
      | "started_at"
      | "queued_ms"
      | "latency_ms"
      | "ttft_ms"
      | "total_ms"
      | "http_status"
      | "trace_id"
      | "response_id"
      | "response_model"
      | "system_fingerprint"
      | "usage"
      | "choices"
      | "failure"
    > {
  readonly v: 1;
  readonly kind: "score";
  readonly source: "judge";
  /** From 0. */
  readonly vote: number;
  readonly provider: string;
  readonly model: string;
}

/** What a function of the user's said of a completion. */
export interface ModuleRecord extends ScoredIdentity {
  readonly v: 1;
  readonly kind: "score";
  readonly source: "module";
  readonly value: number | null;
  readonly reason?: string;
  readonly details?: Readonly<Record<string, number | null>>;
  /** Why it gave none: it threw, did not end, or returned no score. It is called again the next time. */
  readonly error?: string;
}

export type ScoreRecord = JudgeRecord | ModuleRecord;

/** What became of a batch: requests of one lane that a provider works on as a file. */
export interface BatchRecord {
  readonly v: 1;
  readonly kind: "batch";
  /**
   * `prepared`: its files are written, and it may be sent from now on; `uploaded`; `created`; `ended`: all that came of it
   * stands before this record; `dropped`: it was given up.
   */
  readonly event: "prepared" | "uploaded" | "created" | "ended" | "dropped";
  readonly at: string;
  /** Our name of it: of its files, and in the provider's metadata. */
  readonly name: string;
  readonly provider: string;
  readonly model: string;
  readonly requests: number;
  /** The provider's id of the uploaded file, once there is one. */
  readonly file?: string;
  /** The provider's id of the batch, once there is one. */
  readonly batch?: string;
  /** The provider's last word, of one that ended. */
  readonly status?: string;
}

export type JournalRecord =
  | AttemptRecord
  | SessionRecord
  | LaneRecord
  | VariantRecord
  | ScoreRecord
  | BatchRecord;

const head = '{"crc":"';
const headBytes = Buffer.from(head);
const bodyAt = head.length + 8 + 2;

function checksum(body: string | Buffer): string {
  return crc32(body).toString(16).padStart(8, "0");
}

/** A record as one line with its checksum (CRC-32 of everything behind it) and the newline. */
export function encodeRecord(record: JournalRecord): string {
  const body = JSON.stringify(record).slice(1);
  return `${head}${checksum(body)}",${body}\n`;
}

/** The record of a line (without newline), or words for what is wrong with it. */
export function decodeRecord(line: Buffer): JournalRecord | string {
  return damage(line) ?? parsed(`{${line.toString("utf8", bodyAt)}`);
}

/** An attempt without its answer, and what else says nothing of what it used. */
export type AttemptOutline = Pick<
  AttemptRecord,
  | "kind"
  | "request_id"
  | "variant_id"
  | "row_id"
  | "trial"
  | "body_id"
  | "batch"
  | "status"
  | "started_at"
  | "latency_ms"
  | "failure"
  | "reused_from"
> & {
  /** As JSON where it has not been read yet. */
  readonly usage?: UsageRecord | string;
};

/** The beginning of an answered attempt, as `Session` and `outcomeFields` put it in order; ids without escapes. */
const answeredLine =
  /^"v":1,"kind":"attempt","request_id":"([0-9a-f]+)","variant_id":"([0-9a-f]+)","row_id":"([^"\\]*)","trial":(\d+),"attempt":\d+,"body_id":"([0-9a-f]+)","started_at":"([^"\\]+)","queued_ms":[\d.]+,"total_ms":[\d.]+,"status":"ok","http_status":\d+,"trace_id":(?:null|"[^"\\]*"),"latency_ms":([\d.]+),"ttft_ms":(?:null|[\d.]+),(?:"(?:response_id|response_model|system_fingerprint)":"[^"\\]*",){0,3}"usage":(\{[^{}]*\}),"choices":/;
const reusedEnd = /,"reused_from":"([^"\\]+)"\}$/;
/** Bytes in which the one and the other stand, where ids are of a usual length. */
const outlineBytes = 768;
const endBytes = 96;

/**
 * The outline of a line in a third of the time: a million are read when a run goes on. A line of another form is decoded
 * whole.
 */
export function decodeOutline(line: Buffer): AttemptOutline | JournalRecord | string {
  const found = answeredLine.exec(line.toString("utf8", bodyAt, bodyAt + outlineBytes));
  if (found === null) return decodeRecord(line);
  const wrong = damage(line);
  if (wrong !== null) return wrong;
  const [
    ,
    request = "",
    variant = "",
    row = "",
    trial = "",
    body = "",
    startedAt = "",
    latency = "",
    usage = "{}",
  ] = found;
  const reused = reusedEnd.exec(line.toString("latin1", line.length - endBytes));
  const outline: AttemptOutline = {
    kind: "attempt",
    request_id: request,
    variant_id: variant,
    row_id: row,
    trial: Number(trial),
    body_id: body,
    status: "ok",
    started_at: startedAt,
    latency_ms: Number(latency),
    usage,
  };
  return reused?.[1] === undefined ? outline : { ...outline, reused_from: reused[1] };
}

/** What is wrong with a line as such; null for nothing. */
function damage(line: Buffer): string | null {
  const isRecord =
    line.length > bodyAt &&
    line.compare(headBytes, 0, head.length, 0, head.length) === 0 &&
    line[bodyAt - 2] === 0x22 &&
    line[bodyAt - 1] === 0x2c;
  if (!isRecord) return "not a journal record";
  const written = line.toString("latin1", head.length, head.length + 8);
  return checksum(line.subarray(bodyAt)) === written ? null : "checksum does not agree";
}

function parsed(text: string): JournalRecord | string {
  let record: JournalRecord;
  try {
    record = JSON.parse(text) as JournalRecord;
  } catch {
    return "not JSON";
  }
  return record.v === journalVersion ? record : `written by a newer version (v${String(record.v)})`;
}

/** The part of an attempt record that comes from the exchange itself. */
export function outcomeFields(
  outcome: AttemptOutcome,
): Pick<
  AttemptRecord,
  | "status"
  | "http_status"
  | "trace_id"
  | "latency_ms"
  | "ttft_ms"
  | "response_id"
  | "response_model"
  | "system_fingerprint"
  | "usage"
  | "choices"
  | "failure"
> {
  const common = {
    http_status: outcome.httpStatus,
    trace_id: outcome.traceId,
    latency_ms: round(outcome.times.latencyMs),
    ttft_ms: outcome.times.ttftMs === null ? null : round(outcome.times.ttftMs),
  };
  if (outcome.status === "failed") {
    return {
      status: "failed",
      ...common,
      ...(outcome.usage === undefined ? {} : { usage: usageRecord(outcome.usage) }),
      failure: failureRecord(outcome.failure),
    };
  }
  const { answer } = outcome;
  return {
    status: "ok",
    ...common,
    ...(answer.responseId === null ? {} : { response_id: answer.responseId }),
    ...(answer.responseModel === null ? {} : { response_model: answer.responseModel }),
    ...(answer.systemFingerprint === undefined ? {} : { system_fingerprint: answer.systemFingerprint }),
    usage: usageRecord(answer.usage),
    choices: answer.completions.map(choiceRecord),
  };
}

/** A failure as records hold it. */
export function failureRecord(failure: Failure): NonNullable<AttemptRecord["failure"]> {
  const { kind, message, code, retryable, maybeBilled } = failure;
  return { kind, message, code, retryable, maybe_billed: maybeBilled };
}

function usageRecord(usage: Usage): UsageRecord {
  const cost = usage.statedCost ?? null;
  return {
    prompt_tokens: usage.promptTokens,
    completion_tokens: usage.completionTokens,
    reasoning_tokens: usage.reasoningTokens,
    cached_tokens: usage.cachedTokens,
    total_tokens: usage.totalTokens,
    ...(cost === null ? {} : { cost }),
    ...(usage.estimated ? { estimated: true as const } : {}),
  };
}

function choiceRecord(completion: Completion): ChoiceRecord {
  return {
    choice: completion.choice,
    content: completion.content,
    ...(completion.reasoning === "" ? {} : { reasoning: completion.reasoning }),
    ...(completion.toolCalls.length === 0
      ? {}
      : {
          tool_calls: completion.toolCalls.map(({ id, name, arguments: text }) => ({
            id,
            name,
            arguments: text,
          })),
        }),
    ...(completion.refusal === null ? {} : { refusal: completion.refusal }),
    finish_reason: completion.finishReason,
    finish_reason_raw: completion.finishReasonRaw,
  };
}

/** The answer a record holds; null for a failed attempt. */
export function recordedAnswer(
  record: Pick<
    AttemptRecord,
    "status" | "choices" | "usage" | "response_id" | "response_model" | "system_fingerprint"
  >,
): Answer | null {
  if (record.status !== "ok" || record.choices === undefined) return null;
  return {
    completions: record.choices.map((choice) => ({
      choice: choice.choice,
      content: choice.content,
      reasoning: choice.reasoning ?? "",
      toolCalls: choice.tool_calls ?? [],
      refusal: choice.refusal ?? null,
      finishReason: choice.finish_reason,
      finishReasonRaw: choice.finish_reason_raw,
    })),
    usage: recordedUsage(record) ?? unknownUsage,
    responseId: record.response_id ?? null,
    responseModel: record.response_model ?? null,
    ...(record.system_fingerprint === undefined ? {} : { systemFingerprint: record.system_fingerprint }),
  };
}

/** The usage a record holds; null where the server stated none. */
export function recordedUsage({ usage: written }: Pick<AttemptOutline, "usage">): Usage | null {
  const usage = typeof written === "string" ? (JSON.parse(written) as UsageRecord) : written;
  if (usage === undefined) return null;
  return {
    promptTokens: usage.prompt_tokens,
    completionTokens: usage.completion_tokens,
    reasoningTokens: usage.reasoning_tokens,
    cachedTokens: usage.cached_tokens,
    totalTokens: usage.total_tokens,
    ...(usage.cost === undefined ? {} : { statedCost: usage.cost }),
    estimated: usage.estimated === true,
  };
}

/** The failure a record holds; null for an answered attempt. */
export function recordedFailure(record: Pick<AttemptRecord, "failure">): Failure | null {
  const { failure } = record;
  if (failure === undefined) return null;
  return {
    kind: failure.kind,
    message: failure.message,
    code: failure.code,
    retryable: failure.retryable,
    maybeBilled: failure.maybe_billed,
  };
}

/** Milliseconds to the microsecond: what the clock can tell, and no more digits. */
export function round(ms: number): number {
  return Math.round(ms * 1_000) / 1_000;
}
