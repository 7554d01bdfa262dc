import { canonicalJson } from "../plan/canonical-json.ts";
import type { SideVariant } from "./side.ts";

/** Something that the variants of a side differ in, and which of them goes with which value of it. */
export interface Axis {
  /** `prompt`, `provider` or a parameter. */
  readonly name: string;
  /** As text, in order of first appearance; null for variants that do not send the parameter. */
  readonly values: readonly (string | null)[];
  /** By combination of all other axes: the variant of each value, -1 where there is none. */
  readonly combinations: readonly Int32Array[];
}

/** The axes of some variants: prompt, provider and each parameter that takes two values or more. */
export function axesOf(variants: readonly SideVariant[]): readonly Axis[] {
  const facts = variants.map(factsOf);
  const names = [...new Set(facts.flatMap((one) => [...one.keys()]))];
  const telling = names.filter((name) => new Set(facts.map((one) => one.get(name)?.key)).size > 1);
  return telling.map((name) => {
    const others = telling.filter((other) => other !== name);
    const keys = new Map<string | undefined, number>();
    const values: (string | null)[] = [];
    for (const one of facts) {
      const fact = one.get(name);
      if (keys.has(fact?.key)) continue;
      keys.set(fact?.key, values.length);
      values.push(fact?.text ?? null);
    }
    const combinations = new Map<string, Int32Array>();
    facts.forEach((one, i) => {
      const key = JSON.stringify(others.map((other) => one.get(other)?.key ?? null));
      const cells = combinations.get(key) ?? new Int32Array(values.length).fill(-1);
      combinations.set(key, cells);
      cells[keys.get(one.get(name)?.key) ?? 0] = i;
    });
    return { name, values, combinations: [...combinations.values()] };
  });
}

interface Fact {
  /** Tells `1` from `"1"`. */
  readonly key: string;
  readonly text: string;
}

function factsOf({ promptId, provider, parameters }: SideVariant): ReadonlyMap<string, Fact> {
  return new Map(
    Object.entries({ prompt: promptId, provider, ...parameters })
      .filter(([, value]) => value !== undefined && value !== null)
      .map(([name, value]) => {
        const key = canonicalJson(value);
        return [name, { key, text: typeof value === "string" ? value : key }];
      }),
  );
}
