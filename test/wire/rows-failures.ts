import type { Failure } from "../../src/outcome/failure.ts";
import {
  bare,
  type FailureRow,
  hidden,
  lost,
  others,
  overflows,
  siliconflow,
  url,
} from "../provider/failure-rows.ts";
import { type Gives, keyVariable, replyRow } from "./exchange.ts";
import type { WireGroup, WireRow } from "./row.ts";

/** `auth` and `quota` name the variable of the key. */
function told(kind: Failure["kind"], message: string): string {
  const said = message.replaceAll(url, "{url}");
  return kind === "auth" || kind === "quota" ? `${said} (key from \`${keyVariable}\`)` : said;
}

function rowOf(from: (name: string) => string): (row: FailureRow) => WireRow {
  return ([name, status, body, kind, retryable, code, message]) => {
    const wait = /again in ([\d.]+)ms/.exec(message)?.[1];
    const gives: Gives = {
      kind,
      message: told(kind, message),
      code,
      retryable,
      maybeBilled: lost.has(status),
      ...(wait === undefined ? {} : { retryAfterMs: Number(wait) }),
      ...(hasRequestId(body) ? { traceId: body.request_id } : {}),
    };
    return replyRow(name, from(name), { status, body }, gives);
  };
}

/** DashScope's id of the exchange stands in the body. */
function hasRequestId(body: unknown): body is { readonly request_id: string } {
  return typeof body === "object" && body !== null && "request_id" in body;
}

const waits: readonly WireRow[] = [
  replyRow(
    "a wait in seconds, and SiliconFlow's trace id",
    "SiliconFlow §1, dialects §4",
    {
      status: 429,
      headers: { "retry-after": "20", "x-siliconcloud-trace-id": "ti_1" },
      body: { message: "Request was rejected due to rate limiting. Details: RPM limit reached.", data: null },
    },
    {
      kind: "rate_limited",
      message: "Request was rejected due to rate limiting. Details: RPM limit reached.",
      retryable: true,
      retryAfterMs: 20_000,
      traceId: "ti_1",
    },
  ),
  replyRow(
    "a wait in milliseconds goes before one in seconds",
    "dialects §4",
    { status: 503, headers: { "retry-after-ms": "1500", "retry-after": "2", "x-request-id": "q" }, body: "" },
    {
      kind: "overloaded",
      message: "HTTP 503 without a message",
      retryable: true,
      retryAfterMs: 1500,
      traceId: "q",
    },
  ),
  replyRow(
    "a wait up to a date, by the server's own clock",
    "dialects §4",
    {
      status: 429,
      headers: { date: "Wed, 21 Oct 2026 07:28:00 GMT", "retry-after": "Wed, 21 Oct 2026 07:28:30 GMT" },
      body: { error: { message: "slow" } },
    },
    { kind: "rate_limited", message: "slow", retryable: true, retryAfterMs: 30_000 },
  ),
  ...["-5", "soon", "999999999"].map((value) =>
    replyRow(
      `the wait \`${value}\` is none`,
      "dialects §4",
      { status: 429, headers: { "retry-after": value }, body: { error: { message: "slow" } } },
      { kind: "rate_limited", message: "slow", retryable: true },
    ),
  ),
  replyRow(
    "402 with a wait is a budget that refills",
    "dialects §3",
    { status: 402, headers: { "retry-after": "3" }, body: { error: { code: 402, message: "in flight" } } },
    { kind: "rate_limited", message: "in flight", code: "402", retryable: true, retryAfterMs: 3000 },
  ),
  replyRow(
    "a redirect is not followed",
    "dialects §8",
    { status: 308, headers: { location: "https://b.example/v1" }, body: "" },
    {
      kind: "invalid_request",
      message: "{url} redirects (HTTP 308) to https://b.example/v1; redirects are not followed",
    },
  ),
];

/** The bodies of SiliconFlow. */
export const siliconflowFailures: WireGroup = {
  title: "Failures of SiliconFlow",
  text: "The server answers with the status and the body; kind, message, code, whether the request is asked again and whether it may have been billed are compared, and the trace id and the wait.",
  heads: ["the server sends", "becomes"],
  rows: [
    ...siliconflow.map(rowOf(() => "SiliconFlow §8")),
    ...overflows.map(([, ...rest]) =>
      rowOf(() => "SiliconFlow §5, dialects §3")([`a prompt too long: ${rest[5].slice(0, 40)}`, ...rest]),
    ),
  ],
};

/** The bodies of everybody else. */
export const otherFailures: WireGroup = {
  title: "Failures of other servers",
  text: "As above; permanent failures that look transient and transient ones that look permanent are among them.",
  heads: ["the server sends", "becomes"],
  rows: [...others.map(rowOf(() => "dialects §3")), ...waits],
};

/** Statuses alone. */
export const bareFailures: WireGroup = {
  title: "Statuses without a body",
  text: "As above.",
  heads: ["the server sends", "becomes"],
  rows: bare.map(([status, kind, retryable]) => {
    const place = status === 404 || status === 405 ? ` (HTTP ${status} from {url})` : "";
    const message = told(kind, `HTTP ${status} without a message${place}`);
    const gives = { kind, message, retryable, maybeBilled: lost.has(status) };
    return replyRow(`HTTP ${status}`, "dialects §3", { status, body: "" }, gives);
  }),
};

/** Errors inside a 200. */
export const hiddenFailures: WireGroup = {
  title: "Failures inside a 200",
  text: "The body comes with status 200, unstreamed; without `choices` it is no answer.",
  heads: ["the server sends", "becomes"],
  rows: hidden.map(([body, kind, retryable, code]) => {
    const message = told(kind, messageIn(body));
    return replyRow(message, "dialects §2, §3", { body }, { kind, message, retryable, code });
  }),
};

function messageIn(body: unknown): string {
  const found = /"(?:message|status_msg)":"([^"]*)"/.exec(JSON.stringify(body))?.[1];
  if (found === undefined) throw new Error("a row without a message");
  return found;
}
