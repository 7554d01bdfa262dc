import type { Redis } from "ioredis";
import { type LimitAxis, limitAxes } from "../outcome/limit-axis.ts";
import { type Amounts, axisAmount, axisWindowMs, limitMargin } from "../schedule/axis.ts";
import type { Limits } from "../schedule/pace.ts";
import type { SharedPace } from "../schedule/shared-pace.ts";
import { leaseScript } from "./lease-script.ts";

/** What is shared of one lane. */
export interface SharedLane {
  /** A digest of base URL, account and model: equal for all that share it. */
  readonly scope: string;
  readonly limits: Limits;
}

/** Told when Redis stops or begins to answer. */
export type StateListener = (state: "away" | "back", reason: string) => void;

/** How long a lease may be used after its call was sent. */
const leaseMs = 250;
const shortestAskMs = 5;
const longestAskMs = 1_000;
const firstRetryMs = 250;
const longestRetryMs = 2_000;
/** What is to be put right is told after so long, also where nothing more is asked for. */
const settleMs = 100;
const meanShare = 0.1;
/** Requests that are asked for beyond those that were sent in the last lease's time. */
const spareRequests = 2;

type LeaseCall = (key: string, ...values: readonly (string | number)[]) => Promise<readonly [number, number]>;

/** The limits of lanes that several processes share through one Redis. */
export class SharedLimits {
  readonly #lanes: LeasedLane[] = [];
  readonly #call: LeaseCall;
  readonly #now: () => number;
  readonly #onState: StateListener;
  #isAway = false;

  /** `now` is monotonic, in milliseconds. The connection stays its owner's. */
  constructor(redis: Redis, now: () => number, onState: StateListener) {
    redis.defineCommand("promptgridLease", { numberOfKeys: 1, lua: leaseScript });
    const commands = redis as unknown as { promptgridLease: LeaseCall };
    this.#call = (key, ...values) => commands.promptgridLease(key, ...values);
    this.#now = now;
    this.#onState = onState;
  }

  /** The shared limits of a lane; null where it states none of a minute. */
  lane({ scope, limits }: SharedLane): SharedPace | null {
    const axes = limitAxes
      .filter((axis) => axisWindowMs(axis) === 60_000)
      .map((axis) => [axis, limits[axis] ?? 0] as const);
    if (axes.every(([, limit]) => limit === 0)) return null;
    const lane = new LeasedLane(`promptgrid:limits:${scope}`, axes, this.#call, this.#now, (reason) =>
      this.#heard(reason),
    );
    this.#lanes.push(lane);
    return lane;
  }

  /** Gives back what is held. */
  async close(): Promise<void> {
    await Promise.all(this.#lanes.map((lane) => lane.close()));
  }

  #heard(failure: string | null): void {
    if (this.#isAway === (failure !== null)) return;
    this.#isAway = failure !== null;
    this.#onState(this.#isAway ? "away" : "back", failure ?? "");
  }
}

/** One lane: the lease that is held, and what is to be put right. */
class LeasedLane implements SharedPace {
  readonly #key: string;
  readonly #axes: readonly (readonly [LimitAxis, number])[];
  readonly #call: LeaseCall;
  readonly #now: () => number;
  readonly #heard: (failure: string | null) => void;
  #wake: () => void = () => undefined;
  /** Requests of the lease that are left, what each has of tokens, and until when. */
  #left = 0;
  #each: Amounts = { input: 0, output: 0 };
  #until = 0;
  /** Mean of what requests take. */
  #mean: Amounts | null = null;
  /** Amounts to be given back, below 0 to be taken; requests by themselves. */
  #back = { requests: 0, input: 0, output: 0 };
  /** Requests sent in the lease before, and in this one. */
  #sentBefore = 0;
  #sent = 0;
  #isAsking = false;
  #nextAskAt = 0;
  #failures = 0;
  #frozenUntil = 0;
  /** Whether Redis knows of the freeze. */
  #isFreezeTold = true;
  #timer: NodeJS.Timeout | null = null;
  #settleTimer: NodeJS.Timeout | null = null;
  #isClosed = false;

  constructor(
    key: string,
    axes: readonly (readonly [LimitAxis, number])[],
    call: LeaseCall,
    now: () => number,
    heard: (failure: string | null) => void,
  ) {
    this.#key = key;
    this.#axes = axes;
    this.#call = call;
    this.#now = now;
    this.#heard = heard;
  }

  listen(wake: () => void): void {
    this.#wake = wake;
  }

