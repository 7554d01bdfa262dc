import type { FaultKind } from "./faults.ts";
import type { SimulatorStats } from "./options.ts";

/** Counts what an endpoint does. */
export class Counters {
  readonly #byRequestId: Map<string, number> | null;
  readonly #rejected = new Map<string, number>();
  readonly #faults = new Map<string, number>();
  #requests = 0;
  #answered = 0;
  #abandoned = 0;
  #concurrent = 0;
  #peakConcurrent = 0;
  #promptTokens = 0;
  #completionTokens = 0;
  #batches = 0;
  #batchLines = 0;

  constructor(countRequestIds: boolean) {
    this.#byRequestId = countRequestIds ? new Map() : null;
  }

  /** Counts an arrival and gives its number, from 0. */
  arrived(requestId: string | null): number {
    this.#concurrent++;
    this.#peakConcurrent = Math.max(this.#peakConcurrent, this.#concurrent);
    if (requestId !== null && this.#byRequestId !== null) increment(this.#byRequestId, requestId);
    return this.#requests++;
  }

  /** An arrival is over. `complete`: whatever was to be sent was sent, or cut on purpose. */
  left(complete: boolean): void {
    this.#concurrent--;
    if (!complete) this.#abandoned++;
  }

  answered(promptTokens: number, completionTokens: number): void {
    this.#answered++;
    this.#promptTokens += promptTokens;
    this.#completionTokens += completionTokens;
  }

  rejected(status: number): void {
    increment(this.#rejected, String(status));
  }

  struck(fault: FaultKind): void {
    increment(this.#faults, fault);
  }

  batched(): void {
    this.#batches++;
  }

  /** A line of a batch is worked on. */
  batchLine(requestId: string): void {
    this.#batchLines++;
    if (this.#byRequestId !== null) increment(this.#byRequestId, requestId);
  }

  stats(): SimulatorStats {
    return {
      requests: this.#requests,
      answered: this.#answered,
      rejected: Object.fromEntries(this.#rejected),
      faults: Object.fromEntries(this.#faults),
      abandoned: this.#abandoned,
      concurrent: this.#concurrent,
      peakConcurrent: this.#peakConcurrent,
      promptTokens: this.#promptTokens,
      completionTokens: this.#completionTokens,
      batches: this.#batches,
      batchLines: this.#batchLines,
      byRequestId: this.#byRequestId === null ? null : Object.fromEntries(this.#byRequestId),
    };
  }
}

function increment(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
