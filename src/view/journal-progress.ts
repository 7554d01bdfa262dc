import { lstatSync } from "node:fs";
import { scanOutlines } from "../journal/reader.ts";

/** How far a run is, as its journal says. */
export interface Progress {
  readonly answered: number;
  /** Requests without an answer whose last attempt failed. */
  readonly failed: number;
  /** Milliseconds since 1970 of the last change. */
  readonly changedAt: number;
}

/** Counts the requests of a journal; looked at again, it reads only what was added. */
export class JournalProgress {
  readonly #path: string;
  #read = 0;
  #file = 0;
  readonly #answered = new Set<string>();
  readonly #failed = new Set<string>();

  constructor(path: string) {
    this.#path = path;
  }

  /** null where there is no journal. Throws where it cannot be read. */
  look(): Progress | null {
    const found = lstatSync(this.#path, { throwIfNoEntry: false });
    if (found?.isFile() !== true) return null;
    if (found.size < this.#read || found.ino !== this.#file) this.#forget(found.ino);
    if (found.size > this.#read) this.#readOn();
    return { answered: this.#answered.size, failed: this.#failed.size, changedAt: found.mtimeMs };
  }

  #readOn(): void {
    const { goodBytes } = scanOutlines(
      this.#path,
      (record) => {
        if (record.kind !== "attempt") return;
        if (record.status === "ok") {
          this.#answered.add(record.request_id);
          this.#failed.delete(record.request_id);
        } else if (!this.#answered.has(record.request_id)) this.#failed.add(record.request_id);
      },
      this.#read,
    );
    this.#read = goodBytes;
  }

  #forget(file: number): void {
    this.#read = 0;
    this.#file = file;
    this.#answered.clear();
    this.#failed.clear();
  }
}
