/** Fractions of tokens, taken and given back, leave so little in an empty slot that no limit means it. */
const residue = 1e-6;

/**
 * What was taken within the last so many milliseconds, in slots of time: a slot counts until all of it is past, so that
 * no window of that length ever holds more than a count that was let through. Time may be any clock's; a step back is
 * taken for standing still.
 */
export class RollingCount {
  readonly #slotMs: number;
  readonly #slots: Float64Array;
  /** Where slot 0 begins: what is older than the start may be added, too. */
  readonly #origin: number;
  /** Number of the newest slot. */
  #newest: number;
  #total = 0;

  /** `windowMs` must be a multiple of `slotMs`. */
  constructor(windowMs: number, slotMs: number, now: number) {
    this.#slotMs = slotMs;
    this.#slots = new Float64Array(windowMs / slotMs + 1);
    this.#newest = this.#slots.length;
    this.#origin = Math.floor(now / slotMs) * slotMs - this.#newest * slotMs;
  }

  /** What the window holds. */
  total(now: number): number {
    this.#turn(now);
    return this.#total;
  }

  /** Adds to the present slot and gives its number, by which `correct` finds it again. */
  add(amount: number, now: number): number {
    this.#turn(now);
    this.#change(this.#newest, amount);
    return this.#newest;
  }

  /** Adds what was taken so long ago. */
  addPast(amount: number, agoMs: number, now: number): void {
    this.correct(this.#slotOf(now - agoMs), amount, now);
  }

  /** Changes what was added to a slot; nothing where that slot has left the window. */
  correct(slot: number, amount: number, now: number): void {
    this.#turn(now);
    if (slot > this.#newest - this.#slots.length) this.#change(slot, amount);
  }

  /** Milliseconds until the window holds `most` or less. */
  waitMs(most: number, now: number): number {
    this.#turn(now);
    const tolerance = residue + 1e-9 * Math.abs(most);
    let held = this.#total;
    if (held <= most + tolerance) return 0;
    const { length } = this.#slots;
    for (let slot = this.#newest - length + 1; slot <= this.#newest; slot++) {
      held -= this.#slots[slot % length] ?? 0;
      if (held <= most + tolerance) return Math.max(0, this.#origin + (slot + length) * this.#slotMs - now);
    }
    return length * this.#slotMs;
  }

  #change(slot: number, amount: number): void {
    const at = slot % this.#slots.length;
    this.#slots[at] = (this.#slots[at] ?? 0) + amount;
    this.#total += amount;
  }

  #slotOf(time: number): number {
    return Math.floor((time - this.#origin) / this.#slotMs);
  }

  /** Empties the slots that time has passed. */
  #turn(now: number): void {
    const current = this.#slotOf(now);
    const steps = Math.min(this.#slots.length, current - this.#newest);
    for (let i = 1; i <= steps; i++) {
      const at = (this.#newest + i) % this.#slots.length;
      this.#slots[at] = 0;
    }
    if (current > this.#newest) {
      this.#newest = current;
      // Summed anew, so that what rounding leaves does not grow.
      this.#total = this.#slots.reduce((sum, held) => sum + held, 0);
    }
  }
}
