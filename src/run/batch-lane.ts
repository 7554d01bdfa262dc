import { randomBytes } from "node:crypto";
import { type BatchRecord, journalVersion } from "../journal/record.ts";
import type { Failure } from "../outcome/failure.ts";
import { requestBody } from "../plan/request-body.ts";
import type { BatchClient, RemoteBatch, Reply } from "../provider/batch-client.ts";
import { missingLine, unworkedLine } from "../provider/batch-line.ts";
import type { Endpoint } from "../provider/endpoint.ts";
import { countWords, plural } from "../report/number-words.ts";
import type { LaneSpec } from "../schedule/lane.ts";
import { decideRetry, isThrottling } from "../schedule/retry-policy.ts";
import { Fifo } from "../system/fifo.ts";
import type { BatchAttempts } from "./batch-attempts.ts";
import type { BatchFiles } from "./batch-files.ts";
import { mostBatchLength, mostBatchRequests } from "./batch-options.ts";
import type { SessionOptions } from "./session.ts";
import type { OpenSessionPart } from "./session-part.ts";

/** What the lanes of a session share. */
export interface BatchDesk {
  readonly options: SessionOptions;
  readonly part: OpenSessionPart;
  readonly files: BatchFiles;
  readonly attempts: BatchAttempts;
  /** Within what time the provider is to work, such as `24h`. */
  readonly window: string;
  /** Whether nothing more is to be handed in or waited for. */
  readonly isStopping: () => boolean;
  /** Waits so many milliseconds, or until the session is to stop. */
  readonly pause: (ms: number) => Promise<void>;
}

/** A batch that is prepared or under way. */
interface OpenBatch {
  record: BatchRecord;
  nextLookAt: number;
  /** Looks in vain, in a row. */
  failures: number;
  /** The provider's last word of it. */
  said: string;
  /** Requests that are done, by that. */
  done: number;
  /** Requests of it of which nothing was read yet, by id; null before its results are read. */
  waiting: Map<string, number> | null;
}

const shortestLookMs = 1_000;
const longestLookMs = 60_000;
/** Of the time that a batch is under way, until the next look at it. */
const lookShare = 1 / 20;
/** After a call that broke, until the provider's list is asked whether it arrived. */
const uncertainMs = 2_000;
/** Looks in vain until it is said, and between one word of it and the next. */
const tellEvery = 10;

/** The batches of one lane: handed in, looked at, and read. What goes wrong for good stops the lane, with its reason. */
export class BatchLane {
  readonly spec: LaneSpec;
  /** Why nothing more is done; null while the lane lives. */
  stopped: string | null = null;
  /** A request found no room in the budget when it was last looked at. */
  isShort = false;
  readonly #desk: BatchDesk;
  readonly #client: BatchClient;
  readonly #endpoint: Endpoint;
  /** Requests without an answer, in the order they are sent. */
  readonly #cursor: { next(): number };
  /** Requests that go into another batch: they failed, or found no room. */
  readonly #again = new Fifo<number>();
  readonly #open: OpenBatch[] = [];
  /** The provider takes no further batch before one has ended. */
  #isFull = false;

  constructor(
    spec: LaneSpec,
    desk: BatchDesk,
    client: BatchClient,
    endpoint: Endpoint,
    cursor: { next(): number },
  ) {
    this.spec = spec;
    this.#desk = desk;
    this.#client = client;
    this.#endpoint = endpoint;
    this.#cursor = cursor;
  }

  /** Batches that are prepared or under way. */
  get open(): number {
    return this.#open.length;
  }

  /** Requests in them. */
  get openRequests(): number {
    return this.#open.reduce((sum, { record }) => sum + record.requests, 0);
  }

  /** How its batches stand: `5 000 in a batch, 1 200 done`. */
  get words(): string {
    const done = this.#open.reduce((sum, open) => sum + open.done, 0);
    const where = this.open === 1 ? "a batch" : plural(this.open, "batch");
    return `${countWords(this.openRequests)} in ${where}, ${countWords(done)} done`;
  }

