import type { LimitName, LimitState, LimitStates, Refused } from "./limits.ts";
import { jsonRefusal, limitRefusal, type Refusal } from "./refusal.ts";

const axisWords: Readonly<Record<LimitName, string>> = {
  RPM: "requests per min (RPM)",
  TPM: "tokens per min (TPM)",
  RPD: "requests per day (RPD)",
  TPD: "tokens per day (TPD)",
};

/** The 429 of a limit: SiliconFlow's, or with `states` OpenAI's body and headers. */
export function rateRefusal(model: string, refused: Refused, states: LimitStates | null): Refusal {
  if (states === null) return limitRefusal(refused.name);
  const type = refused.name.startsWith("R") ? "requests" : "tokens";
  const error = { message: messageOf(model, refused), type, param: null, code: "rate_limit_exceeded" };
  const { retryMs } = refused;
  const retry =
    retryMs === null
      ? {}
      : {
          "retry-after": String(Math.ceil(retryMs / 1_000)),
          "retry-after-ms": String(Math.ceil(retryMs)),
        };
  return jsonRefusal(429, { error }, { ...limitHeaders(states), ...retry });
}

function messageOf(model: string, refused: Refused): string {
  const { name, limit, remaining, requested, retryMs } = refused;
  if (retryMs === null)
    return `Request too large for ${model} on ${axisWords[name]}: Limit ${limit}, Requested ${requested}. The input or output tokens must be reduced in order to run successfully.`;
  const used = limit - Math.floor(remaining);
  return `Rate limit reached for ${model} on ${axisWords[name]}: Limit ${limit}, Used ${used}, Requested ${requested}. Please try again in ${goDuration(retryMs)}.`;
}

/** OpenAI's `x-ratelimit-*` headers; those of a limit that does not exist are left out. */
export function limitHeaders(states: LimitStates): Readonly<Record<string, string>> {
  return { ...headersOf("requests", states.requests), ...headersOf("tokens", states.tokens) };
}

function headersOf(of: string, state: LimitState | null): Readonly<Record<string, string>> {
  if (state === null) return {};
  return {
    [`x-ratelimit-limit-${of}`]: String(state.limit),
    [`x-ratelimit-remaining-${of}`]: String(Math.floor(state.remaining)),
    [`x-ratelimit-reset-${of}`]: goDuration(state.resetMs),
  };
}

/** A duration as Go writes it (`120ms`, `1.2s`, `6m0s`, `1h0m3.5s`), rounded up to whole milliseconds. */
export function goDuration(ms: number): string {
  const whole = Math.ceil(ms);
  if (whole === 0) return "0s";
  if (whole < 1_000) return `${whole}ms`;
  const minutes = Math.floor(whole / 60_000);
  const seconds = `${(whole % 60_000) / 1_000}s`;
  if (minutes === 0) return seconds;
  return minutes < 60 ? `${minutes}m${seconds}` : `${Math.floor(minutes / 60)}h${minutes % 60}m${seconds}`;
}
