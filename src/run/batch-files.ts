import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { PlannedRequest } from "../plan/plan.ts";
import { AtomicFile } from "../system/write-atomically.ts";
import { runFiles } from "./run-directory.ts";

/** One line of a batch: which request of the plan it asks. */
export interface BatchedRequest {
  /** Its `custom_id`. */
  readonly requestId: string;
  readonly variantId: string;
  readonly rowId: string;
  readonly trial: number;
}

/**
 * The files of batches that are open, in `batches/` of the run directory: of each what is uploaded (`NAME.jsonl`), and which
 * requests its lines ask (`NAME.requests`, a JSON list a line).
 */
export class BatchFiles {
  readonly #folder: string;

  constructor(directory: string) {
    this.#folder = join(directory, runFiles.batches);
  }

  /** Begins the files of a batch; whoever begins them commits or discards them. */
  begin(name: string): BatchDraft {
    mkdirSync(this.#folder, { recursive: true });
    return new BatchDraft(this.upload(name), this.#requests(name));
  }

  /** Path of what is uploaded. */
  upload(name: string): string {
    return join(this.#folder, `${name}.jsonl`);
  }

  /** The requests of a batch in the order of its lines; null where the file is gone. */
  requests(name: string): readonly BatchedRequest[] | null {
    const path = this.#requests(name);
    if (!existsSync(path)) return null;
    return readFileSync(path, "utf8")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => {
        const [requestId, variantId, rowId, trial] = JSON.parse(line) as [string, string, string, number];
        return { requestId, variantId, rowId, trial };
      });
  }

  /** Removes the files of a batch that is over, and the folder with the last of them. */
  remove(name: string): void {
    rmSync(this.upload(name), { force: true });
    rmSync(this.#requests(name), { force: true });
    if (existsSync(this.#folder) && readdirSync(this.#folder).length === 0) rmdirSync(this.#folder);
  }

  #requests(name: string): string {
    return join(this.#folder, `${name}.requests`);
  }
}

/** A batch that is being written. */
export class BatchDraft {
  readonly #upload: AtomicFile;
  readonly #requests: AtomicFile;
  /** Lines so far. */
  requests = 0;
  /** UTF-16 units of what is uploaded, so far. */
  length = 0;

  constructor(upload: string, requests: string) {
    this.#upload = new AtomicFile(upload);
    this.#requests = new AtomicFile(requests);
  }

  add({ requestId, variant, row, trial }: PlannedRequest, body: Readonly<Record<string, unknown>>): void {
    const line = `${JSON.stringify({ custom_id: requestId, method: "POST", url: "/v1/chat/completions", body })}\n`;
    this.#upload.write(line);
    this.#requests.write(`${JSON.stringify([requestId, variant.id, row.id, trial])}\n`);
    this.requests++;
    this.length += line.length;
  }

  commit(): void {
    this.#upload.commit();
    this.#requests.commit();
  }

  discard(): void {
    this.#upload.discard();
    this.#requests.discard();
  }
}
