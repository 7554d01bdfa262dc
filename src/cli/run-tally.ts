import type { Cost } from "../aggregate/result.ts";
import type { RunEvent } from "../run/events.ts";

const rateWindowMs = 5_000;
/** A rate over less than this says nothing. */
const shortestSpanMs = 200;
/** So few answers say nothing of how long the rest takes. */
const fewSeen = 5;

/** A lane with what came of its requests. */
export interface LaneTally {
  readonly key: string;
  readonly total: number;
  done: number;
  /** Done in this session. */
  fresh: number;
}

/** A failure, and when it came, by the run's clock. */
export interface SeenFailure {
  readonly lane: string;
  readonly kind: string;
  readonly message: string;
  readonly at: number;
}

/** Answers and tokens a second. */
export interface Speed {
  readonly requests: number;
  readonly tokens: number;
}

/** What a lane, or the whole of them, still takes. */
export interface TimeLeft {
  readonly lane: string;
  readonly ms: number;
  /** What it waits for; empty for nothing worth a word. */
  readonly why: string;
}

/** What a run has come to, counted from its events. Times are milliseconds of the run's clock. */
export class RunTally {
  readonly total: number;
  readonly lanes: ReadonlyMap<string, LaneTally>;
  /** Answers of earlier sessions are among those that are done. */
  readonly isResumed: boolean;
  done: number;
  failed = 0;
  retried = 0;
  lastFailure: SeenFailure | null = null;
  /** An attempt used tokens at a price that is not known. */
  isUnpriced = false;
  /** How lanes and budget stood when they were last told of. */
  status: Pick<RunEvent & { kind: "lanes" }, "lanes" | "budget" | "time"> = {
    lanes: [],
    budget: [],
    time: null,
  };
  readonly #startedAt: number;
  readonly #costs = new Map<string, number>();
  #tokens = 0;
  #recent: { readonly at: number; readonly done: number; readonly tokens: number }[] = [];

  constructor(
    total: number,
    done: number,
    lanes: readonly { readonly key: string; readonly requests: number; readonly answered?: number }[],
    now: number,
  ) {
    this.total = total;
    this.done = done;
    this.isResumed = done > 0;
    this.#startedAt = now;
    this.lanes = new Map(
      lanes.map(({ key, requests, answered }) => [
        key,
        { key, total: requests, done: answered ?? 0, fresh: 0 },
      ]),
    );
  }

  /** What the attempts of this session cost, by currency. */
  get costs(): readonly Cost[] {
    return [...this.#costs].map(([currency, amount]) => ({ currency, amount }));
  }

  add(event: RunEvent & { kind: "attempt" }, now: number): void {
    const { outcome, cost } = event;
    if (cost !== null) this.#costs.set(cost.currency, (this.#costs.get(cost.currency) ?? 0) + cost.amount);
    if (event.isUnpriced) this.isUnpriced = true;
    if (outcome.status === "ok") this.#tokens += outcome.answer.usage.completionTokens ?? 0;
    else if (outcome.failure.kind !== "cancelled") {
      const { kind, message } = outcome.failure;
      this.lastFailure = { lane: event.lane, kind, message, at: now };
    }
    if (!event.final) {
      this.retried++;
      return;
    }
    this.done++;
    if (outcome.status === "failed") this.failed++;
    const lane = this.lanes.get(event.lane);
    if (lane === undefined) return;
    lane.done++;
    lane.fresh++;
  }

  /** How fast it went in the last seconds before this call and those before it; null where that is too short a time. */
  speed(now: number): Speed | null {
    this.#recent.push({ at: now, done: this.done, tokens: this.#tokens });
    while (this.#recent.length > 2 && now - (this.#recent[0]?.at ?? now) > rateWindowMs) this.#recent.shift();
    const first = this.#recent[0];
    if (first === undefined || now - first.at <= shortestSpanMs) return null;
    const seconds = (now - first.at) / 1_000;
    return { requests: (this.done - first.done) / seconds, tokens: (this.#tokens - first.tokens) / seconds };
  }

  /** The time left of each lane that has something left, as far as it can be told. */
  timesLeft(now: number): readonly TimeLeft[] {
    const known = this.status.lanes.flatMap(({ lane, etaMs, boundBy, pauseLeftMs }) =>
      etaMs === null ? [] : [{ lane, ms: etaMs, why: pauseLeftMs > 0 ? "paused" : boundWords(boundBy) }],
    );
    // What really came in counts, too: a server may allow less than it says.
    const seen = [...this.lanes.values()].flatMap((lane) => {
      if (lane.done >= lane.total || lane.fresh < fewSeen) return [];
      const ms = ((lane.total - lane.done) * (now - this.#startedAt)) / lane.fresh;
      return [{ lane: lane.key, ms, why: known.find((one) => one.lane === lane.key)?.why ?? "" }];
    });
    return seen.length > 0 ? seen : known;
  }
}

/** `TPM-bound`; how many are in flight is what bounds a lane usually, and not worth a word. */
function boundWords(boundBy: string | null): string {
  return boundBy === null || boundBy === "concurrency" ? "" : `${boundBy.toUpperCase()}-bound`;
}
