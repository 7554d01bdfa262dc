/** How a limit of so much a minute is kept: see `windowTypes`. */
export type WindowKind = "bucket" | "fixed" | "sliding";

/** Limits of one model; what is absent is unlimited. */
export interface RateLimits {
  /** Requests per minute. */
  readonly rpm?: number;
  /** Tokens per minute, prompt and completion together. */
  readonly tpm?: number;
}

/** The limits of an endpoint. They hold for each model on its own, as SiliconFlow's do. */
export interface LimitOptions extends RateLimits {
  /** Default `bucket`. */
  readonly window?: WindowKind;
  /** What counts towards `tpm`: what the answer uses, or the prompt plus `max_tokens`. Default `usage`. */
  readonly charge?: "usage" | "max_tokens";
  /** Seconds of budget that a bucket holds; default 60. Other windows have no use for it. */
  readonly burstSeconds?: number;
  /** Other limits for single models, key by key. */
  readonly models?: Readonly<Record<string, RateLimits>>;
}

/** One budget over time. `now` is in milliseconds and never runs backwards. */
export interface LimitWindow {
  fits(amount: number, now: number): boolean;
  take(amount: number, now: number): void;
}

const minuteMs = 60_000;

/** A bucket that starts full and fills at the stated rate. */
function bucketWindow(perMinute: number, burstSeconds: number): LimitWindow {
  const capacity = Math.max((perMinute * burstSeconds) / 60, 1);
  let level = capacity;
  let filledAt: number | null = null;
  const fill = (now: number): void => {
    if (filledAt !== null) level = Math.min(capacity, level + ((now - filledAt) * perMinute) / minuteMs);
    filledAt = now;
  };
  return {
    fits(amount, now) {
      fill(now);
      return level + 1e-9 >= amount;
    },
    take(amount, now) {
      fill(now);
      level -= amount;
    },
  };
}

/** A counter that starts again at every full minute of the clock. */
function fixedWindow(perMinute: number): LimitWindow {
  let minute = -1;
  let used = 0;
  const turn = (now: number): void => {
    const current = Math.floor(now / minuteMs);
    if (current !== minute) used = 0;
    minute = current;
  };
  return {
    fits(amount, now) {
      turn(now);
      return used + amount <= perMinute;
    },
    take(amount, now) {
      turn(now);
      used += amount;
    },
  };
}

/** Exactly what was taken within the last 60 seconds. */
function slidingWindow(perMinute: number): LimitWindow {
  let entries: { readonly at: number; readonly amount: number }[] = [];
  let first = 0;
  let used = 0;
  const forget = (now: number): void => {
    for (
      let entry = entries[first];
      entry !== undefined && entry.at <= now - minuteMs;
      entry = entries[first]
    ) {
      used -= entry.amount;
      first++;
    }
    if (first > 1024 && first * 2 > entries.length) {
      entries = entries.slice(first);
      first = 0;
    }
  };
  return {
    fits(amount, now) {
      forget(now);
      return used + amount <= perMinute;
    },
    take(amount, now) {
      forget(now);
      entries.push({ at: now, amount });
      used += amount;
    },
  };
}

/** Every kind of window: limit per minute in, window out. A further kind is a further line. */
export const windowTypes: Readonly<
  Record<WindowKind, (perMinute: number, burstSeconds: number) => LimitWindow>
> = {
  bucket: bucketWindow,
  fixed: fixedWindow,
  sliding: slidingWindow,
};

/** Which limit a request ran into. */
export type LimitName = "RPM" | "TPM";

/** Keeps the limits of all models. What is refused costs nothing. */
export class RateLimiter {
  readonly #options: LimitOptions;
  readonly #windows = new Map<
    string,
    { readonly rpm: LimitWindow | null; readonly tpm: LimitWindow | null }
  >();

  constructor(options: LimitOptions) {
    this.#options = options;
  }

  /** Whether a request would be refused for the number of requests alone, before its tokens are known. */
  refuses(model: string, now: number): LimitName | null {
    return this.#of(model).rpm?.fits(1, now) === false ? "RPM" : null;
  }

  /** Charges a request, or names the limit that forbids it. */
  admit(model: string, tokens: number, now: number): LimitName | null {
    const { rpm, tpm } = this.#of(model);
    if (rpm?.fits(1, now) === false) return "RPM";
    if (tpm?.fits(tokens, now) === false) return "TPM";
    rpm?.take(1, now);
    tpm?.take(tokens, now);
    return null;
  }

  #of(model: string): { readonly rpm: LimitWindow | null; readonly tpm: LimitWindow | null } {
    const known = this.#windows.get(model);
    if (known !== undefined) return known;
    const { window = "bucket", burstSeconds = 60, models = {} } = this.#options;
    const limits = { ...this.#options, ...(Object.hasOwn(models, model) ? models[model] : {}) };
    const open = (limit: number | undefined): LimitWindow | null =>
      limit === undefined ? null : windowTypes[window](limit, burstSeconds);
    const opened = { rpm: open(limits.rpm), tpm: open(limits.tpm) };
    this.#windows.set(model, opened);
    return opened;
  }
}
