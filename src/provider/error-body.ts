import { bodyTraceId } from "./body-trace-id.ts";
import { codeOrNull, isJsonObject, type JsonObject, parseJson, textOrNull } from "./json-value.ts";
import { oneLine } from "./one-line.ts";

/** What an error body of any shape says. */
export interface ErrorFacts {
  /** The server's own words on one line; null when it said nothing readable. */
  readonly message: string | null;
  readonly code: string | null;
  readonly type: string | null;
  /** The HTTP status that the body itself names, for failures inside a 200. */
  readonly status: number | null;
  /** The server's id of the exchange, where the body has it: DashScope's `request_id`. */
  readonly requestId: string | null;
  /** Title of the HTML page that came instead of an error, `""` when it has none; null when it is no page. */
  readonly page: string | null;
}

const nothing: ErrorFacts = {
  message: null,
  code: null,
  type: null,
  status: null,
  requestId: null,
  page: null,
};

/** Reads an error body as text: JSON of the known shapes, a bare JSON string, an event stream, plain text or HTML. */
export function readErrorBody(body: string): ErrorFacts {
  const text = body.replace(/^\uFEFF/, "").trim();
  if (text === "") return nothing;
  if (text.startsWith("<")) return { ...nothing, page: pageTitle(text) };
  const value = parseJson(text);
  if (value !== undefined) return readErrorValue(value);
  const data = /^(?:event:.*\r?\n)?data:(.*)$/m.exec(text);
  if (data?.[1] !== undefined && /^(?:event|data):/.test(text)) return readErrorBody(data[1]);
  return { ...nothing, message: textOrNull(oneLine(text)) };
}

/** Reads an error that was already parsed: the whole body, or the value of its `error`. */
export function readErrorValue(value: unknown): ErrorFacts {
  return read(value, 0);
}

/**
 * The error that a 200 body or a stream event carries instead of an answer, or null: a top-level `error`, `base_resp` with
 * a status other than 0, an `error` inside a choice, or a message or `detail` where no `choices` are.
 */
export function hiddenError(value: JsonObject): ErrorFacts | null {
  const { error, base_resp: base, choices } = value;
  if (textOrNull(error) !== null || (isJsonObject(error) && Object.keys(error).length > 0))
    return readErrorValue(value);
  if (isJsonObject(base) && Number(base.status_code ?? 0) !== 0) return readErrorValue(value);
  if (Array.isArray(choices)) {
    for (const choice of choices) {
      if (isJsonObject(choice) && isJsonObject(choice.error)) return readErrorValue(choice);
    }
    return null;
  }
  const says = textOrNull(value.message) ?? textOrNull(value.msg) ?? value.detail;
  return says !== undefined && says !== null ? readErrorValue(value) : null;
}

const deepestError = 4;

function read(value: unknown, depth: number): ErrorFacts {
  if (typeof value === "string") return { ...nothing, message: textOrNull(oneLine(value)) };
  if (Array.isArray(value))
    return depth < deepestError && value.length > 0 ? read(value[0], depth + 1) : nothing;
  if (!isJsonObject(value) || depth > deepestError) return nothing;
  const requestId = bodyTraceId(value);
  if (isJsonObject(value.base_resp) && value.error === undefined) return readBaseResp(value.base_resp);
  const { error } = value;
  if (isJsonObject(error)) {
    const inner = read(error, depth + 1);
    return { ...inner, code: inner.code ?? codeOrNull(value.code), requestId };
  }
  const message = messageOf(value) ?? textOrNull(error);
  const code = codeOrNull(value.code);
  return {
    message: message === null ? null : textOrNull(oneLine(message)),
    code,
    type: textOrNull(value.type),
    status: statusIn(value.status) ?? statusIn(value.code),
    requestId,
    page: null,
  };
}

function messageOf(value: JsonObject): string | null {
  const own = textOrNull(value.message) ?? textOrNull(value.msg) ?? detailText(value.detail);
  const { metadata } = value;
  // OpenRouter says "Provider returned error" and keeps the words of the upstream server apart.
  const raw = isJsonObject(metadata) ? textOrNull(metadata.raw) : null;
  if (raw === null) return own ?? (isJsonObject(value.message) ? JSON.stringify(value.message) : null);
  const upstream = readErrorBody(raw).message ?? raw;
  return own === null ? upstream : `${own}: ${upstream}`;
}

function detailText(detail: unknown): string | null {
  if (typeof detail === "string") return textOrNull(detail);
  if (isJsonObject(detail)) return textOrNull(detail.message) ?? textOrNull(detail.msg);
  if (!Array.isArray(detail)) return null;
  const lines = detail.slice(0, 20).map((item: unknown) => {
    if (!isJsonObject(item)) return typeof item === "string" ? item : "";
    const { loc } = item;
    const place = Array.isArray(loc) ? loc.filter((part) => part !== "body").join(".") : "";
    const says = textOrNull(item.msg) ?? textOrNull(item.type) ?? "";
    return place === "" ? says : `${place}: ${says}`;
  });
  return textOrNull(lines.filter((line) => line !== "").join("; "));
}

/** MiniMax's codes, as the HTTP status another server would have sent. */
const baseRespStatus: Readonly<Record<string, number>> = {
  "1001": 504,
  "1002": 429,
  "1004": 401,
  "1008": 402,
  "1026": 451,
  "1027": 451,
  "1039": 429,
  "2013": 400,
  "2049": 401,
};

function readBaseResp(base: JsonObject): ErrorFacts {
  const code = codeOrNull(base.status_code);
  const message = textOrNull(base.status_msg);
  return {
    ...nothing,
    message: message === null ? null : oneLine(message),
    code,
    status: baseRespStatus[code ?? ""] ?? 500,
  };
}

function statusIn(value: unknown): number | null {
  const number = typeof value === "string" && /^[45]\d\d$/.test(value) ? Number(value) : value;
  return typeof number === "number" && number >= 400 && number < 600 ? number : null;
}

function pageTitle(html: string): string {
  const title =
    /<title[^>]*>([^<]*)</i.exec(html.slice(0, 20_000))?.[1] ?? /<h1[^>]*>([^<]*)</i.exec(html)?.[1] ?? "";
  return oneLine(title, 200);
}
