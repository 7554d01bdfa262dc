import type { Counters } from "../counters.ts";
import { Draw } from "../draw.ts";
import { jsonRefusal, type Refusal, refusal } from "../refusal.ts";
import { type LineAnswer, SimulatedBatch } from "./batch.ts";
import { type BatchLine, readBatchLines } from "./batch-lines.ts";
import type { BatchOptions } from "./batch-options.ts";
import { formParts } from "./multipart.ts";

/** What answers to a call: a JSON body, or the bytes of a file. */
export type DeskAnswer = Refusal | { readonly file: Buffer };

interface StoredFile {
  readonly id: string;
  readonly name: string;
  readonly content: Buffer;
  readonly createdMs: number;
}

/** What the desk needs of the endpoint. */
export interface BatchDeskSettings {
  readonly options: BatchOptions;
  readonly seed: number;
  readonly counters: Counters;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** What a line comes to that does not fail on purpose. */
  readonly answer: (line: BatchLine) => Promise<LineAnswer>;
}

const chatEndpoint = "/v1/chat/completions";
const failedLine: LineAnswer = {
  status: 500,
  body: JSON.stringify({
    code: 50507,
    message: "Unexpected system error. Please try again later.",
    data: null,
  }),
};

/** `/files` and `/batches` of the local endpoint. Everything is in memory, and goes with the process. */
export class BatchDesk {
  readonly #settings: BatchDeskSettings;
  readonly #files = new Map<string, StoredFile>();
  readonly #batches = new Map<string, SimulatedBatch>();
  #count = 0;

  constructor(settings: BatchDeskSettings) {
    this.#settings = settings;
  }

  upload(contentType: string, body: Buffer): Refusal {
    const parts = formParts(contentType, body);
    if (parts === null) return refusal(400, 20015, "The parameter is invalid. Please check again.");
    const purpose = parts.find(({ name }) => name === "purpose")?.content.toString("utf8");
    if (purpose !== "batch") return refusal(400, 20015, "purpose must be `batch`");
    const file = parts.find(({ name, filename }) => name === "file" && filename !== null);
    if (file === undefined) return refusal(400, 20015, "file is required");
    const id = `file-${this.#id("file")}`;
    const stored: StoredFile = {
      id,
      name: file.filename ?? "",
      content: Buffer.from(file.content),
      createdMs: this.#settings.now(),
    };
    this.#files.set(id, stored);
    return this.#fileAnswer(stored);
  }

  file(id: string): Refusal {
    const stored = this.#files.get(id);
    return stored === undefined ? missing("file", id) : this.#fileAnswer(stored);
  }

  async content(id: string): Promise<DeskAnswer> {
    const stored = this.#files.get(id);
    if (stored !== undefined) return { file: stored.content };
    const [, kind, batchId = ""] = /^file-(out|err)-(.+)$/.exec(id) ?? [];
    const batch = this.#batches.get(batchId);
    if (batch === undefined) return missing("file", id);
    await this.#finish(batch);
    const results = batch.results;
    const file = kind === "out" ? results?.output : results?.errors;
    return file === undefined || file.length === 0 ? missing("file", id) : { file };
  }

