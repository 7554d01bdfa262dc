import type { LimitHints } from "../outcome/attempt.ts";
import type { Failure } from "../outcome/failure.ts";
import { mentionsLimits, readLimitHeaders } from "./limit-headers.ts";
import { limitInText, waitInText } from "./limit-texts.ts";
import { headerCount, retryAfterMs, saneMs } from "./limit-times.ts";
import type { Dialect } from "./presets.ts";
import { headerOf, type ResponseHeaders } from "./response-headers.ts";

/**
 * What the headers say about limits, or null when they say nothing: `retry-after-ms`, `retry-after` (seconds or a date)
 * and the limits themselves (limit-headers.ts). `now` is Unix time in milliseconds; the server's own `date` is preferred
 * to it, so that a wrong clock does no harm. Negative, unreadable and absurd values (more than a day) are unknown.
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
  const waits = [
    saneMs(headerCount(one("retry-after-ms")) ?? Number.NaN),
    retryAfterMs(one("retry-after"), at),
  ].filter((ms) => ms !== null);
  // Of the two the finer one, unless it is no wait at all.
  const waitMs = waits.find((ms) => ms > 0) ?? waits[0] ?? null;
  const axes = readLimitHeaders(headers, at, requestsAre);
  return waitMs === null && axes.length === 0 ? null : { retryAfterMs: waitMs, axes, exceeded: null };
}

/** Hints with what the message of a refusal says: the limit that it names, and the wait where no header named one. */
export function withTextHints(hints: LimitHints | null, { kind, message }: Failure): LimitHints | null {
  if (kind !== "rate_limited" && kind !== "quota" && kind !== "overloaded") return hints;
  const exceeded = limitInText(message);
  const waitMs = hints?.retryAfterMs ?? waitInText(message);
  if (exceeded === null && waitMs === (hints?.retryAfterMs ?? null)) return hints;
  return { axes: [], ...hints, retryAfterMs: waitMs, exceeded };
}
