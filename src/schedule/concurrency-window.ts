/** Attempts in flight of a lane for which nothing is stated, at the start. */
export const firstWindow = 16;

/** An answer, as far as it tells of the server's load. */
export interface LoadSample {
  readonly sentAt: number;
  readonly latencyMs: number;
  /** What the server did for it, in tokens. */
  readonly work: number;
  /** Attempts of the lane in flight, this one included. */
  readonly inFlight: number;
}

/** A change of the window, and why. */
export interface WindowChange {
  readonly event: "grow" | "cut";
  readonly reason: string;
}

/** A window that is being tried, against the one before it. */
interface Trial {
  readonly from: number;
  /** Work per millisecond of that one. */
  readonly fromRate: number;
}

const leastSamples = 8;
const leastEpochMs = 200;
/** In use: that share of the window is full on the average. */
const inUse = 0.75;
/** Of what a larger window could bring at best, so much must come for it to be kept. */
const worthwhile = 0.5;
/** A smaller window is kept if it costs less than this share of throughput. */
const bearable = 0.1;
/** Room above what throughput and the least latency say is needed. */
const headroom = 1.05;
const queueing = 0.75;
const probeStep = 0.25;
const firstProbeEvery = 4;
const lastProbeEvery = 32;
const rememberedEpochs = 12;
/** So long nothing above a refused window is tried. */
const barrierMs = 30_000;

/**
 * How many attempts a lane may have in flight. Stated: that many, fewer after a refusal, and one more each round until
 * it is back. Not stated: learned in epochs of a window's worth of answers. By Little's law the server's work rate is
 * requests in flight over time per work; a window is worth its size only as far as that rate follows. Time is handed in.
 */
export class ConcurrencyWindow {
  readonly #most: number;
  readonly #isStated: boolean;
  #size: number;
  #starting: boolean;
  #trial: Trial | null = null;
  /** What was refused, and until when it is not tried again. */
  #barrier: { readonly size: number; readonly until: number } | null = null;
  #barrierStep = 1;
  #probeEvery = firstProbeEvery;
  #epochs = 0;
  /** Milliseconds per work of the last epochs. */
  #slowness: number[] = [];
  #epochAt: number;
  #samples = 0;
  #latency = 0;
  #work = 0;
  #inFlight = 0;
  /** The window when the present refusals began. */
  #refusedAt = 0;
  #rampFrom = 0;
  #rampMs = 0;

  /** `most` is the stated size, or the ceiling of what may be learned. */
  constructor(most: number, isStated: boolean, now: number) {
    this.#most = most;
    this.#isStated = isStated;
    this.#size = isStated ? most : Math.min(most, firstWindow);
    this.#starting = !isStated;
    this.#epochAt = now - leastEpochMs;
  }

  get size(): number {
    return this.#size;
  }

  /** What the window was when the last refusals began. */
  get refusedFrom(): number {
    return this.#refusedAt;
  }

