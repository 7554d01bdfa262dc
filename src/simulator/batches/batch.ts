import { Draw } from "../draw.ts";
import type { BatchLine, LineProblem } from "./batch-lines.ts";

/** What one line comes to: a status and a body as JSON. */
export interface LineAnswer {
  readonly status: number;
  readonly body: string;
}

/** What a batch is about. */
export interface BatchFacts {
  readonly id: string;
  readonly inputFile: string;
  readonly window: string;
  readonly metadata: unknown;
  readonly lines: readonly BatchLine[];
  readonly problems: readonly LineProblem[];
  /** Number among all batches, from 0. */
  readonly number: number;
  /** Milliseconds since the epoch. */
  readonly createdMs: number;
  readonly takesMs: number;
  /** It ends when half of it is done. */
  readonly expires: boolean;
  /** The word for a batch that was not begun. */
  readonly firstStatus: string;
}

/** The results of a batch that is over. */
export interface BatchResults {
  readonly output: Buffer;
  readonly errors: Buffer;
  readonly completed: number;
  readonly failed: number;
}

type BatchEnd = "completed" | "failed" | "expired" | "cancelled";

/** One batch: how it stands is a matter of the time since its creation; what it comes to is reckoned once it is over. */
export class SimulatedBatch {
  readonly facts: BatchFacts;
  #results: BatchResults | null = null;
  #cancelledMs: number | null = null;

  constructor(facts: BatchFacts) {
    this.facts = facts;
  }

  get results(): BatchResults | null {
    return this.#results;
  }

  /** How it ends, once it has; null while it is under way. */
  endAt(nowMs: number): BatchEnd | null {
    if (this.facts.problems.length > 0) return "failed";
    if (this.#cancelledMs !== null) return "cancelled";
    if (nowMs < this.facts.createdMs + this.facts.takesMs) return null;
    return this.facts.expires ? "expired" : "completed";
  }

  cancel(nowMs: number): void {
    if (this.endAt(nowMs) === null) this.#cancelledMs = nowMs;
  }

  /** Lines that are worked on by then. */
  doneAt(nowMs: number): number {
    const { lines, createdMs, takesMs, expires, problems } = this.facts;
    if (problems.length > 0) return 0;
    const until = this.#cancelledMs ?? nowMs;
    const share = takesMs === 0 ? 1 : Math.min(1, (until - createdMs) / takesMs);
    return Math.floor(lines.length * share * (expires ? 0.5 : 1));
  }

  /**
   * Reckons the results of a batch that is over, a slice at a time so that others are served meanwhile. Lines come in
   * another order than they were handed in.
   */
  async finish(nowMs: number, answer: (line: BatchLine) => Promise<LineAnswer>): Promise<void> {
    if (this.#results !== null || this.endAt(nowMs) === null) return;
    const { lines, id, number } = this.facts;
    const done = this.doneAt(nowMs);
    const output: string[] = [];
    const errors: string[] = [];
    const order = lines.map((line, i) => ({ line, i, key: new Draw(["batch order", number, i]).uniform }));
    order.sort((one, other) => one.key - other.key);
    let sliceEnd = performance.now() + sliceMs;
    for (const [place, { line, i }] of order.entries()) {
      const head = {
        id: `batch_req_${id.slice(6, 18)}${String(i).padStart(6, "0")}`,
        custom_id: line.customId,
      };
      if (place >= done) {
        errors.push(
          `${JSON.stringify({ ...head, response: null, error: unworked(this.#cancelledMs !== null) })}\n`,
        );
        continue;
      }
      const { status, body } = await answer(line);
      const response = `{"status_code":${status},"request_id":"${head.id}","body":${body}}`;
      const text = `${JSON.stringify(head).slice(0, -1)},"response":${response},"error":null}\n`;
      (status === 200 ? output : errors).push(text);
      if (performance.now() < sliceEnd) continue;
      await new Promise(setImmediate);
      sliceEnd = performance.now() + sliceMs;
    }
    this.#results ??= {
      output: Buffer.from(output.join("")),
      errors: Buffer.from(errors.join("")),
      completed: output.length,
      failed: errors.length,
    };
  }
}

const sliceMs = 20;

function unworked(isCancelled: boolean): { readonly code: string; readonly message: string } {
  return isCancelled
    ? { code: "batch_cancelled", message: "This request was not executed, as the batch was cancelled." }
    : {
        code: "batch_expired",
        message: "This request could not be executed before the completion window expired.",
      };
}