  wait(amounts: Amounts, now: number): number {
    if (now < this.#frozenUntil) return this.#frozenUntil - now;
    if (now >= this.#until) this.#giveUpLease();
    if (this.#left >= 1) return 0;
    if (this.#isAsking) return longestAskMs;
    if (now < this.#nextAskAt) return this.#nextAskAt - now;
    this.#mean ??= amounts;
    const wanted = Math.max(this.#sentBefore, this.#sent) + spareRequests;
    void this.#ask(wanted);
    return longestAskMs;
  }

  take(amounts: Amounts): void {
    this.#left--;
    this.#sent++;
    const mean = this.#mean ?? amounts;
    this.#mean = {
      input: mean.input + (amounts.input - mean.input) * meanShare,
      output: mean.output + (amounts.output - mean.output) * meanShare,
    };
    this.settle(this.#each, amounts);
  }

  settle(taken: Amounts, used: Amounts): void {
    this.#back.input += taken.input - used.input;
    this.#back.output += taken.output - used.output;
    if (this.#isClosed || !this.#hasRest) return;
    this.#settleTimer ??= setTimeout(() => {
      this.#settleTimer = null;
      this.#tell();
    }, settleMs);
  }

  freeze(ms: number): void {
    this.#frozenUntil = Math.max(this.#frozenUntil, this.#now() + ms);
    this.#isFreezeTold = false;
    this.#giveUpLease();
    if (!this.#isAsking) void this.#ask(0);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#settleTimer !== null) clearTimeout(this.#settleTimer);
    this.#giveUpLease();
    if (this.#hasRest || !this.#isFreezeTold) await this.#ask(0);
  }

  /** Whether there is something to be put right. */
  get #hasRest(): boolean {
    const { requests, input, output } = this.#back;
    return requests !== 0 || input !== 0 || output !== 0;
  }

  /** Puts right what is to be put right, unless a call does so already or Redis is away. */
  #tell(): void {
    if (this.#isAsking || this.#isClosed || this.#failures > 0) return;
    if (this.#hasRest || !this.#isFreezeTold) void this.#ask(0);
  }

  #giveUpLease(): void {
    if (this.#left > 0) {
      this.#back.requests += this.#left;
      this.#back.input += this.#left * this.#each.input;
      this.#back.output += this.#left * this.#each.output;
    }
    this.#left = 0;
  }

  async #ask(want: number): Promise<void> {
    const sentAt = this.#now();
    const each = this.#mean ?? { input: 0, output: 0 };
    const back = this.#back;
    const freezeMs = this.#isFreezeTold ? 0 : Math.max(0, this.#frozenUntil - sentAt);
    this.#back = { requests: 0, input: 0, output: 0 };
    this.#isFreezeTold = true;
    this.#isAsking = true;
    try {
      const [granted, waitMs] = await this.#call(
        this.#key,
        want,
        Math.ceil(freezeMs),
        ...this.#values(each, back),
      );
      this.#isAsking = false;
      this.#failures = 0;
      this.#heard(null);
      if (want > 0) this.#leased(granted, each, sentAt, waitMs);
      else this.#wakeSoon();
      // Of what came while the call was under way a freeze cannot wait.
      if (!this.#isFreezeTold) this.#tell();
    } catch (error) {
      this.#isAsking = false;
      // What may have been given back counts as used; what was taken more, and a pause, are told again.
      this.#back.requests += Math.min(0, back.requests);
      this.#back.input += Math.min(0, back.input);
      this.#back.output += Math.min(0, back.output);
      if (freezeMs > 0) this.#isFreezeTold = false;
      this.#failures++;
      const pauseMs = Math.min(longestRetryMs, firstRetryMs * 2 ** Math.min(10, this.#failures - 1));
      this.#nextAskAt = this.#now() + pauseMs;
      this.#heard((error as Error).message);
      this.#timerIn(pauseMs, () => this.#again());
    }
  }

  #leased(granted: number, each: Amounts, sentAt: number, waitMs: number): void {
    this.#each = each;
    this.#left = granted;
    this.#until = sentAt + leaseMs;
    if (this.#now() < this.#frozenUntil) this.#giveUpLease();
    if (granted > 0) {
      this.#sentBefore = this.#sent;
      this.#sent = 0;
      this.#nextAskAt = 0;
      // What is not used by then is for others.
      this.#timerIn(Math.max(0, this.#until - this.#now()), () => this.#returnRest());
      this.#wakeSoon();
      return;
    }
    const pauseMs = Math.min(longestAskMs, Math.max(shortestAskMs, waitMs));
    this.#nextAskAt = this.#now() + pauseMs;
    this.#wakeIn(pauseMs);
  }

  #returnRest(): void {
    this.#giveUpLease();
    this.#tell();
  }

  /** After a failure: a lane that pauses does not ask, and what it has to tell is told all the same. */
  #again(): void {
    if (!this.#isAsking && (this.#hasRest || !this.#isFreezeTold)) void this.#ask(0);
    else this.#wake();
  }

  #values(each: Amounts, back: { readonly requests: number } & Amounts): readonly (string | number)[] {
    return this.#axes.flatMap(([axis, limit]) => {
      const isRequests = axis === "rpm";
      const takes = isRequests ? 1 : axisAmount(axis, each);
      const returns = isRequests ? back.requests : axisAmount(axis, back);
      return [axis, limit, limitMargin, takes, returns];
    });
  }

  #wakeSoon(): void {
    queueMicrotask(() => {
      if (!this.#isClosed) this.#wake();
    });
  }

  #wakeIn(ms: number): void {
    this.#timerIn(ms, () => this.#wake());
  }

  #timerIn(ms: number, work: () => void): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#isClosed) return;
    this.#timer = setTimeout(work, Math.ceil(ms));
  }
}
