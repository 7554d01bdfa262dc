import type { ScoreRecord } from "../journal/record.ts";

/** Where the record of a verdict stands in the journal. */
export interface PlacedVerdict {
  readonly offset: number;
  readonly length: number;
  /** It was answered; a failed one is asked for again when the run goes on. */
  readonly ok: boolean;
}

/**
 * What external scorers said, by the key of what they were asked: about 150 bytes each. The first answer to a key decides;
 * without one its last failure.
 */
export class VerdictIndex {
  readonly #placed = new Map<string, PlacedVerdict>();
  /** Attempts that failed, by key. */
  readonly #failed = new Map<string, number>();

  note(record: ScoreRecord, offset: number, length: number): void {
    const ok = record.source === "module" ? record.error === undefined : record.status === "ok";
    if (!ok) this.#failed.set(record.key, (this.#failed.get(record.key) ?? 0) + 1);
    if (this.#placed.get(record.key)?.ok === true) return;
    this.#placed.set(record.key, { offset, length, ok });
  }

  find(key: string): PlacedVerdict | null {
    return this.#placed.get(key) ?? null;
  }

  /** Whether a key has its answer. */
  has(key: string): boolean {
    return this.#placed.get(key)?.ok === true;
  }

  /** Attempts of a key that brought no answer. */
  failures(key: string): number {
    return this.#failed.get(key) ?? 0;
  }

  get size(): number {
    return this.#placed.size;
  }
}
