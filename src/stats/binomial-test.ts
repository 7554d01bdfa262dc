import { binomialCdf, binomialPmf, binomialUpperTail } from "./binomial.ts";
import type { Interval } from "./rate.ts";

/**
 * Exact two-sided binomial test of x successes in n trials against `p0`: the chance of all outcomes that are at most as
 * likely as x, equal within 1e-7 counting as equal (the rule of R's `binom.test`). For one rate against a fixed number;
 * two runs over the same rows are compared by `mcnemar`. No trials give 1.
 */
export function binomialTest(x: number, n: number, p0: number): number {
  demandSuccesses(x, n);
  const limit = binomialPmf(x, n, p0) * (1 + 1e-7);
  const mode = Math.min(n, Math.floor((n + 1) * p0));
  if (binomialPmf(mode, n, p0) <= limit) return 1;
  // The chances fall away from the mode on both sides, so each tail begins where they reach the limit.
  const low = x < mode ? x : edge(-1, mode, (k) => binomialPmf(k, n, p0) <= limit);
  const high = x > mode ? x : edge(n + 1, mode, (k) => binomialPmf(k, n, p0) <= limit);
  return Math.min(1, binomialCdf(low, n, p0) + binomialUpperTail(high, n, p0));
}

/** The number nearest to `inside` for which the predicate, true at `outside` and beyond, holds. */
function edge(outside: number, inside: number, holds: (k: number) => boolean): number {
  let [out, within] = [outside, inside];
  while (Math.abs(out - within) > 1) {
    const middle = Math.floor((out + within) / 2);
    if (holds(middle)) out = middle;
    else within = middle;
  }
  return out;
}

/**
 * Clopper and Pearson's exact interval of a proportion (1934, Biometrika 26:404): all p that neither one-sided binomial
 * test refuses. Holds the truth at least as often as it says, usually more often, so it is wide: `wilsonInterval` is the
 * default, this one is for guarantees. Throws RangeError unless 0 ≤ x ≤ n, whole, and n > 0.
 */
export function clopperPearsonInterval(x: number, n: number, confidence: number = 0.95): Interval {
  demandSuccesses(x, n);
  if (n === 0) throw new RangeError("trials are needed, got none");
  if (!(confidence > 0 && confidence < 1))
    throw new RangeError(`a confidence in 0..1 is needed, got ${confidence}`);
  const tail = (1 - confidence) / 2;
  return {
    low: x === 0 ? 0 : whereTailIs(tail, x, n),
    high: x === n ? 1 : 1 - whereTailIs(tail, n - x, n),
  };
}

/** The p with P(X ≥ k) = tail, by halving; the tail grows with p. */
function whereTailIs(tail: number, k: number, n: number): number {
  let [low, high] = [0, 1];
  for (let step = 0; step < 100 && high - low > high * 1e-15; step++) {
    const middle = (low + high) / 2;
    if (binomialUpperTail(k, n, middle) < tail) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

function demandSuccesses(x: number, n: number): void {
  if (!(Number.isInteger(x) && Number.isInteger(n) && x >= 0 && x <= n)) {
    throw new RangeError(`whole numbers with 0 ≤ x ≤ n are needed, got ${x} of ${n}`);
  }
}
