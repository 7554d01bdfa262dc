const most = 50;
const gain = 0.5;

/**
 * How many failures a lane may still have before it holds still: each takes one, an answer gives a half back, up to 50.
 * So a server that fails one request in three is bearable, and a dying one is not hammered (the retry quota of
 * AWS' SDKs, with the first attempts counted, too, because a plan has more of those than of retries).
 */
export class FailureQuota {
  #left = most;

  answered(): void {
    this.#left = Math.min(most, this.#left + gain);
  }

  /** Takes one; true when nothing is left. */
  failed(): boolean {
    this.#left = Math.max(0, this.#left - 1);
    return this.#left < 1;
  }
}