  /** When a batch is to be looked at next, on the monotonic clock; Infinity for never. */
  get nextLookAt(): number {
    if (this.stopped !== null) return Number.POSITIVE_INFINITY;
    return Math.min(Number.POSITIVE_INFINITY, ...this.#open.map(({ nextLookAt }) => nextLookAt));
  }

  /** A batch of an earlier session that may still be under way. */
  takeUp(record: BatchRecord): void {
    this.#open.push({ record, nextLookAt: 0, failures: 0, said: "", done: 0, waiting: null });
  }

  /** Hands in all there is, batch by batch, as long as provider and budget have room. */
  async handIn(): Promise<void> {
    this.isShort = false;
    const goesOn = (): boolean => this.stopped === null && !this.#isFull && !this.#desk.isStopping();
    for (const open of this.#open.filter(({ record }) => record.batch === undefined))
      if (goesOn()) await this.#submit(open);
    while (goesOn()) {
      const open = this.#prepare();
      if (open === null) return;
      await this.#submit(open);
    }
  }

  /** Looks at the batches whose time has come, and reads what has ended. */
  async look(): Promise<void> {
    const { clock } = this.#desk.options;
    for (const open of [...this.#open]) {
      if (this.stopped !== null || this.#desk.isStopping()) return;
      if (open.nextLookAt > clock.now() || open.record.batch === undefined) continue;
      await this.#lookAt(open, open.record.batch);
    }
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  /** The next request that is to be asked and finds room in the budget; -1 for none. */
  #next(): number {
    const position = this.#again.shift() ?? this.#cursor.next();
    if (position < 0 || this.#desk.options.budget?.admits(position) !== false) return position;
    this.#again.unshift(position);
    this.isShort = true;
    return -1;
  }

  /** Writes the next batch to disk, with the record that it may be sent from now on; null where there is nothing to ask. */
  #prepare(): OpenBatch | null {
    const { options, part, files } = this.#desk;
    let position = this.#next();
    if (position < 0) return null;
    const name = `b-${randomBytes(8).toString("hex")}`;
    const draft = files.begin(name);
    try {
      while (position >= 0) {
        const request = options.budget?.request(position) ?? part.prepared.plan.request(position);
        options.budget?.take(position);
        part.simulators.teach(request);
        draft.add(request, requestBody({ ...request, stream: false }, this.#endpoint));
        if (draft.requests >= mostBatchRequests || draft.length >= mostBatchLength) break;
        position = this.#next();
      }
      draft.commit();
    } finally {
      draft.discard();
    }
    const { provider, model } = this.spec;
    const record: BatchRecord = {
      v: journalVersion,
      kind: "batch",
      event: "prepared",
      at: options.clock.wall(),
      name,
      provider,
      model,
      requests: draft.requests,
    };
    const open: OpenBatch = { record, nextLookAt: 0, failures: 0, said: "", done: 0, waiting: null };
    part.journal.append(record);
    this.#open.push(open);
    return open;
  }

  /** Uploads and creates a batch. Where it is not known whether that was done already, the provider's list says it. */
  async #submit(open: OpenBatch): Promise<void> {
    const { part, files } = this.#desk;
    // What is not on the disk must not be bought.
    if (!part.journal.settle()) return;
    const { name, event } = open.record;
    if (event === "uploaded") {
      const found = await this.#persist(() => this.#client.find(name, open.record.file ?? null));
      if (!found.ok) return this.#refuse(found.failure, "the list of batches");
      if (found.value !== null) return this.#created(open, found.value);
    }
    const uploaded = await this.#persist(() => this.#client.upload(files.upload(name), `${name}.jsonl`));
    if (!uploaded.ok) return this.#refuse(uploaded.failure, "the upload of a batch");
    this.#note(open, "uploaded", { file: uploaded.value });
    if (!part.journal.settle()) return;
    await this.#create(open, uploaded.value);
  }

  /**
   * Creates a batch of an uploaded file. Where a call broke, the provider's list says whether it arrived; without the list
   * nothing more is done.
   */
  async #create(open: OpenBatch, file: string): Promise<void> {
    const { name } = open.record;
    const others = this.#open.some(({ record }) => record.batch !== undefined);
    for (let attempts = 1; ; attempts++) {
      const created = await this.#client.create(file, { name, window: this.#desk.window });
      if (created.ok) return this.#created(open, created.value);
      const { failure, status } = created;
      if (others && isThrottling(failure.kind)) return this.#waitForRoom();
      const delayMs = this.#delayOf(created, attempts);
      if (status === null || status >= 500) {
        // A call that broke may still be under way.
        await this.#desk.pause(Math.max(uncertainMs, delayMs ?? 0));
        const found = await this.#persist(() => this.#client.find(name, file));
        if (!found.ok) return this.#refuse(found.failure, "the list of batches");
        if (found.value !== null) return this.#created(open, found.value);
      } else if (delayMs !== null) await this.#desk.pause(delayMs);
      if (this.#desk.isStopping()) return;
      if (delayMs === null) return this.#refuse(failure, "a batch");
    }
  }

  #waitForRoom(): void {
    this.#isFull = true;
    this.#tell("the provider takes no further batch before one has ended");
  }

  #created(open: OpenBatch, remote: RemoteBatch): void {
    const { clock } = this.#desk.options;
    this.#note(open, "created", { batch: remote.id });
    open.nextLookAt = clock.now() + shortestLookMs / 2;
    open.said = remote.status;
    this.#tell(`batch ${remote.id}: ${plural(open.record.requests, "request")} handed in`);
  }

  async #lookAt(open: OpenBatch, id: string): Promise<void> {
    const { clock } = this.#desk.options;
    const looked = await this.#client.look(id);
    const age = Math.max(0, Date.parse(clock.wall()) - Date.parse(open.record.at));
    open.nextLookAt = clock.now() + Math.min(longestLookMs, Math.max(shortestLookMs, age * lookShare));
    if (!looked.ok) return this.#lookedInVain(open, id, looked);
    open.failures = 0;
    const remote = looked.value;
    if (remote.isOver) return this.#read(open, remote);
    if (remote.status !== open.said) this.#tell(`batch ${id}: ${remote.status}${progressWords(remote)}`);
    open.said = remote.status;
    open.done = (remote.counts?.completed ?? 0) + (remote.counts?.failed ?? 0);
  }

  #lookedInVain(open: OpenBatch, id: string, { failure, status }: Reply<never> & { ok: false }): void {
    if (this.#desk.isStopping()) return;
    if (status === 404) {
      const isSimulated = this.#endpoint.preset === "simulator";
      if (isSimulated) return this.#lost(open, id);
      this.stopped = `the provider does not know batch ${id} of ${plural(open.record.requests, "request")} any more; \`promptgrid resume DIR --drop-batches\` asks them again`;
      return;
    }
    if (failure.kind === "auth" || failure.kind === "quota") return this.#refuse(failure, `batch ${id}`);
    open.failures++;
    if (open.failures % tellEvery === 1)
      this.#tell(`batch ${id} cannot be looked at now: ${failure.message}`);
  }

  /** A simulated provider forgets with the process what nobody paid for. */
  #lost(open: OpenBatch, id: string): void {
    this.#tell(`batch ${id} went with the simulator that it was handed in to: it is asked again`);
    for (const position of this.#waitingOf(open).values()) this.#giveBack(position);
    this.#end(open, "dropped", {});
  }

  /** Journals all that a batch brought. Where its files cannot be read now, it is looked at again. */
  async #read(open: OpenBatch, remote: RemoteBatch): Promise<void> {
    const waiting = this.#waitingOf(open);
    let answered = 0;
    let failed = 0;
    const take = (position: number, outcome: Parameters<BatchAttempts["record"]>[1]): void => {
      const origin = { lane: this.spec.key, batch: remote.id, createdAt: open.record.at };
      if (outcome.status === "ok") answered++;
      else failed++;
      if (this.#desk.attempts.record(position, outcome, origin)) this.#again.push(position);
    };
    for (const file of remote.files) {
      const reply = await this.#persist(() =>
        this.#client.results(file, ({ customId, outcome }) => {
          const position = waiting.get(customId);
          if (position === undefined || !waiting.delete(customId)) return;
          take(position, outcome);
        }),
      );
      if (!reply.ok) {
        if (!this.#desk.isStopping()) this.#refuse(reply.failure, `the results of batch ${remote.id}`);
        return;
      }
    }
    const isRefused = remote.status === "failed" || remote.status === "cancelled";
    for (const position of waiting.values()) {
      if (isRefused) this.#giveBack(position);
      else take(position, remote.status === "expired" ? unworkedLine() : missingLine(remote.id));
    }
    this.#end(open, "ended", { status: remote.status });
    this.#isFull = false;
    this.#tell(
      `batch ${remote.id}: ${remote.status}, ${plural(answered, "answer")}${failed === 0 ? "" : `, ${countWords(failed)} failed`}`,
    );
    if (isRefused)
      this.stopped = `batch ${remote.id} ${remote.status === "failed" ? "was refused" : "was cancelled at the provider"}${remote.problem === null ? "" : `: ${remote.problem}`}`;
  }

  /** The requests of a batch that have neither an answer nor a failure of this batch yet. */
  #waitingOf(open: OpenBatch): Map<string, number> {
    if (open.waiting !== null) return open.waiting;
    const { part, files } = this.#desk;
    const waiting = new Map<string, number>();
    for (const { requestId, variantId, rowId, trial } of files.requests(open.record.name) ?? []) {
      const position = part.prepared.plan.locate(variantId, rowId, trial);
      const { batch } = open.record;
      if (position < 0 || part.index.isAnswered(position)) continue;
      if (batch !== undefined && part.index.hasFailedIn(batch, position)) this.#giveBack(position);
      else waiting.set(requestId, position);
    }
    open.waiting = waiting;
    return waiting;
  }

  /** A request that nothing was asked for: it needs no room in the budget, and goes into another batch. */
  #giveBack(position: number): void {
    this.#desk.options.budget?.release(position);
    this.#again.push(position);
  }

  #end(open: OpenBatch, event: "ended" | "dropped", more: Partial<BatchRecord>): void {
    const { part, files } = this.#desk;
    this.#note(open, event, more);
    this.#open.splice(this.#open.indexOf(open), 1);
    // The files may go only once it is certain that they are not needed.
    if (part.journal.settle()) files.remove(open.record.name);
  }

  #note(open: OpenBatch, event: BatchRecord["event"], more: Partial<BatchRecord>): void {
    open.record = { ...open.record, ...more, event, at: this.#desk.options.clock.wall() };
    this.#desk.part.journal.append(open.record);
  }

  #refuse(failure: Failure, what: string): void {
    this.stopped = `${what}: ${failure.message}`;
  }

  #tell(words: string): void {
    this.#desk.options.listener({ kind: "notice", message: `${this.spec.key}: ${words}` });
  }

  /** Makes a call that does no harm twice, again and again as requests are, until it succeeds or is given up. */
  async #persist<T>(call: () => Promise<Reply<T>>): Promise<Reply<T>> {
    for (let attempts = 1; ; attempts++) {
      const reply = await call();
      if (reply.ok || this.#desk.isStopping()) return reply;
      const delayMs = this.#delayOf(reply, attempts);
      if (delayMs === null) return reply;
      await this.#desk.pause(delayMs);
    }
  }

  /** Milliseconds until a call that failed for the `attempts`-th time is made again; null for never. */
  #delayOf({ failure, retryAfterMs }: Reply<never> & { ok: false }, attempts: number): number | null {
    const decision = decideRetry({
      failure,
      attempts,
      maxAttempts: this.#desk.part.prepared.config.retryAttempts,
      sameFailures: attempts,
      othersSucceed: false,
      retryAfterMs,
      random: this.#desk.options.random(),
    });
    return decision.retry ? decision.delayMs : null;
  }
}

function progressWords({ counts }: RemoteBatch): string {
  if (counts === null || counts.total === 0) return "";
  return `, ${countWords(counts.completed + counts.failed)} of ${countWords(counts.total)} done`;
}
