import cliProgress, { type SingleBar } from "cli-progress";
import { countWords, productWords } from "../report/number-words.ts";
import type { RunEvent } from "../run/events.ts";
import type { Clock } from "../system/clock.ts";
import type { Output } from "./terminal.ts";

const lineEveryMs = 10_000;
const rateWindowMs = 5_000;
/** So few answers say nothing of how long the rest takes. */
const fewSeen = 5;

export interface ProgressOptions {
  /** A bar that redraws itself; else a line now and then. */
  readonly live: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly color: boolean;
  readonly clock: Clock;
}

interface LaneProgress {
  total: number;
  done: number;
  /** Done in this session. */
  fresh: number;
}

/** Shows how a run goes on: done of total, failures, requests and tokens a second, time left by lane. On stderr only. */
export class Progress {
  readonly #output: Output;
  readonly #options: ProgressOptions;
  readonly #lanes = new Map<string, LaneProgress>();
  #bar: SingleBar | null = null;
  #total = 0;
  #done = 0;
  #failed = 0;
  #retries = 0;
  #tokens = 0;
  #startedAt = 0;
  #lastLineAt = 0;
  #recent: { at: number; done: number; tokens: number }[] = [];
  #timer: NodeJS.Timeout | null = null;
  #statuses: (RunEvent & { kind: "lanes" })["lanes"] = [];

  constructor(output: Output, options: ProgressOptions) {
    this.#output = output;
    this.#options = options;
  }

  show(event: RunEvent): void {
    switch (event.kind) {
      case "planned":
        return this.#planned(event);
      case "judging":
        return this.#begin(event.requests, 0, event.lanes, judgingWords(event));
      case "attempt":
        return this.#attempt(event);
      case "lanes":
        this.#statuses = event.lanes;
        return;
      case "lane":
        if (saidAlways.has(event.change.event) || this.#options.verbose) {
          const { pauseMs, limit, reason } = event.change;
          const pause = pauseMs === null ? "" : ` for ${seconds(pauseMs)}`;
          const learned = limit === undefined ? "" : `, ${limit.axis} ${countWords(Math.round(limit.value))}`;
          this.#say(`${event.lane}: ${laneWords[event.change.event]}${learned}${pause} (${reason})`);
        }
        return;
      case "notice":
        return this.#say(event.message);
      case "refused":
        return this.#say(`${event.variant} is refused, nothing more of it is sent: ${event.reason}`);
      case "confirming":
        return this.#say(confirmingWords(event));
      case "stopping":
        return this.#say(
          `${event.reason}: sending nothing more, waiting for ${event.inFlight} in flight (again to stop at once)`,
        );
      case "reporting":
        return this.end();
      case "checked":
        return;
    }
  }

  /** Takes the bar away. May be called twice. */
  end(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    if (this.#bar !== null) {
      this.#update();
      this.#bar.stop();
    }
    this.#bar = null;
  }

  /** Comes again when a run goes on after its reports, to confirm what it suspects. */
  #planned(event: RunEvent & { kind: "planned" }): void {
    const done = event.answered + event.reused;
    const before =
      done > 0
        ? `, ${countWords(done)} answered already${event.reused > 0 ? ` (${event.reused} reused)` : ""}`
        : "";
    this.#begin(event.requests, done, event.lanes, `${plannedWords(event)}${before}`);
  }

  #begin(
    total: number,
    done: number,
    lanes: readonly { readonly key: string; readonly requests: number; readonly answered?: number }[],
    words: string,
  ): void {
    this.end();
    this.#total = total;
    this.#done = done;
    this.#startedAt = this.#options.clock.now();
    this.#lastLineAt = this.#startedAt;
    this.#failed = 0;
    this.#retries = 0;
    this.#recent = [];
    this.#statuses = [];
    this.#lanes.clear();
    for (const lane of lanes)
      this.#lanes.set(lane.key, { total: lane.requests, done: lane.answered ?? 0, fresh: 0 });
    if (this.#options.quiet) return;
    this.#say(words);
    if (!this.#options.live) return;
    this.#bar = new cliProgress.SingleBar({
      format: (options, parameters, payload: { text: string }) =>
        `${cliProgress.Format.BarFormat(parameters.progress, { ...options, barsize: 20 })} ${Math.floor(parameters.progress * 100)}% ${payload.text}`,
      barCompleteChar: "█",
      barIncompleteChar: "░",
      barsize: 20,
      hideCursor: true,
      clearOnComplete: true,
      linewrap: false,
      fps: 8,
      stream: this.#output.stream as NodeJS.WriteStream,
    });
    this.#bar.start(this.#total, this.#done, { text: "" });
    this.#timer = setInterval(() => this.#update(), 250);
    this.#timer.unref();
  }

  #attempt(event: RunEvent & { kind: "attempt" }): void {
    const ok = event.outcome.status === "ok";
    if (event.outcome.status === "ok") this.#tokens += event.outcome.answer.usage.completionTokens ?? 0;
    if (!event.final) {
      this.#retries++;
      return;
    }
    this.#done++;
    if (!ok) this.#failed++;
    const lane = this.#lanes.get(event.lane);
    if (lane !== undefined) {
      lane.done++;
      lane.fresh++;
    }
    const now = this.#options.clock.now();
    if (!this.#options.live && !this.#options.quiet && now - this.#lastLineAt >= lineEveryMs) {
      this.#lastLineAt = now;
      this.#say(`${this.#done}/${this.#total} ${this.#text(now)}`);
    }
  }

  #update(): void {
    if (this.#bar === null) return;
    this.#bar.update(Math.min(this.#done, this.#total), {
      text: `${this.#done}/${this.#total} ${this.#text(this.#options.clock.now())}`,
    });
  }

  #text(now: number): string {
    this.#recent.push({ at: now, done: this.#done, tokens: this.#tokens });
    while (this.#recent.length > 2 && now - (this.#recent[0]?.at ?? now) > rateWindowMs) this.#recent.shift();
    const first = this.#recent[0];
    const span = first === undefined ? 0 : (now - first.at) / 1_000;
    const since = span > 0.2 && first !== undefined ? { done: first.done, tokens: first.tokens, span } : null;
    const rate =
      since === null
        ? ""
        : `${perSecond((this.#done - since.done) / since.span)} req/s ${perSecond((this.#tokens - since.tokens) / since.span)} tok/s`;
    const failures = `${this.#failed} failed${this.#retries > 0 ? `, ${this.#retries} retried` : ""}`;
    return [failures, rate, this.#timeLeft(now)].filter((part) => part !== "").join(" · ");
  }

  /** Time left: that of the slowest lane, named when there are several, and what it waits for. */
  #timeLeft(now: number): string {
    const elapsed = now - this.#startedAt;
    const known = this.#statuses.flatMap(({ lane, etaMs, boundBy, isPaused }) =>
      etaMs === null ? [] : [{ key: lane, ms: etaMs, why: isPaused ? "paused" : boundWords(boundBy) }],
    );
    // What really came in counts, too: a server may allow less than it says.
    const seen = [...this.#lanes].flatMap(([key, lane]) => {
      if (lane.done >= lane.total || lane.fresh < fewSeen) return [];
      const status = known.find((one) => one.key === key);
      return [{ key, ms: ((lane.total - lane.done) * elapsed) / lane.fresh, why: status?.why ?? "" }];
    });
    const left = seen.length > 0 ? seen : known;
    const slowest = left.reduce<(typeof left)[number] | null>(
      (worst, lane) => (worst === null || lane.ms > worst.ms ? lane : worst),
      null,
    );
    if (slowest === null) return "";
    const many = this.#lanes.size > 1;
    const which = [many ? slowest.key : "", slowest.why].filter((part) => part !== "").join(": ");
    return `${which === "" ? "" : `${which}, `}${seconds(slowest.ms)} left`;
  }

  #say(message: string): void {
    if (this.#options.quiet) return;
    if (this.#bar !== null) this.#output.write("\r\u001b[K");
    this.#output.write(`${message.replace(/[\p{Cc}]+/gu, " ")}\n`);
  }
}

