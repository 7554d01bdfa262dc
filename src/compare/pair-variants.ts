import { canonicalJson } from "../plan/canonical-json.ts";
import type { Side, SideVariant } from "./side.ts";

/** Variants of two sides that stand against each other, by position on each. */
export interface VariantPairs {
  readonly pairs: readonly { readonly base: number; readonly candidate: number }[];
  /** Positions of variants without a counterpart. */
  readonly onlyBase: readonly number[];
  readonly onlyCandidate: readonly number[];
  /** Variants of the candidate that several of the base's would fit, none of them exactly. */
  readonly ambiguous: readonly number[];
}

/**
 * Pairs variants by prompt id, provider and parameters; the keys in `vary` (`prompt`, `provider`, a parameter's name) may
 * differ. A variant that is there unchanged is paired with itself before anything else; a lone one of the base stands
 * against all that fit it.
 */
export function pairVariants(base: Side, candidate: Side, vary: readonly string[]): VariantPairs {
  const exact = new Map(base.variants.map((variant, i) => [variantIdentity(variant, []), i]));
  const loose = new Map<string, number[]>();
  base.variants.forEach((variant, i) => {
    const key = variantIdentity(variant, vary);
    loose.set(key, [...(loose.get(key) ?? []), i]);
  });
  const pairs: { base: number; candidate: number }[] = [];
  const onlyCandidate: number[] = [];
  const ambiguous: number[] = [];
  candidate.variants.forEach((variant, i) => {
    const fitting = loose.get(variantIdentity(variant, vary)) ?? [];
    const [only, second] = fitting;
    const same = exact.get(variantIdentity(variant, []));
    // Where one of the base fits, it is meant, even if the candidate has it unchanged beside the others.
    const chosen = second === undefined ? only : same;
    if (chosen !== undefined) pairs.push({ base: chosen, candidate: i });
    else if (fitting.length > 0) ambiguous.push(i);
    else onlyCandidate.push(i);
  });
  const paired = new Set(pairs.map((pair) => pair.base));
  return {
    pairs,
    onlyBase: base.variants.flatMap((_, i) => (paired.has(i) ? [] : [i])),
    onlyCandidate,
    ambiguous,
  };
}

/** What a variant is paired by: equal text means the same variant but for the keys in `vary`. */
export function variantIdentity(variant: SideVariant, vary: readonly string[]): string {
  const { promptId, provider, parameters } = variant;
  const facts = { ...parameters, prompt: promptId, provider };
  return canonicalJson(Object.fromEntries(Object.entries(facts).filter(([name]) => !vary.includes(name))));
}

/** Names in which two sides' variants differ although no variant is in both: what `vary` could name. */
export function differingKeys(base: Side, candidate: Side): readonly string[] {
  const valuesOf = (side: Side, name: string): string =>
    [...new Set(side.variants.map((variant) => canonicalJson(factsOf(variant)[name] ?? null)))]
      .sort()
      .join("\n");
  const names = new Set(
    [...base.variants, ...candidate.variants].flatMap((one) => Object.keys(factsOf(one))),
  );
  return [...names].filter((name) => valuesOf(base, name) !== valuesOf(candidate, name));
}

function factsOf({ promptId, provider, parameters }: SideVariant): Readonly<Record<string, unknown>> {
  return { prompt: promptId, provider, ...parameters };
}
