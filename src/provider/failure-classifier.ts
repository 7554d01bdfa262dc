import type { Failure } from "../outcome/failure.ts";
import { type ErrorFacts, readErrorBody } from "./error-body.ts";
import { judge } from "./failure-rules.ts";
import { oneLine } from "./one-line.ts";

/** An HTTP answer with a status that is no success. */
export interface ErrorResponse {
  readonly status: number;
  /** Text of the body, of any shape; may be cut. */
  readonly body: string;
  /** Where a redirect leads; null without one. */
  readonly location: string | null;
  /** Whether the server named a time to wait. */
  readonly waitKnown: boolean;
  /** The URL asked, for messages. */
  readonly url: string;
  /** Codes that mean the current minute at this server, whatever they mean elsewhere. */
  readonly paceCodes?: readonly string[];
  /** Whether the server said not to send the same again. */
  readonly retryForbidden?: boolean;
}

/** Statuses with which a gateway gives up on a server that may have done the work. */
const lostBehindGateway: ReadonlySet<number> = new Set([502, 504, 520, 524]);

/** The failure that an HTTP error answer stands for. */
export function classifyResponse(response: ErrorResponse): Failure {
  const { status, waitKnown, paceCodes = [] } = response;
  const facts = readErrorBody(response.body);
  const text = haystack(facts);
  const { kind, retryable } = judge({ status, facts, text, waitKnown, paceCodes });
  return {
    kind,
    message: oneLine(messageOf(response, facts)),
    code: facts.code === null ? null : oneLine(facts.code, 200),
    retryable: retryable && response.retryForbidden !== true,
    maybeBilled: lostBehindGateway.has(status),
  };
}

/**
 * The failure that an error inside a 200 stands for. `begun` says whether part of an answer came before it, which the
 * server may charge for.
 */
export function classifyHiddenError(
  facts: ErrorFacts,
  begun: boolean,
  paceCodes: readonly string[] = [],
): Failure {
  const text = haystack(facts);
  const isPace = facts.code !== null && paceCodes.includes(facts.code);
  const status = isPace ? 429 : statusOf(facts, text);
  const { kind, retryable } = judge({ status, facts, text, waitKnown: false, paceCodes });
  return {
    kind,
    message: oneLine(facts.message ?? `the server reported an error without a message${codeSuffix(facts)}`),
    code: facts.code === null ? null : oneLine(facts.code, 200),
    retryable,
    maybeBilled: begun,
  };
}

function haystack(facts: ErrorFacts): string {
  return [facts.code, facts.type, facts.message]
    .filter((part) => part !== null)
    .join(" ")
    .toLowerCase();
}

function messageOf({ status, location, url }: ErrorResponse, facts: ErrorFacts): string {
  if (status >= 300 && status < 400) {
    return `${url} redirects (HTTP ${status})${location === null ? "" : ` to ${location}`}; redirects are not followed`;
  }
  if (facts.page !== null) {
    return `HTTP ${status} with an HTML page${facts.page === "" ? "" : ` titled "${facts.page}"`} from ${url}`;
  }
  const said = facts.message ?? `HTTP ${status} without a message${codeSuffix(facts)}`;
  // Some old proxies refuse what other servers must be asked for.
  if (status < 500 && said.includes("stream_options"))
    return `${oneLine(said, 1900)} (\`stream_options: null\` in \`parameters\` leaves it out)`;
  // A wrong base URL shows itself by these two, and mostly without a code.
  return (status === 404 || status === 405) && facts.code === null
    ? `${said} (HTTP ${status} from ${url})`
    : said;
}

function codeSuffix({ code, type }: ErrorFacts): string {
  return code === null && type === null
    ? ""
    : ` (${[code, type].filter((part) => part !== null).join(", ")})`;
}

/** Names that errors carry instead of a status, most telling first. */
const namedStatus: readonly (readonly [RegExp, number])[] = [
  [/rate_?limit|slow_down|too many requests|throttl/, 429],
  [/overloaded|service_?unavailable|server_busy|too busy/, 503],
  [/authentication|unauthorized|invalid_api_key/, 401],
  [/permission|forbidden/, 403],
  [/not_?found/, 404],
  [/invalid_request|bad_?request|unsupported_|unknown_parameter|extra_forbidden|invalid_?parameter/, 400],
  [/timeout|timed out/, 504],
];

function statusOf(facts: ErrorFacts, text: string): number {
  if (facts.status !== null) return facts.status;
  if (/^20\d{3}$/.test(facts.code ?? "")) return 400;
  if (/^30\d{3}$/.test(facts.code ?? "")) return 403;
  return namedStatus.find(([pattern]) => pattern.test(text))?.[1] ?? 500;
}
