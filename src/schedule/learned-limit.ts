/** How often a learned limit may rise, while it is searched for and later. */
const searchEveryMs = 5_000;
const riseEveryMs = 10_000;
const searchRise = 2;
const fineRise = 1.03;
const fineCut = 0.95;

/**
 * A limit that nobody stated, known by refusals alone: it begins at what the last minute held, is searched upwards by
 * doubling every 5 s while it binds, and after a refusal on the way goes back to the last good value, from
 * where it rises by 3 % and falls by 5 %. Never above `most`.
 */
export class LearnedLimit {
  /** The limit that was stated, which refusals show to be too high; infinite where none was. */
  readonly most: number;
  #value: number;
  #good: number;
  #searching = true;
  #bound = false;
  #changedAt: number;

  constructor(value: number, most: number, now: number) {
    this.#value = Math.min(value, most);
    this.#good = this.#value;
    this.most = most;
    this.#changedAt = now;
  }

  get value(): number {
    return this.#value;
  }

  /** The search has come to the limit that was stated. */
  get isAtMost(): boolean {
    return this.#value >= this.most;
  }

  /** The limit is what a request waited for. */
  bind(): void {
    this.#bound = true;
  }

  /** A request was refused although the limit was kept. `held` is what the last minute held, `least` what it must not fall below. */
  refused(held: number, least: number, now: number): void {
    const risen = this.#value > this.#good;
    const cut = Math.max(this.#value / 2, Math.min(this.#value, held) * fineCut);
    this.#value = risen ? this.#good : Math.min(this.#value, Math.max(least, cut));
    this.#good = this.#value;
    this.#searching &&= !risen;
    this.#changedAt = now;
    this.#bound = false;
  }

  /** An answer came: true when the limit rose. */
  answered(now: number): boolean {
    if (
      !this.#bound ||
      now - this.#changedAt < (this.#searching ? searchEveryMs : riseEveryMs) ||
      this.#value >= this.most
    )
      return false;
    this.#good = this.#value;
    this.#value = Math.min(this.most, this.#value * (this.#searching ? searchRise : fineRise));
    this.#changedAt = now;
    this.#bound = false;
    return true;
  }
}
