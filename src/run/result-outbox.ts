import type { ResultEntry, RunBoard } from "../queue/run-board.ts";

/** A result that the coordinator does not have on its disk yet. */
interface Held extends ResultEntry {
  /** When it was last sent, on the monotonic clock; null while it is not. */
  sentAt: number | null;
  readonly onSent: (() => void)[];
}

const sendEveryMs = 25;
const sendAtOnce = 200;
const lookEveryMs = 1_000;
const retryMs = 500;
/** A result that was sent so long ago and is not kept was lost with Redis. */
const lostMs = 5_000;

/** Holds what a worker was answered until the coordinator keeps it, and sends it again where Redis has lost it. */
export class ResultOutbox {
  readonly #board: RunBoard;
  readonly #isCoordinatorThere: () => boolean;
  readonly #held = new Map<number, Held>();
  readonly #timers: NodeJS.Timeout[] = [];
  #isSending = false;
  #notBefore = 0;

  constructor(board: RunBoard, isCoordinatorThere: () => boolean) {
    this.#board = board;
    this.#isCoordinatorThere = isCoordinatorThere;
    this.#timers.push(setInterval(() => void this.#send(), sendEveryMs));
    this.#timers.push(setInterval(() => void this.#look(), lookEveryMs));
  }

  /** Results that are not kept yet. */
  get size(): number {
    return this.#held.size;
  }

  /** Takes a result; resolves once it was sent. */
  add(result: ResultEntry): Promise<void> {
    return new Promise((resolve) => {
      this.#held.set(result.position, { ...result, sentAt: null, onSent: [resolve] });
    });
  }

  /** Sends what is left, for so many milliseconds at most; gives how many results could not be sent. */
  async close(ms: number): Promise<number> {
    const until = performance.now() + ms;
    const unsent = (): number => [...this.#held.values()].filter(({ sentAt }) => sentAt === null).length;
    while (unsent() > 0 && performance.now() < until)
      await new Promise((done) => setTimeout(done, sendEveryMs));
    for (const timer of this.#timers) clearInterval(timer);
    return unsent();
  }

  async #send(): Promise<void> {
    if (this.#isSending || performance.now() < this.#notBefore) return;
    const waiting: Held[] = [];
    for (const held of this.#held.values()) {
      if (held.sentAt === null) waiting.push(held);
      if (waiting.length >= sendAtOnce) break;
    }
    if (waiting.length === 0) return;
    this.#isSending = true;
    try {
      await this.#board.send(waiting);
      for (const held of waiting) {
        held.sentAt = performance.now();
        for (const tell of held.onSent.splice(0)) tell();
      }
    } catch {
      // Redis is away: nothing is lost here.
      this.#notBefore = performance.now() + retryMs;
    } finally {
      this.#isSending = false;
    }
  }

  async #look(): Promise<void> {
    const sent = [...this.#held.values()].filter(({ sentAt }) => sentAt !== null);
    if (sent.length === 0) return;
    try {
      const kept = await this.#board.kept(sent.map(({ position }) => position));
      const now = performance.now();
      sent.forEach((held, i) => {
        if (kept[i] === true) {
          if (this.#held.get(held.position) === held) this.#held.delete(held.position);
        } else if (this.#isCoordinatorThere() && now - (held.sentAt ?? now) > lostMs) held.sentAt = null;
      });
    } catch {
      // Looked at again.
    }
  }
}
