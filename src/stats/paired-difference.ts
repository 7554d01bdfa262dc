import { normalQuantile } from "./normal.ts";
import { type Interval, wilsonInterval } from "./rate.ts";

/** Paired pass or fail of n rows. The other cells follow: bothFail = n − b − c − bothPass. */
export interface PairedCounts {
  readonly n: number;
  /** Passed in the base and fails in the candidate. */
  readonly b: number;
  /** Failed in the base and passes in the candidate. */
  readonly c: number;
  /** Rows that pass on both sides; only `newcombe` needs it. */
  readonly bothPass?: number;
}

export type PairedDifferenceMethod = "bonett-price" | "tango" | "newcombe";

/**
 * Interval of candidate − base = (c − b) / n, both pass rates over the same rows, in −1..1.
 * - `bonett-price`: Wald with one row added to both kinds of change, p₁₂ = (b + 1) / (n + 2), p₂₁ = (c + 1) / (n + 2),
 *   (p₂₁ − p₁₂) ± z √((p₁₂ + p₂₁ − (p₁₂ − p₂₁)²) / (n + 2)) (Bonett and Price 2012, J Educ Behav Stat 37:479).
 * - `tango`: the differences that the score test does not refuse (Tango 1998, Stat Med 17:891).
 * - `newcombe`: both Wilson intervals squared and added with their correlation (Newcombe 1998, Stat Med 17:2635, method
 *   10); needs `bothPass`.
 * Not for rows of several answers (use `pairedT`), clusters, or two runs over different rows (`newcombeDifference`).
 */
export function pairedDifferenceInterval(
  counts: PairedCounts,
  confidence: number = 0.95,
  method: PairedDifferenceMethod = "bonett-price",
): Interval {
  const { n, b, c, bothPass = 0 } = counts;
  if (!(n > 0 && b >= 0 && c >= 0 && bothPass >= 0 && b + c + bothPass <= n)) {
    throw new RangeError(`b + c ≤ n and n > 0 are needed, got b ${b}, c ${c}, both ${bothPass}, n ${n}`);
  }
  const z = normalQuantile((1 + confidence) / 2);
  if (method === "bonett-price") return bonettPrice(n, b, c, z);
  if (method === "tango") {
    return { low: -tangoUpper(n, c, b, z), high: tangoUpper(n, b, c, z) };
  }
  if (counts.bothPass === undefined) throw new RangeError("newcombe's method needs `bothPass`");
  return newcombePaired(n, b, c, bothPass, confidence);
}

function bonettPrice(n: number, b: number, c: number, z: number): Interval {
  const worse = (b + 1) / (n + 2);
  const better = (c + 1) / (n + 2);
  const half = z * Math.sqrt((worse + better - (worse - better) ** 2) / (n + 2));
  return { low: Math.max(-1, better - worse - half), high: Math.min(1, better - worse + half) };
}

/** The largest difference (gains − losses) / n whose score statistic is at least −z, by halving. */
function tangoUpper(n: number, losses: number, gains: number, z: number): number {
  let low = (gains - losses) / n;
  let high = 1;
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (tangoScore(n, losses, gains, middle) >= -z) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** The score statistic of Tango 1998, equation 5, with the restricted maximum-likelihood share of losses. */
function tangoScore(n: number, losses: number, gains: number, difference: number): number {
  const a = 2 * n;
  const b = -gains - losses + (2 * n - gains + losses) * difference;
  const c = -losses * difference * (1 - difference);
  const share = (Math.sqrt(Math.max(0, b * b - 4 * a * c)) - b) / (2 * a);
  const variance = n * (2 * share + difference * (1 - difference));
  const distance = gains - losses - n * difference;
  if (variance <= 0) return distance === 0 ? 0 : Math.sign(distance) * Number.POSITIVE_INFINITY;
  return distance / Math.sqrt(variance);
}

function newcombePaired(n: number, b: number, c: number, bothPass: number, confidence: number): Interval {
  const bothFail = n - b - c - bothPass;
  const base = wilsonInterval(bothPass + b, n, confidence);
  const candidate = wilsonInterval(bothPass + c, n, confidence);
  const correlation = correctedPhi(n, b, c, bothPass, bothFail);
  const difference = (c - b) / n;
  const [pb, pc] = [(bothPass + b) / n, (bothPass + c) / n];
  const down = spread(pc - candidate.low, base.high - pb, correlation);
  const up = spread(candidate.high - pc, pb - base.low, correlation);
  return { low: Math.max(-1, difference - down), high: Math.min(1, difference + up) };
}

function spread(x: number, y: number, correlation: number): number {
  return Math.sqrt(Math.max(0, x * x - 2 * correlation * x * y + y * y));
}

/** The correlation of both outcomes, drawn to 0 by half a row where it is positive. */
function correctedPhi(n: number, b: number, c: number, bothPass: number, bothFail: number): number {
  const margins = (bothPass + b) * (c + bothFail) * (bothPass + c) * (b + bothFail);
  if (margins === 0) return 0;
  const cross = bothPass * bothFail - b * c;
  return (cross > 0 ? Math.max(0, cross - n / 2) : cross) / Math.sqrt(margins);
}
