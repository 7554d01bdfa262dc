import type { Estimate } from "./estimate.ts";

/** What is known of a variant, as far as choosing between variants goes. Unknown is null. */
export interface ParetoInput {
  readonly variant_id: string;
  readonly variant: string;
  readonly quality: Estimate | null;
  /** Mean of a request. */
  readonly cost: number | null;
  readonly currency: string | null;
  /** Median of a request. */
  readonly latency_ms: number | null;
}

/** A variant that no other one beats. Keys are those of `summary.json`. */
export interface ParetoVariant {
  readonly variant_id: string;
  readonly variant: string;
  readonly quality: number;
  /** 95 % interval of the quality: the set goes by the values alone. */
  readonly quality_low: number | null;
  readonly quality_high: number | null;
  /** Mean of a request; null where no price is known. */
  readonly cost: number | null;
  readonly currency: string | null;
  /** Median of a request; null where it is not compared. */
  readonly latency_ms: number | null;
}

/** The variants worth choosing from. Keys are those of `summary.json`. */
export interface ParetoSet {
  /** What was compared, in the words of `variants`: quality first, then `cost_per_request` and `latency_ms.p50`. */
  readonly metrics: readonly string[];
  /** In plan order; where there are several currencies, a set for each. */
  readonly variants: readonly ParetoVariant[];
  /** Variants that were not compared, and why. */
  readonly left_out: readonly {
    readonly variant_id: string;
    readonly variant: string;
    readonly reason: string;
  }[];
}

/** Of the rows of the fullest variant: one with fewer has not been seen enough, as with the best variant. */
const leastShareOfRows = 0.5;

/**
 * The variants that no other one beats: at least as good in quality, cost and latency, and better in one. Equal variants
 * stay together. It goes by point values: a member may be one by luck, so intervals stand beside it. Costs are compared
 * where some variant has one, within a currency, and a variant without is left out; latency where each of the rest has one
 * (reused answers have none). Null where fewer than two are left to compare, or where there is quality alone, or none.
 */
export function paretoSet(quality: string, variants: readonly ParetoInput[]): ParetoSet | null {
  const fullest = variants.reduce((most, one) => Math.max(most, one.quality?.n ?? 0), 0);
  const priced = variants.some(({ cost }) => cost !== null);
  const leftOut: { readonly variant_id: string; readonly variant: string; readonly reason: string }[] = [];
  const points: ParetoVariant[] = [];
  for (const one of variants) {
    const reason = unusable(one, fullest, priced);
    if (reason === null) points.push(pointOf(one));
    else leftOut.push({ variant_id: one.variant_id, variant: one.variant, reason });
  }
  const timed = points.every((point) => point.latency_ms !== null);
  if (points.length < 2 || !(priced || timed)) return null;
  const compared = timed ? points : points.map((point) => ({ ...point, latency_ms: null }));
  return {
    metrics: [quality, ...(priced ? ["cost_per_request"] : []), ...(timed ? ["latency_ms.p50"] : [])],
    variants: unbeaten(compared),
    left_out: leftOut,
  };
}

function unusable({ quality, cost }: ParetoInput, fullest: number, priced: boolean): string | null {
  if (quality === null || quality.value === null || quality.n === 0) return "no answer was scored";
  if (quality.n < fullest * leastShareOfRows) return `only ${quality.n} of ${fullest} rows were scored`;
  return priced && cost === null ? "its cost is unknown" : null;
}

function pointOf({ variant_id, variant, quality, cost, currency, latency_ms }: ParetoInput): ParetoVariant {
  return {
    variant_id,
    variant,
    quality: quality?.value ?? Number.NaN,
    quality_low: quality?.low ?? null,
    quality_high: quality?.high ?? null,
    cost,
    currency: cost === null ? null : currency,
    latency_ms,
  };
}

function unbeaten(points: readonly ParetoVariant[]): readonly ParetoVariant[] {
  return points.filter((point) => !points.some((other) => beats(other, point)));
}

/** Whether one variant is at least as good as another in all, and better in something. Null is equal to null. */
export function beats(one: ParetoVariant, other: ParetoVariant): boolean {
  if (one.currency !== other.currency) return false;
  const cost = (other.cost ?? 0) - (one.cost ?? 0);
  const time = (other.latency_ms ?? 0) - (one.latency_ms ?? 0);
  const gains = [one.quality - other.quality, cost, time];
  return gains.every((gain) => gain >= 0) && gains.some((gain) => gain > 0);
}
