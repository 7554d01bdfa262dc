import type { AxisHint } from "../outcome/attempt.ts";
import type { LimitAxis } from "../outcome/limit-axis.ts";
import { headerCount, resetMs } from "./limit-times.ts";
import type { Dialect } from "./presets.ts";
import { headerOf, type ResponseHeaders } from "./response-headers.ts";

/** Where the three figures of one limit stand. */
interface Spelling {
  readonly axis: LimitAxis;
  readonly limit: string;
  readonly remaining: string;
  readonly reset: string;
}

/** OpenAI's names, with what is behind them: `x-ratelimit-limit-requests`, `x-ratelimit-limit-tokens-day`. */
function openaiLike(axis: LimitAxis, suffix: string): Spelling {
  const name = (what: string): string => `x-ratelimit-${what}-${suffix}`;
  return { axis, limit: name("limit"), remaining: name("remaining"), reset: name("reset") };
}

/** Anthropic's names: `anthropic-ratelimit-input-tokens-remaining`. */
function anthropicLike(axis: LimitAxis, unit: string): Spelling {
  const name = (what: string): string => `anthropic-ratelimit-${unit}-${what}`;
  return { axis, limit: name("limit"), remaining: name("remaining"), reset: name("reset") };
}

/** Most telling first: a later one of the same axis is read only where the earlier ones say nothing. */
const spellings: readonly Spelling[] = [
  openaiLike("rpm", "requests-minute"),
  openaiLike("rph", "requests-hour"),
  openaiLike("rpd", "requests-day"),
  openaiLike("tpm", "tokens-minute"),
  openaiLike("tpd", "tokens-day"),
  openaiLike("rpm", "requests"),
  openaiLike("tpm", "tokens"),
  openaiLike("itpm", "input-tokens"),
  openaiLike("otpm", "output-tokens"),
  anthropicLike("rpm", "requests"),
  anthropicLike("tpm", "tokens"),
  anthropicLike("itpm", "input-tokens"),
  anthropicLike("otpm", "output-tokens"),
];
/** Of requests, for a time that only the reset tells: OpenRouter, Moonshot, and the IETF's draft. */
const plain: readonly Spelling[] = [
  { axis: "rpm", limit: "x-ratelimit-limit", remaining: "x-ratelimit-remaining", reset: "x-ratelimit-reset" },
  { axis: "rpm", limit: "ratelimit-limit", remaining: "ratelimit-remaining", reset: "ratelimit-reset" },
];
const minuteMs = 60_000;
/** A minute's limit may be in debt, but hardly for longer. */
const longestMinuteMs = 600_000;
/** Windows of 1, 10 and 30 seconds are usual, too: a reset further away than they are long tells them from a minute's. */
const longestOtherMs = 30_000;

/**
 * What headers say of limits, at most one entry an axis. `-requests` are a day's where `requestsAre` says so. `now` is
 * Unix time in milliseconds. Values that are negative, unreadable or absurd are unknown.
 */
export function readLimitHeaders(
  headers: ResponseHeaders,
  now: number,
  requestsAre: Dialect["requestsAre"],
): readonly AxisHint[] {
  const found: AxisHint[] = [];
  const add = ({ axis, limit, remaining, reset }: Spelling, isWindowKnown: boolean): void => {
    if (found.some((hint) => hint.axis === axis)) return;
    const left = headerCount(one(headers, remaining));
    const resets = resetMs(one(headers, reset), now);
    const most = headerCount(one(headers, limit));
    // Without its window a limit is a minute's only if it is whole again within one, and not sooner.
    const isMinute = resets !== null && resets > longestOtherMs && resets <= minuteMs;
    // `limit-requests` that are whole again in hours are those of a day, whatever the vendor says elsewhere.
    const isLonger = axis === "rpm" && resets !== null && resets > longestMinuteMs;
    const known = isMinute || (isWindowKnown && !isLonger) ? most : null;
    if (known === null && left === null && resets === null) return;
    found.push({ axis, limit: known === 0 ? null : known, remaining: left, resetMs: resets });
  };
  for (const spelling of spellings) {
    const isDaily = requestsAre === "day" && spelling.limit === "x-ratelimit-limit-requests";
    add(isDaily ? { ...spelling, axis: "rpd" } : spelling, true);
  }
  for (const spelling of plain) add(spelling, false);
  return found;
}

/** Whether any header speaks of limits. */
export function mentionsLimits(headers: ResponseHeaders): boolean {
  for (const name in headers) {
    if (name.startsWith("retry-after") || name.includes("ratelimit-")) return true;
  }
  return false;
}

function one(headers: ResponseHeaders, name: string): string | null {
  return headerOf(headers, name)?.trim() ?? null;
}
