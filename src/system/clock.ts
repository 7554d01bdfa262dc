/** Time, handed in so that tests can own it. */
export interface Clock {
  /** Milliseconds on a monotonic clock. */
  now(): number;
  /** Wall-clock time, ISO 8601 in UTC. */
  wall(): string;
  /** Calls back once, not before `ms` milliseconds; the result cancels. */
  after(ms: number, work: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  wall: () => new Date().toISOString(),
  after: (ms, work) => {
    const timer = setTimeout(work, Math.min(Math.max(0, Math.ceil(ms)), 2 ** 31 - 1));
    return () => clearTimeout(timer);
  },
};
