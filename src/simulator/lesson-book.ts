import type { Lesson } from "./lesson.ts";

const keptMs = 10 * 60_000;
const keptLessons = 200_000;
const patienceMs = 2_000;

interface Entry {
  readonly lesson: Lesson | null;
  readonly taughtAt: number;
}

/**
 * Lessons by request id, kept until used, for 10 minutes, and 200 000 at most (the oldest go first). A request that is
 * faster than its lesson waits up to 2 seconds for it.
 */
export class LessonBook {
  readonly #lessons = new Map<string, Entry>();
  readonly #waiting = new Map<string, Set<(lesson: Lesson | null) => void>>();
  readonly #waits: boolean | null;
  #taught = false;

  /** `waits`: whether requests wait for lessons; null waits once a first one was taught. */
  constructor(waits: boolean | null) {
    this.#waits = waits;
  }

  /** `now` is in milliseconds and never runs backwards. */
  teach(requestId: string, lesson: Lesson | null, now: number): void {
    this.#taught = true;
    this.#lessons.delete(requestId);
    this.#lessons.set(requestId, { lesson, taughtAt: now });
    for (const [id, entry] of this.#lessons) {
      if (entry.taughtAt > now - keptMs && this.#lessons.size <= keptLessons) break;
      this.#lessons.delete(id);
    }
    const waiting = this.#waiting.get(requestId);
    this.#waiting.delete(requestId);
    for (const resolve of waiting ?? []) resolve(lesson);
  }

  /** The lesson of a request; null when there is none to know, or none came in time. Does not use it up. */
  find(requestId: string): Lesson | null | Promise<Lesson | null> {
    const entry = this.#lessons.get(requestId);
    if (entry !== undefined) return entry.lesson;
    if (!(this.#waits ?? this.#taught)) return null;
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(requestId) ?? new Set();
      this.#waiting.set(requestId, waiting);
      const settle = (lesson: Lesson | null): void => {
        clearTimeout(timer);
        waiting.delete(settle);
        if (waiting.size === 0 && this.#waiting.get(requestId) === waiting) this.#waiting.delete(requestId);
        resolve(lesson);
      };
      const timer = setTimeout(() => settle(null), patienceMs);
      waiting.add(settle);
    });
  }

  /** Forgets a lesson that was used. */
  drop(requestId: string): void {
    this.#lessons.delete(requestId);
  }

  /** Lessons at hand. */
  get size(): number {
    return this.#lessons.size;
  }

  /** Lets nobody wait any longer. */
  close(): void {
    for (const waiting of [...this.#waiting.values()]) for (const settle of [...waiting]) settle(null);
    this.#lessons.clear();
  }
}