/** What is wanted, on both sides where there are two. */
function plannedWords({ requests, variants, rows, base }: RunEvent & { kind: "planned" }): string {
  if (base === null) return productWords(requests, variants, rows);
  const own = productWords(requests - base.requests + base.shared, variants, rows);
  const shared =
    base.shared === 0
      ? ""
      : base.shared === base.requests
        ? ", all asked once"
        : `, ${base.shared} asked once`;
  return `candidate + base: ${own} + ${base.requests} of ${base.ref}${shared}`;
}

function judgingWords({ requests, lanes }: RunEvent & { kind: "judging" }): string {
  const verdicts = `${countWords(requests)} verdict${requests === 1 ? "" : "s"}`;
  return `judging: ${verdicts} by ${lanes
    .filter(({ requests: wanted }) => wanted > 0)
    .map(({ key }) => key)
    .join(", ")}`;
}

function confirmingWords(event: RunEvent & { kind: "confirming" }): string {
  const trials = `${event.trials} more trial${event.trials === 1 ? "" : "s"} of each row`;
  return `suspected regression of ${event.variants.join("; ")}: asking ${trials}${event.bothSides ? " on both sides" : ""}`;
}

const laneWords = {
  pause: "paused",
  cut: "fewer at once",
  grow: "more at once",
  limit: "limit learned",
  charge: "paced otherwise",
  stop: "stopped",
} as const;
const saidAlways: ReadonlySet<keyof typeof laneWords> = new Set(["pause", "limit", "charge", "stop"]);

/** `tpm-bound`; how many are in flight is what bounds a lane usually, and not worth a word. */
function boundWords(boundBy: string | null): string {
  return boundBy === null || boundBy === "concurrency" ? "" : `${boundBy.toUpperCase()}-bound`;
}

function perSecond(rate: number): string {
  return rate >= 100 ? String(Math.round(rate)) : rate.toFixed(1);
}

function seconds(ms: number): string {
  const whole = Math.ceil(ms / 1_000);
  if (whole < 60) return `${whole} s`;
  if (whole < 3_600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3_600)} h ${Math.floor((whole % 3_600) / 60)} min`;
}
