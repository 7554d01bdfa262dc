import type { Failure, FailureKind } from "../outcome/failure.ts";

/** What a decision about one failed attempt rests on. */
export interface RetryFacts {
  readonly failure: Failure;
  /** Attempts of this request so far, this one included. */
  readonly attempts: number;
  readonly maxAttempts: number;
  /** How often in a row this request failed in the same way, this time included. */
  readonly sameFailures: number;
  /** Whether other requests of the lane were answered since this one first failed. */
  readonly othersSucceed: boolean;
  /** What the server asked for, in milliseconds; null when it said nothing. */
  readonly retryAfterMs: number | null;
  /** Uniform in [0, 1). */
  readonly random: number;
}

export type RetryDecision = { readonly retry: true; readonly delayMs: number } | { readonly retry: false };

/** Kinds in which the server asks for less; they wait longer than a blip of the network. */
const throttling: ReadonlySet<FailureKind> = new Set(["rate_limited", "overloaded"]);
const throttleBaseMs = 4_000;
const blipBaseMs = 250;
const longestMs = 60_000;
/** A server may ask for a long wait; this is as long as it is believed. */
export const longestAskedMs = 300_000;
/** As often the same way while others succeed, and it is the request's own fault. */
const sameFailureLimit = 3;

/** A name server that answers so rarely changes its mind. */
const unknownHostRetries = 2;

/** Whether a server asks for less. */
export function isThrottling(kind: FailureKind): boolean {
  return throttling.has(kind);
}

/**
 * One retry rule: exponential backoff with jitter, base 4 s where the server asks for less and 250 ms for a blip, cap
 * 60 s; what the server asks for is a floor (bounded to 5 min). Throttled requests wait at least half of the step, so
 * that six attempts last over a minute; blips have full jitter. A request that keeps failing the same way while
 * others succeed is given up, and a host that the name server does not know is asked for twice more at most.
 */
export function decideRetry(facts: RetryFacts): RetryDecision {
  const { failure, attempts, retryAfterMs, random } = facts;
  if (!failure.retryable || attempts >= facts.maxAttempts) return { retry: false };
  if (failure.code === "ENOTFOUND" && attempts > unknownHostRetries) return { retry: false };
  const throttled = isThrottling(failure.kind);
  if (!throttled && facts.sameFailures >= sameFailureLimit && facts.othersSucceed) return { retry: false };
  const step = Math.min(longestMs, (throttled ? throttleBaseMs : blipBaseMs) * 2 ** (attempts - 1));
  const backoff = throttled ? step * (0.5 + random / 2) : step * random;
  const asked = Math.min(retryAfterMs ?? 0, longestAskedMs);
  return { retry: true, delayMs: asked > 0 ? asked + backoff * 0.25 : backoff };
}
