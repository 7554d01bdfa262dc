/** An estimate with its 95 % interval. `n` counts rows. All null (n 0) where nothing was scored. */
export interface Estimate {
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly n: number;
}
