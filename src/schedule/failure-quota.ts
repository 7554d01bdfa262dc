const most = 50;
const gain = 1;

/**
 * How many failures a lane may still have before it holds still: each takes one, an answer gives one back, up to 50.
 * So a server that answers more than it fails is bearable, and a dying one is not hammered (the retry quota of
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