  create(text: string): Refusal {
    const asked = parsed(text);
    const { input_file_id: inputFile, endpoint, completion_window: window, metadata, replace } = asked;
    const { mostOpen, takesMs = 0, expire = 0, shape } = this.#settings.options;
    const now = this.#settings.now();
    if (mostOpen !== undefined && this.#openAt(now) >= mostOpen)
      return refusal(429, null, `No more than ${mostOpen} batches may be in progress at a time.`);
    const hours = /^(\d+)h$/.exec(String(window))?.[1];
    if (hours === undefined || Number(hours) < 24 || Number(hours) > 336)
      return refusal(400, 20015, "completion_window must be from `24h` to `336h`");
    if (endpoint !== chatEndpoint) return refusal(400, 20015, `endpoint must be \`${chatEndpoint}\``);
    const file = this.#files.get(String(inputFile));
    if (file === undefined) return missing("file", String(inputFile));
    const model = isObject(replace) && typeof replace.model === "string" ? replace.model : null;
    const { lines, problems } = readBatchLines(file.content, model);
    const number = this.#batches.size;
    const batch = new SimulatedBatch({
      id: `batch_${this.#id("batch")}`,
      inputFile: file.id,
      window: String(window),
      metadata: metadata ?? null,
      lines,
      problems,
      number,
      createdMs: now,
      takesMs,
      expires: number < expire,
      firstStatus: shape === "openai" ? "validating" : "in_queue",
    });
    this.#batches.set(batch.facts.id, batch);
    this.#settings.counters.batched();
    return jsonRefusal(200, this.#described(batch));
  }

  async batch(id: string): Promise<Refusal> {
    const batch = this.#batches.get(id);
    if (batch === undefined) return missing("batch", id);
    await this.#finish(batch);
    return jsonRefusal(200, this.#described(batch));
  }

  async cancel(id: string): Promise<Refusal> {
    this.#batches.get(id)?.cancel(this.#settings.now());
    return this.batch(id);
  }

  /** All batches, the newest first. */
  async list(): Promise<Refusal> {
    const batches = [...this.#batches.values()].reverse();
    for (const batch of batches) await this.#finish(batch);
    const data = batches.map((batch) => this.#described(batch));
    return jsonRefusal(200, { object: "list", data, has_more: false });
  }

  #openAt(now: number): number {
    return [...this.#batches.values()].filter((batch) => batch.endAt(now) === null).length;
  }

  #finish(batch: SimulatedBatch): Promise<void> {
    const { options, seed, counters, answer, now } = this.#settings;
    const { number } = batch.facts;
    return batch.finish(now(), async (line) => {
      counters.batchLine(line.customId);
      const fails = new Draw(["batch fault", seed, number, line.customId]).uniform < (options.failShare ?? 0);
      return fails ? failedLine : answer(line);
    });
  }

  #described(batch: SimulatedBatch): unknown {
    const { facts, results } = batch;
    const now = this.#settings.now();
    const end = batch.endAt(now);
    const done = batch.doneAt(now);
    const seconds = (ms: number): number => Math.floor(ms / 1000);
    const endedAt = (word: string): number | null => (end === word ? seconds(now) : null);
    const named = (kind: "out" | "err", file: Buffer | undefined): string | null =>
      file === undefined || file.length === 0 ? null : `file-${kind}-${facts.id}`;
    return {
      id: facts.id,
      object: "batch",
      endpoint: chatEndpoint,
      errors: facts.problems.length === 0 ? null : { object: "list", data: facts.problems },
      input_file_id: facts.inputFile,
      completion_window: facts.window,
      status: end ?? (done === 0 ? facts.firstStatus : "in_progress"),
      output_file_id: named("out", results?.output),
      error_file_id: named("err", results?.errors),
      created_at: seconds(facts.createdMs),
      in_progress_at: seconds(facts.createdMs),
      expires_at: seconds(facts.createdMs) + Number.parseInt(facts.window, 10) * 3600,
      completed_at: endedAt("completed"),
      failed_at: endedAt("failed"),
      expired_at: endedAt("expired"),
      cancelled_at: endedAt("cancelled"),
      request_counts: {
        total: facts.lines.length,
        completed: results?.completed ?? done,
        failed: results?.failed ?? 0,
      },
      metadata: facts.metadata,
    };
  }

  #fileAnswer({ id, name, content, createdMs }: StoredFile): Refusal {
    const created = Math.floor(createdMs / 1000);
    const head = { id, object: "file", bytes: content.length };
    const tail = { filename: name, purpose: "batch" };
    if (this.#settings.options.shape === "openai")
      return jsonRefusal(200, { ...head, created_at: created, ...tail });
    const data = { ...head, createdAt: created, ...tail };
    return jsonRefusal(200, { code: 20000, message: "Ok", status: true, data });
  }

  /** An endpoint that was started anew must not know the batches of the one before. */
  #id(kind: string): string {
    return new Draw([kind, this.#settings.seed, this.#settings.now(), this.#count++]).id.slice(0, 24);
  }
}

function missing(what: "file" | "batch", id: string): Refusal {
  return refusal(404, 20015, `No such ${what}: ${id}`);
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
