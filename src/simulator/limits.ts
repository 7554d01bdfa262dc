import { fixedWindow } from "./limit-windows/fixed-window.ts";
import { type AmendTaken, dayMs, type LimitWindow } from "./limit-windows/limit-window.ts";
import { type WindowKind, windowTypes } from "./limit-windows/window-types.ts";

/** What can count towards a limit of tokens: see `LimitOptions.charge`. */
export const chargeKinds = ["usage", "max_tokens", "reserve"] as const;

/** One of `chargeKinds`. */
export type ChargeKind = (typeof chargeKinds)[number];

/** Limits of one model; what is absent is unlimited. */
export interface RateLimits {
  /** Requests per minute. */
  readonly rpm?: number;
  /** Tokens per minute, prompt and completion together. */
  readonly tpm?: number;
  /** Requests per day: from midnight to midnight in UTC, whatever the window. */
  readonly rpd?: number;
  /** Tokens per day, likewise. */
  readonly tpd?: number;
}

/** The limits of an endpoint. They hold for each model on its own, as SiliconFlow's do. */
export interface LimitOptions extends RateLimits {
  /** How the limits of a minute are kept. Default `bucket`. */
  readonly window?: WindowKind;
  /**
   * What counts towards `tpm` and `tpd`: what the answer uses (`usage`); the prompt and `max_tokens` for every choice, for
   * good (`max_tokens`); or the same at arrival, put right when the answer is over (`reserve`). Default `usage`.
   */
  readonly charge?: ChargeKind;
  /** Whether answers tell the state of the limits in OpenAI's headers, and refusals in its words. Default `none`. */
  readonly headers?: "none" | "openai";
  /** Other limits for single models, key by key. */
  readonly models?: Readonly<Record<string, RateLimits>>;
}

/** Which limit a request ran into. */
export type LimitName = "RPM" | "TPM" | "RPD" | "TPD";

/** A request that was let in. */
export interface Admitted {
  readonly kind: "admitted";
  readonly charge: Charge;
}

/** A request that was not let in, and cost nothing. */
export interface Refused {
  readonly kind: "refused";
  /** The first limit that forbids it. */
  readonly name: LimitName;
  readonly limit: number;
  readonly remaining: number;
  /** Requests or tokens that were asked for. */
  readonly requested: number;
  /** Milliseconds until it would fit if nothing else came; null when it is larger than the limit. */
  readonly retryMs: number | null;
}

/** The tokens that a request was charged with, to be settled. */
export interface Charge {
  readonly amend: readonly AmendTaken[];
}

/** The state of one limit. */
export interface LimitState {
  readonly limit: number;
  readonly remaining: number;
  /** Milliseconds until it is as if nothing had been taken. */
  readonly resetMs: number;
}

/** The limits of one model that headers tell of: of a minute or, without one, of a day; null for none. */
export interface LimitStates {
  readonly requests: LimitState | null;
  readonly tokens: LimitState | null;
}

/** One limit of one model. */
interface Axis {
  readonly name: LimitName;
  readonly of: "requests" | "tokens";
  readonly window: LimitWindow;
}

/** Keeps the limits of all models, on times that are handed in. What is refused costs nothing. */
export class RateLimiter {
  readonly #options: LimitOptions;
  readonly #axes = new Map<string, readonly Axis[]>();

  constructor(options: LimitOptions) {
    this.#options = options;
  }

  /** The refusal of a request for the number of requests alone, before its tokens are known; null for none. */
  refuses(model: string, now: number): Refused | null {
    return refusalOf(
      this.#of(model).filter((axis) => axis.of === "requests"),
      0,
      now,
    );
  }

  /** Charges a request and its tokens, or says which limit forbids it. */
  admit(model: string, tokens: number, now: number): Admitted | Refused {
    const axes = this.#of(model);
    const refused = refusalOf(axes, tokens, now);
    if (refused !== null) return refused;
    const amend: AmendTaken[] = [];
    for (const { of, window } of axes) {
      if (of === "requests") window.take(1, now);
      else amend.push(window.take(tokens, now));
    }
    return { kind: "admitted", charge: { amend } };
  }

  /**
   * Puts a charge right once its tokens are known, 0 for a request that was never begun. It can be done again, with the
   * last one counting. Where `max_tokens` are charged nothing changes.
   */
  settle(charge: Charge, tokens: number, now: number): void {
    if (this.#options.charge === "max_tokens") return;
    for (const amend of charge.amend) amend(tokens, now);
  }

  states(model: string, now: number): LimitStates {
    const axes = this.#of(model);
    const state = (of: Axis["of"]): LimitState | null => {
      const window = axes.find((axis) => axis.of === of)?.window;
      if (window === undefined) return null;
      const { limit } = window;
      return { limit, remaining: window.remaining(now), resetMs: window.waitMs(limit, now) ?? 0 };
    };
    return { requests: state("requests"), tokens: state("tokens") };
  }

  #of(model: string): readonly Axis[] {
    const known = this.#axes.get(model);
    if (known !== undefined) return known;
    const { window = "bucket", models = {} } = this.#options;
    const limits = { ...this.#options, ...(Object.hasOwn(models, model) ? models[model] : {}) };
    const minute = windowTypes[window];
    const day = (limit: number): LimitWindow => fixedWindow(limit, dayMs);
    const opened: Axis[] = [];
    const open = (name: LimitName, of: Axis["of"], limit: number | undefined, kind: typeof minute): void => {
      if (limit !== undefined) opened.push({ name, of, window: kind(limit) });
    };
    open("RPM", "requests", limits.rpm, minute);
    open("RPD", "requests", limits.rpd, day);
    open("TPM", "tokens", limits.tpm, minute);
    open("TPD", "tokens", limits.tpd, day);
    this.#axes.set(model, opened);
    return opened;
  }
}

function refusalOf(axes: readonly Axis[], tokens: number, now: number): Refused | null {
  for (const { name, of, window } of axes) {
    const requested = of === "requests" ? 1 : tokens;
    if (window.fits(requested, now)) continue;
    const { limit } = window;
    const remaining = window.remaining(now);
    return { kind: "refused", name, limit, remaining, requested, retryMs: window.waitMs(requested, now) };
  }
  return null;
}

/** The tokens of a request, as far as they matter for its charge. */
export interface ChargedTokens {
  /** Tokens of the prompt. */
  readonly prompt: number;
  /** Tokens of the answer, all choices together. */
  readonly completion: number;
  /** Null when the request states none; what the answer uses then takes its place. */
  readonly maxTokens: number | null;
  readonly n: number;
}

/** The tokens that a request is charged with at arrival. */
export function tokensCharged(kind: ChargeKind, tokens: ChargedTokens): number {
  const { prompt, completion, maxTokens, n } = tokens;
  return prompt + (kind === "usage" || maxTokens === null ? completion : maxTokens * n);
}
