import type { LimitHints } from "../outcome/attempt.ts";
import type { Dialect } from "./presets.ts";
import { headerOf, type ResponseHeaders } from "./response-headers.ts";

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/**
 * What the headers say about limits, or null when they say nothing: `retry-after-ms`, `retry-after` (seconds or an HTTP
 * date), `x-ratelimit-{limit,remaining,reset}-{requests,tokens}`, the same with `-minute`, and the plain
 * `x-ratelimit-{limit,remaining,reset}` as requests. Resets are Go durations, seconds, or an instant as Unix time in
 * seconds or milliseconds. `now` is Unix time in milliseconds; the server's own `date` is preferred to it, so that a wrong
 * clock does no harm. Negative, unreadable and absurd values (more than a day) are unknown. Per-day headers are not read,
 * nor are the `-requests` ones where `requestsAre` says that they count a day.
 */
export function readLimitHints(
  headers: ResponseHeaders,
  now: number,
  requestsAre: Dialect["requestsAre"] = "minute",
): LimitHints | null {
  if (!mentionsLimits(headers)) return null;
  const one = (name: string): string | null => headerOf(headers, name)?.trim() ?? null;
  const serverNow = Date.parse(one("date") ?? "");
  const at = Number.isNaN(serverNow) ? now : serverNow;
  const axis = (what: string, unit: string): string | null =>
    (unit === "requests" && requestsAre === "day" ? null : one(`x-ratelimit-${what}-${unit}`)) ??
    one(`x-ratelimit-${what}-${unit}-minute`);
  const plain = (what: string): string | null => one(`x-ratelimit-${what}`);
  const hints: LimitHints = {
    retryAfterMs: milliseconds(one("retry-after-ms")) ?? retryAfter(one("retry-after"), at),
    limitRequests: positive(count(axis("limit", "requests") ?? plain("limit"))),
    remainingRequests: count(axis("remaining", "requests") ?? plain("remaining")),
    resetRequestsMs: reset(axis("reset", "requests") ?? plain("reset"), at),
    limitTokens: positive(count(axis("limit", "tokens"))),
    remainingTokens: count(axis("remaining", "tokens")),
    resetTokensMs: reset(axis("reset", "tokens"), at),
  };
  return Object.values(hints).every((value) => value === null) ? null : hints;
}

/** Hints with the wait that a message asks for, where the headers named none: `Please try again in 5.289s`. */
export function withWaitInText(hints: LimitHints | null, message: string): LimitHints | null {
  if (hints !== null && hints.retryAfterMs !== null) return hints;
  const retryAfterMs = retryAfterInText(message);
  return retryAfterMs === null ? hints : { ...(hints ?? noHints), retryAfterMs };
}

const noHints: LimitHints = {
  retryAfterMs: null,
  limitRequests: null,
  remainingRequests: null,
  resetRequestsMs: null,
  limitTokens: null,
  remainingTokens: null,
  resetTokensMs: null,
};

const waitInText =
  /\b(?:again|retry)\s+(?:in|after)\s+(?:((?:\d+(?:\.\d+)?(?:ms|[smhd]))+)\b|(\d+(?:\.\d+)?)\s*(millisecond|second|minute))/i;
const unitMs: Readonly<Record<string, number>> = { millisecond: 1, second, minute };

function retryAfterInText(text: string): number | null {
  const found = waitInText.exec(text);
  if (found === null) return null;
  const [, duration, amount, unit] = found;
  if (duration !== undefined) return sane(goDuration(duration));
  return sane(Number(amount) * (unitMs[unit?.toLowerCase() ?? ""] ?? Number.NaN));
}

function mentionsLimits(headers: ResponseHeaders): boolean {
  for (const name in headers) {
    if (name.startsWith("retry-after") || name.startsWith("x-ratelimit-")) return true;
  }
  return false;
}

const plainNumber = /^\d+(\.\d+)?$/;

function count(value: string | null): number | null {
  return value !== null && plainNumber.test(value) && Number.isFinite(Number(value)) ? Number(value) : null;
}

function positive(value: number | null): number | null {
  return value !== null && value > 0 ? value : null;
}

function milliseconds(value: string | null): number | null {
  return sane(count(value) ?? Number.NaN);
}

function retryAfter(value: string | null, now: number): number | null {
  if (value === null) return null;
  if (plainNumber.test(value)) return sane(Number(value) * second);
  return sane(goDuration(value)) ?? sane(/[a-z]{3}/i.test(value) ? Date.parse(value) - now : Number.NaN);
}

function reset(value: string | null, now: number): number | null {
  if (value === null) return null;
  if (!plainNumber.test(value)) return sane(goDuration(value));
  const number = Number(value);
  if (number > 1e11) return sane(number - now);
  return sane(number > 1e9 ? number * second - now : number * second);
}

const durationUnits: Readonly<Record<string, number>> = { ms: 1, s: second, m: minute, h: hour, d: day };

function goDuration(value: string): number {
  if (!/^(\d+(\.\d+)?(ms|[smhd]))+$/.test(value)) return Number.NaN;
  let total = 0;
  for (const [, amount, unit] of value.matchAll(/(\d+(?:\.\d+)?)(ms|[smhd])/g)) {
    total += Number(amount) * (durationUnits[unit ?? ""] ?? Number.NaN);
  }
  return total;
}

function sane(ms: number): number | null {
  return ms >= 0 && ms <= day ? ms : null;
}
