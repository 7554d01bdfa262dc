import { incompleteBeta, logBeta } from "./beta.ts";
import { normalQuantile } from "./normal.ts";

/** Beyond this the expansion around the normal distribution is exact to the last digits. */
const manyDegrees = 100_000;

/** P(T ≤ t) of Student's t distribution; `df` above 0, not necessarily whole. */
export function tCdf(t: number, df: number): number {
  demandDegrees(df);
  if (Number.isNaN(t)) return Number.NaN;
  return t < 0 ? upperTail(-t, df) : 1 - upperTail(t, df);
}

/**
 * The t with P(T ≤ t) = p, to about 1e-12 relative: Newton's method on the tail, kept inside a bracket; from 100 000
 * degrees of freedom on the Cornish-Fisher expansion (A&S 26.7.5). Throws RangeError for p outside of 0..1.
 */
export function tQuantile(p: number, df: number): number {
  demandDegrees(df);
  if (!(p >= 0 && p <= 1)) throw new RangeError(`a probability is needed, got ${p}`);
  if (p === 0.5) return 0;
  if (p < 0.5) return -upperQuantile(p, df);
  return upperQuantile(1 - p, df);
}

function upperQuantile(tail: number, df: number): number {
  if (tail === 0) return Number.POSITIVE_INFINITY;
  const z = -normalQuantile(tail);
  if (df >= manyDegrees) return expansion(z, df);
  let low = 0;
  let high = Math.max(1, 2 * z);
  while (upperTail(high, df) > tail) {
    low = high;
    high *= 4;
  }
  let t = Math.min(high, Math.max(low, expansion(z, Math.max(df, 3))));
  for (let step = 0; step < 200; step++) {
    const excess = upperTail(t, df) - tail;
    if (excess > 0) low = t;
    else high = t;
    // Newton on ln P, which is nearly straight far out, where P itself is flat.
    const p = excess + tail;
    const slope = -density(t, df) / p;
    const newton = t - Math.log(p / tail) / slope;
    const next = newton > low && newton < high ? newton : (low + high) / 2;
    if (Math.abs(next - t) <= 1e-15 * Math.max(1, t)) return next;
    t = next;
  }
  return t;
}

function upperTail(t: number, df: number): number {
  const square = t * t;
  return incompleteBeta(df / (df + square), df / 2, 0.5, square / (df + square)) / 2;
}

function density(t: number, df: number): number {
  return Math.exp(-((df + 1) / 2) * Math.log1p((t * t) / df) - logBeta(df / 2, 0.5)) / Math.sqrt(df);
}

function expansion(z: number, df: number): number {
  const z2 = z * z;
  const first = (z * (z2 + 1)) / 4;
  const second = (z * ((5 * z2 + 16) * z2 + 3)) / 96;
  const third = (z * (((3 * z2 + 19) * z2 + 17) * z2 - 15)) / 384;
  return z + (first + (second + third / df) / df) / df;
}

function demandDegrees(df: number): void {
  if (!(df > 0)) throw new RangeError(`degrees of freedom above 0 are needed, got ${df}`);
}
