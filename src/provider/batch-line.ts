import type { AttemptOutcome } from "../outcome/attempt.ts";
import type { Failure } from "../outcome/failure.ts";
import { badResponse } from "./answer-builder.ts";
import { classifyResponse } from "./failure-classifier.ts";
import { isJsonObject, type JsonObject, parseJson, textOrNull } from "./json-value.ts";
import { oneLine } from "./one-line.ts";
import { decodeResponse } from "./response-decoder.ts";

/** What a line of a batch's results says of one request. */
export interface BatchLine {
  readonly customId: string;
  readonly outcome: AttemptOutcome;
}

/** What reading the lines of one server needs. */
export interface BatchLineFacts {
  /** The URL of chat requests, for messages. */
  readonly url: string;
  readonly paceCodes: readonly string[];
}

/** The most choices that any server gives. */
const mostChoices = 128;
/** Codes with which a request is given back that was never worked on. */
const unworked: ReadonlySet<string> = new Set(["batch_expired", "batch_cancelled"]);

/**
 * Reads a line of an output or error file (OpenAI's `/batches`, SiliconFlow's alike): a response with its status, or an
 * error in place of it. Null for a line that names no request.
 */
export function decodeBatchLine(text: string, facts: BatchLineFacts): BatchLine | null {
  const line = parseJson(text);
  if (!isJsonObject(line) || typeof line.custom_id !== "string") return null;
  return { customId: line.custom_id, outcome: lineOutcome(line, facts) };
}

function lineOutcome(line: JsonObject, facts: BatchLineFacts): AttemptOutcome {
  const { response, error } = line;
  if (!isJsonObject(response)) return failed(errorFailure(error, facts), null, null);
  const status = typeof response.status_code === "number" ? response.status_code : 200;
  const traceId = textOrNull(response.request_id);
  const body = typeof response.body === "string" ? response.body : JSON.stringify(response.body ?? null);
  if (status >= 300) {
    const failure = classifyResponse({ ...facts, status, body, location: null, waitKnown: false });
    return failed(failure, status, traceId);
  }
  const decoded = decodeResponse(body, facts.url, () => mostChoices, facts.paceCodes);
  const exchange = { ...noTimes, httpStatus: status, traceId: decoded.traceId ?? traceId, hints: null };
  return decoded.status === "ok"
    ? { ...exchange, status: "ok", answer: decoded.answer }
    : {
        ...exchange,
        status: "failed",
        failure: decoded.failure,
        ...(decoded.usage === undefined ? {} : { usage: decoded.usage }),
      };
}

/** A batch says nothing of how long its answers took. */
const noTimes = { times: { latencyMs: 0, ttftMs: null } } as const;

function failed(failure: Failure, httpStatus: number | null, traceId: string | null): AttemptOutcome {
  return { status: "failed", failure, ...noTimes, httpStatus, traceId, hints: null };
}

/** An error in place of a response: what expired was not worked on; anything else may have been. */
function errorFailure(error: unknown, { url }: BatchLineFacts): Failure {
  const { code, message } = isJsonObject(error) ? error : { code: null, message: error };
  const said = oneLine(textOrNull(message) ?? "", 300);
  const name = textOrNull(code);
  if (name !== null && unworked.has(name)) return unworkedFailure(name, said);
  const { failure } = badResponse(
    `a batch of ${url} has neither answer nor status${said === "" ? "" : `: ${said}`}`,
    true,
  );
  return name === null ? failure : { ...failure, code: name };
}

function unworkedFailure(code: string, said: string): Failure {
  return {
    kind: "timeout",
    message: said === "" ? "the batch ended before this request was worked on" : said,
    code,
    retryable: true,
    maybeBilled: false,
  };
}

/** A request that a batch had no time for. */
export function unworkedLine(): AttemptOutcome {
  return failed(unworkedFailure("batch_expired", ""), null, null);
}

/** A request that a batch ended without a word about. */
export function missingLine(batch: string): AttemptOutcome {
  const { failure } = badResponse(`the results of batch ${batch} have no line for this request`, true);
  return failed(failure, null, null);
}
