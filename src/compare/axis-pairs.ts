import { nearest } from "../diagnostics/nearest.ts";
import { canonicalJson } from "../plan/canonical-json.ts";
import type { SideVariant } from "./side.ts";

/** Variants that differ in one axis alone, by position. */
export interface AxisPairs {
  readonly pairs: readonly { readonly base: number; readonly candidate: number }[];
}

/**
 * Pairs of variants that agree in everything but one axis (`prompt`, `provider` or a parameter): all pairs, the earlier
 * value as the base, or all values against one. Values are compared as text too, as flags write them.
 */
export function axisPairs(
  variants: readonly SideVariant[],
  axis: string,
  against: string | null,
): AxisPairs | { readonly problem: string; readonly hint: string } {
  const values = variants.map((variant) => factsOf(variant)[axis]);
  const texts = values.map(textOf);
  const distinct = [...new Set(texts)];
  if (distinct.length < 2)
    return noAxis(
      variants,
      axis,
      values.every((value) => value === undefined),
    );
  if (against !== null && !distinct.includes(against)) {
    const close = nearest(against, distinct);
    return {
      problem: `\`${axis}\` does not take the value \`${against}\``,
      hint:
        close === null
          ? `it takes ${distinct.map((value) => `\`${value}\``).join(", ")}`
          : `did you mean \`${close}\`?`,
    };
  }
  const groups = new Map<string, number[]>();
  variants.forEach((variant, i) => {
    const { [axis]: _, ...others } = factsOf(variant);
    const key = canonicalJson(others);
    groups.set(key, [...(groups.get(key) ?? []), i]);
  });
  const pairs: { base: number; candidate: number }[] = [];
  for (const members of groups.values()) {
    members.forEach((first, k) => {
      for (const second of members.slice(k + 1)) {
        if (against === null || texts[first] === against) pairs.push({ base: first, candidate: second });
        else if (texts[second] === against) pairs.push({ base: second, candidate: first });
      }
    });
  }
  if (pairs.length > 0) return { pairs };
  return {
    problem: `no two variants differ in \`${axis}\` alone`,
    hint: "name two with `--variants A --variants B`",
  };
}

function noAxis(
  variants: readonly SideVariant[],
  axis: string,
  unknown: boolean,
): { readonly problem: string; readonly hint: string } {
  const names = [...new Set(variants.flatMap((variant) => Object.keys(factsOf(variant))))];
  const axes = names.filter(
    (name) => new Set(variants.map((variant) => textOf(factsOf(variant)[name]))).size > 1,
  );
  const hint =
    axes.length === 0
      ? "this run has one variant alone: compare it with another run"
      : `axes of this run: ${axes.map((name) => `\`${name}\``).join(", ")}`;
  return {
    problem: unknown ? `this run has no axis \`${axis}\`` : `\`${axis}\` has one value alone in this run`,
    hint,
  };
}

function factsOf({ promptId, provider, parameters }: SideVariant): Readonly<Record<string, unknown>> {
  return { prompt: promptId, provider, ...parameters };
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : value === undefined ? "" : canonicalJson(value);
}