  /** When so many in flight leave room for one more: `now` or earlier is at once, Infinity not before one ends. */
  roomAt(inFlight: number, now: number): number {
    if (inFlight >= this.#size) return Number.POSITIVE_INFINITY;
    const open = this.#rampFrom + (this.#rampMs * inFlight) / this.#size;
    return Math.max(now, open);
  }

  /** After a pause the window opens little by little. */
  ramp(from: number, overMs: number): void {
    this.#rampFrom = from;
    this.#rampMs = overMs;
    this.#restart(from);
  }

  /** Takes note of an answer. */
  answered(sample: LoadSample, now: number): WindowChange | null {
    if (sample.sentAt <= this.#epochAt) return null;
    this.#samples++;
    this.#latency += Math.max(0.01, sample.latencyMs);
    this.#work += sample.work;
    this.#inFlight += sample.inFlight;
    const wanted = Math.max(leastSamples, this.#size);
    if (this.#isStated) return this.#samples >= Math.min(wanted, this.#size) ? this.#back(now) : null;
    if (this.#samples < wanted || now - this.#epochAt < leastEpochMs) return null;
    return this.#decide(now);
  }

  /** Takes note of a refusal with so many left in flight; `first` of those that come of the same window. */
  refused(inFlight: number, first: boolean, now: number): WindowChange | null {
    if (first) this.#refusedAt = this.#size;
    const before = this.#size;
    // What the server holds while it refuses is what it bears, but nothing is in flight when it refuses everything.
    const borne = Math.max(
      1,
      Math.floor(this.#refusedAt / 2),
      Math.min(inFlight, Math.floor(this.#refusedAt * 0.95)),
    );
    this.#size = Math.min(this.#size, borne);
    this.#starting = false;
    this.#trial = null;
    this.#barrier = { size: this.#size, until: now + barrierMs };
    this.#barrierStep = 1;
    this.#restart(now);
    return this.#size < before ? { event: "cut", reason: "refused" } : null;
  }

  /** A lane that failed altogether begins anew. */
  reset(now: number): void {
    this.#size = Math.max(1, Math.floor(this.#size / 2));
    this.#starting = false;
    this.#trial = null;
    this.#restart(now);
  }

  #restart(now: number): void {
    this.#epochAt = now;
    this.#samples = 0;
    this.#latency = 0;
    this.#work = 0;
    this.#inFlight = 0;
  }

  #set(size: number, reason: string, now: number): WindowChange | null {
    const bounded = Math.max(1, Math.min(this.#most, Math.round(size)));
    const event = bounded > this.#size ? "grow" : "cut";
    const changed = bounded !== this.#size;
    this.#size = bounded;
    this.#restart(now);
    return changed ? { event, reason } : null;
  }

  #back(now: number): WindowChange | null {
    this.#restart(now);
    if (this.#size >= this.#most) return null;
    this.#size++;
    return this.#size === this.#most ? { event: "grow", reason: "no refusal since" } : null;
  }

  #decide(now: number): WindowChange | null {
    const slowness = this.#latency / this.#work;
    const inFlight = this.#inFlight / this.#samples;
    const rate = inFlight / slowness;
    this.#slowness.push(slowness);
    if (this.#slowness.length > rememberedEpochs) this.#slowness.shift();
    this.#epochs++;
    if (inFlight < inUse * this.#size) {
      this.#trial = null;
      this.#restart(now);
      return null;
    }
    const needed = rate * Math.min(...this.#slowness) * headroom;
    if (this.#trial !== null) {
      const judged = this.#judge(this.#trial, rate, needed, now);
      if (judged !== "kept") return judged;
    }
    if (this.#starting) return this.#try(this.#size * 2, rate, "throughput follows", now);
    if (this.#barrier !== null && this.#size < this.#barrier.size)
      return this.#set(this.#size + 1, "no refusal since", now);
    if (needed < queueing * this.#size)
      return this.#try(Math.max(needed, this.#size / 2), rate, "answers take longer and are not more", now);
    return this.#probe(rate, now);
  }

  /** Whether a trial is kept; else the change that takes it back. */
  #judge({ from, fromRate }: Trial, rate: number, needed: number, now: number): WindowChange | null | "kept" {
    this.#trial = null;
    if (this.#size < from) {
      if (rate >= fromRate * (1 - bearable)) return "kept";
      // It was the server that is slower, not a queue.
      this.#slowness = [];
      return this.#set(from, "a smaller window costs throughput", now);
    }
    const expected = this.#size / from - 1;
    if (rate >= fromRate * (1 + worthwhile * expected)) {
      this.#probeEvery = firstProbeEvery;
      return "kept";
    }
    const wasStarting = this.#starting;
    this.#starting = false;
    this.#probeEvery = Math.min(lastProbeEvery, this.#probeEvery * 2);
    const size = wasStarting ? Math.max(from, Math.min(this.#size, Math.ceil(needed))) : from;
    return this.#set(size, "a larger window brought no more throughput", now);
  }

  #probe(rate: number, now: number): WindowChange | null {
    const atBarrier = this.#barrier !== null && this.#size >= this.#barrier.size;
    const due = atBarrier ? now >= (this.#barrier?.until ?? 0) : this.#epochs % this.#probeEvery === 0;
    if (!due || this.#size >= this.#most) {
      this.#restart(now);
      return null;
    }
    if (!atBarrier) return this.#try(this.#size * (1 + probeStep), rate, "trying more", now);
    const size = this.#size + this.#barrierStep;
    this.#barrierStep = Math.min(this.#barrierStep * 2, Math.ceil(this.#size * probeStep));
    this.#barrier = { size, until: now };
    return this.#set(size, "trying more than was refused", now);
  }

  #try(size: number, rate: number, reason: string, now: number): WindowChange | null {
    const from = this.#size;
    const change = this.#set(size > from ? Math.max(size, from + 1) : size, reason, now);
    if (change !== null) this.#trial = { from, fromRate: rate };
    return change;
  }
}
