import { countWords, productWords } from "../report/number-words.ts";
import type { RunEvent } from "../run/events.ts";
import type { Clock } from "../system/clock.ts";
import { blockLines } from "./block-lines.ts";
import { LiveBlock } from "./live-block.ts";
import { RunTally } from "./run-tally.ts";
import { secondsWords, speedParts, timeLeftWords } from "./tally-words.ts";
import type { Output } from "./terminal.ts";

const lineEveryMs = 10_000;
const drawEveryMs = 200;

export interface ProgressOptions {
  /** A block that redraws itself; else a line now and then. */
  readonly live: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly color: boolean;
  /** The block is drawn with nothing but ASCII. */
  readonly isAscii: boolean;
  readonly clock: Clock;
}

/** Shows how a run goes on: done of total, failures, speed, time left, lanes, what was spent. On stderr only. */
export class Progress {
  readonly #output: Output;
  readonly #options: ProgressOptions;
  readonly #block: LiveBlock;
  #tally: RunTally | null = null;
  #lastLineAt = 0;
  /** Ends the drawing; null while nothing is drawn. */
  #off: (() => void) | null = null;

  constructor(output: Output, options: ProgressOptions) {
    this.#output = output;
    this.#options = options;
    this.#block = new LiveBlock(output);
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
        if (this.#tally !== null) this.#tally.status = event;
        return;
      case "lane":
        if (saidAlways.has(event.change.event) || this.#options.verbose) {
          const { pauseMs, limit, reason } = event.change;
          const pause = pauseMs === null ? "" : ` for ${secondsWords(pauseMs)}`;
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

  /** Takes the block away. May be called twice. */
  end(): void {
    this.#off?.();
    this.#off = null;
    this.#block.clear();
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

  #begin(total: number, done: number, lanes: ConstructorParameters<typeof RunTally>[2], words: string): void {
    this.end();
    const now = this.#options.clock.now();
    this.#tally = new RunTally(total, done, lanes, now);
    this.#lastLineAt = now;
    if (this.#options.quiet) return;
    this.#say(words);
    if (this.#options.live) this.#draw();
  }

  #attempt(event: RunEvent & { kind: "attempt" }): void {
    const tally = this.#tally;
    if (tally === null) return;
    const now = this.#options.clock.now();
    tally.add(event, now);
    const isLine = event.final && !this.#options.live && !this.#options.quiet;
    if (isLine && now - this.#lastLineAt >= lineEveryMs) {
      this.#lastLineAt = now;
      this.#say(lineWords(tally, now));
    }
  }

  /** Draws the block, now and again until `end`. */
  #draw(): void {
    this.#drawOnce();
    this.#off = this.#options.clock.after(drawEveryMs, () => this.#draw());
  }

  #drawOnce(): void {
    if (this.#tally === null) return;
    // A line of what was said before stays in sight, and a full last column would wrap on some terminals.
    const width = Math.max(1, (this.#output.columns ?? usualColumns) - 1);
    const height = Math.max(1, (this.#output.rows ?? usualRows) - 1);
    const { clock, color, isAscii } = this.#options;
    this.#block.draw(blockLines(this.#tally, clock.now(), { color, isAscii, width, height }));
  }

  #say(message: string): void {
    if (this.#options.quiet) return;
    const isDrawing = this.#off !== null;
    if (isDrawing) this.#block.clear();
    this.#output.write(`${message.replace(/[\p{Cc}]+/gu, " ")}\n`);
    if (isDrawing) this.#drawOnce();
  }
}

const usualColumns = 80;
const usualRows = 24;

function lineWords(tally: RunTally, now: number): string {
  const { done, total, failed, retried } = tally;
  const failures = `${failed} failed${retried > 0 ? `, ${retried} retried` : ""}`;
  const speed = speedParts(tally.speed(now)).join(" ");
  const left = timeLeftWords(tally.timesLeft(now), tally.lanes.size);
  return `${done}/${total} ${[failures, speed, left].filter((part) => part !== "").join(" · ")}`;
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
