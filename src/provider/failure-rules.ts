import type { FailureKind } from "../outcome/failure.ts";
import type { ErrorFacts } from "./error-body.ts";

/** What a rule looks at. */
export interface Complaint {
  /** The HTTP status, or for a failure inside a 200 the one its body stands for. */
  readonly status: number;
  readonly facts: ErrorFacts;
  /** Code, type and message in lower case. */
  readonly text: string;
  /** Whether the server named a time to wait. */
  readonly waitKnown: boolean;
  /** Codes that mean the current minute at this server, whatever they mean elsewhere. */
  readonly paceCodes: readonly string[];
}

/** What is to be made of a complaint. */
export interface Verdict {
  readonly kind: FailureKind;
  readonly retryable: boolean;
}

interface Rule extends Verdict {
  readonly when: (complaint: Complaint) => boolean;
}

const says =
  (pattern: RegExp) =>
  ({ text }: Complaint): boolean =>
    pattern.test(text);
const code =
  (...codes: readonly string[]) =>
  ({ facts }: Complaint): boolean =>
    facts.code !== null && codes.includes(facts.code);
const zhipu =
  (...codes: readonly string[]) =>
  (complaint: Complaint): boolean =>
    complaint.status === 429 && code(...codes)(complaint);

const overflow =
  /context_length_exceeded|maximum context length|max_prompt_tokens|max_seq_len|exceeded model token limit|range of input length|prompt 超长|exceed_context_size|exceeds? the (?:available |model's )?context (?:size|window|length)|prompt is too long/;
const moderation =
  /content_filter|content_policy_violation|data_?inspection_?failed|responsibleaipolicyviolation|content management policy|sensitive content/;
const noMoney =
  /insufficient_quota|exceeded your current quota|exceeded_current_quota|credit_balance_exhausted|usage_limit_exceeded|billing_hard_limit|billing_not_active|\barrearage\b|balance is (?:insufficient|not enough)|insufficient (?:account )?(?:balance|credits?|funds)/;
const identity =
  /identity verification|real[- ]?name (?:verification|authentication)|could only send \d+ requests per day/;
const daily = /\b(?:rpd|tpd|ipd)\b(?: limit|\))|(?:requests|tokens) per day/;

/** Most telling first. Texts and codes stand above the status, because many servers send 400, 403 or 429 for anything. */
const rules: readonly Rule[] = [
  { kind: "rate_limited", retryable: true, when: (c) => c.status === 429 && isPace(c) },
  { kind: "content_filtered", retryable: false, when: (c) => c.status === 451 || code("20021", "1301")(c) },
  { kind: "content_filtered", retryable: false, when: (c) => isNoLimit(c) && moderation.test(ownWords(c)) },
  {
    kind: "content_filtered",
    retryable: false,
    when: (c) => c.status === 403 && /moderation|flagged/.test(c.text),
  },
  { kind: "context_overflow", retryable: false, when: (c) => code("1261")(c) || mayOverflow(c) },
  { kind: "quota", retryable: false, when: says(identity) },
  { kind: "quota", retryable: false, when: (c) => c.status !== 400 && daily.test(ownWords(c)) },
  { kind: "quota", retryable: false, when: (c) => noMoney.test(isAboutRequest(c) ? names(c) : ownWords(c)) },
  { kind: "quota", retryable: false, when: code("30001", "30005", "30011", "50605", "50606", "50608") },
  { kind: "quota", retryable: false, when: zhipu("1113", "1304", "1308", "1309", "1310") },
  { kind: "rate_limited", retryable: true, when: (c) => c.status === 402 && c.waitKnown },
  { kind: "quota", retryable: false, when: (c) => c.status === 402 },
  { kind: "auth", retryable: false, when: code("30002", "30014", "invalid_api_key", "account_deactivated") },
  {
    kind: "auth",
    retryable: false,
    when: (c) =>
      c.status === 400 && /api[ _]key (?:is )?(?:not valid|invalid)|invalid api[ _]key/.test(c.text),
  },
  // One request larger than the whole minute's budget: waiting does not help.
  {
    kind: "invalid_request",
    retryable: false,
    when: (c) => c.status === 429 && /request too large/.test(c.text),
  },
  { kind: "overloaded", retryable: true, when: says(/engine_overloaded|overloaded_error|capacity_exceeded/) },
  {
    kind: "overloaded",
    retryable: true,
    when: (c) => zhipu("1305", "1312")(c) || code("50505", "50508", "50603")(c),
  },
  {
    kind: "rate_limited",
    retryable: true,
    when: code("50601", "50602", "50604", "50607", "rate_limit_exceeded"),
  },
  // new-api's way to say that the body was not understood.
  {
    kind: "invalid_request",
    retryable: false,
    when: (c) => c.status === 500 && /json: cannot unmarshal/.test(c.text),
  },
];

const byStatus: ReadonlyMap<number, Verdict> = new Map<number, Verdict>([
  [401, { kind: "auth", retryable: false }],
  [403, { kind: "auth", retryable: false }],
  [408, { kind: "timeout", retryable: true }],
  [409, { kind: "server", retryable: true }],
  [425, { kind: "server", retryable: true }],
  [429, { kind: "rate_limited", retryable: true }],
  [498, { kind: "overloaded", retryable: true }],
  [499, { kind: "server", retryable: true }],
  [501, { kind: "server", retryable: false }],
  [503, { kind: "overloaded", retryable: true }],
  [505, { kind: "server", retryable: false }],
  [529, { kind: "overloaded", retryable: true }],
]);

/** Kind and retry of a complaint: the first rule that fits, else what its status says. */
export function judge(complaint: Complaint): Verdict {
  const rule = rules.find((r) => r.when(complaint));
  if (rule !== undefined) return { kind: rule.kind, retryable: rule.retryable };
  const known = byStatus.get(complaint.status);
  if (known !== undefined) return known;
  return complaint.status >= 500
    ? { kind: "server", retryable: true }
    : { kind: "invalid_request", retryable: false };
}

/** DashScope's quota words mean the current minute. Behind a gateway it is known by words that no one else has. */
function isPace({ facts, text, paceCodes }: Complaint): boolean {
  if (facts.code !== null && paceCodes.includes(facts.code)) return true;
  return (
    /^(?:throttling\b|limitrequests\b)|\bthrottling\.(?:rate|allocation)quota/.test(text) ||
    ((facts.code === null || facts.code === "insufficient_quota") &&
      /aliyun|alibabacloud|dashscope/.test(text))
  );
}

/** What a complaint says of the request or the account: a server that broke may quote anything. */
function ownWords(c: Complaint): string {
  return c.status >= 500 ? names(c) : c.text;
}

/** A refusal of what was sent may quote it. */
function isAboutRequest({ status }: Complaint): boolean {
  return status === 400 || status === 422;
}

function names({ facts }: Complaint): string {
  return `${facts.code ?? ""} ${facts.type ?? ""}`.toLowerCase();
}

function isNoLimit({ status }: Complaint): boolean {
  return status !== 401 && status !== 429;
}

function mayOverflow(complaint: Complaint): boolean {
  return isNoLimit(complaint) && complaint.status !== 403 && overflow.test(complaint.text);
}
