import type { Comparison } from "../compare/comparison.ts";
import { labelParts } from "../compare/label-parts.ts";

/** A column that says which comparison a line is. */
export interface NameColumn {
  readonly title: string;
  readonly cell: (comparison: Comparison) => string;
}

/** What tells the lines of a table from each other, and what they share. */
export interface LineNames {
  /** The base of every line; null where they differ. */
  readonly base: string | null;
  readonly candidate: string | null;
  /** The one key in which base and candidate differ, on every line; else null. */
  readonly axis: string | null;
  /** None where there is one pair, on all rows. */
  readonly columns: readonly NameColumn[];
}

/** The rows of a comparison in words: `category=math`; empty for all of them. */
export function sliceWords({ slice }: Comparison): string {
  return slice === null ? "" : `${slice.column}=${slice.value === "" ? '""' : slice.value}`;
}

/** A pair in words: `base → candidate`, and its slice. */
export function pairWords(comparison: Comparison): string {
  const { base, candidate } = comparison;
  const slice = sliceWords(comparison);
  return `${base === null ? "" : `${base} → `}${candidate}${slice === "" ? "" : `, ${slice}`}`;
}

/**
 * Names for the lines of a table, short ones: what all of them share is said once. Where base and candidate of every line
 * differ in one key alone, as they do along an axis, only its values stand there, beside what the two have in common.
 */
export function nameLines(comparisons: readonly Comparison[]): LineNames {
  const slices = differ(comparisons.map(sliceWords));
  const sliced: readonly NameColumn[] = slices ? [{ title: "rows of", cell: sliceWords }] : [];
  const bases = comparisons.map((one) => one.base);
  const candidates = comparisons.map((one) => one.candidate);
  const axis = axisNames(comparisons);
  if (axis === null || !(differ(bases) || differ(candidates))) {
    return {
      base: theOnly(bases),
      candidate: theOnly(candidates),
      axis: null,
      columns: [
        ...(differ(bases) ? [{ title: "base", cell: ({ base }: Comparison): string => base ?? "" }] : []),
        ...candidateColumns(comparisons),
        ...sliced,
      ],
    };
  }
  const { key, names } = axis;
  const all = comparisons.flatMap((one) => names.get(one) ?? []);
  const column = (title: string, cell: (name: AxisName) => string): readonly NameColumn[] =>
    differ(all.map(cell))
      ? [
          {
            title,
            cell: (comparison) => {
              const name = names.get(comparison);
              return name === undefined ? "" : cell(name);
            },
          },
        ]
      : [];
  const shared = (side: "base" | "candidate"): string | null => {
    const value = theOnly(all.map((name) => name[side]));
    return value === null ? null : `${key}=${value}`;
  };
  const restKeys = [...(all[0]?.rest.keys() ?? [])];
  const telling = restKeys.filter((one) => differ(all.map(({ rest }) => rest.get(one) ?? null)));
  const common = restKeys
    .filter((one) => !telling.includes(one))
    .map((one) => `, ${one}=${all[0]?.rest.get(one)}`);
  return {
    base: shared("base"),
    candidate: shared("candidate"),
    axis: `${key}${common.join("")}`,
    columns: [
      ...telling.flatMap((one) => column(one, ({ rest }) => rest.get(one) ?? "")),
      ...column("base", ({ base }) => base),
      ...column("candidate", ({ candidate }) => candidate),
      ...sliced,
    ],
  };
}

/** The candidates: a column for each key that tells them apart, or their whole labels, where the bases differ too. */
function candidateColumns(comparisons: readonly Comparison[]): readonly NameColumn[] {
  if (!differ(comparisons.map((one) => one.candidate))) return [];
  const parts = new Map(comparisons.map((one) => [one, partsOf(one.candidate)]));
  const shapes = [...parts.values()].map((part) => (part === null ? null : [...part.keys()].join()));
  const keys = [...(parts.values().next().value?.keys() ?? [])];
  if (theOnly(shapes) === null || differ(comparisons.map((one) => one.base)))
    return [{ title: "candidate", cell: ({ candidate }) => candidate }];
  const partOf = (one: Comparison, key: string): string => parts.get(one)?.get(key) ?? "";
  return keys
    .filter((key) => differ(comparisons.map((one) => partOf(one, key))))
    .map((key) => ({ title: key, cell: (one) => partOf(one, key) }));
}

/** A pair along an axis: both values, and the part of the labels that both sides share. */
interface AxisName {
  /** Values by key. */
  readonly rest: ReadonlyMap<string, string>;
  readonly base: string;
  readonly candidate: string;
}

/** The key in which both labels of every comparison differ, with the names that follow from it; null where there is none. */
function axisNames(
  comparisons: readonly Comparison[],
): { readonly key: string; readonly names: ReadonlyMap<Comparison, AxisName> } | null {
  const names = new Map<Comparison, AxisName>();
  const keys = new Set<string>();
  const shapes = new Set<string>();
  for (const comparison of comparisons) {
    const before = partsOf(comparison.base ?? "");
    const now = partsOf(comparison.candidate);
    if (before === null || now === null || [...before.keys()].join() !== [...now.keys()].join()) return null;
    const differing = [...before.keys()].filter((key) => before.get(key) !== now.get(key));
    const [key = ""] = differing;
    if (differing.length !== 1) return null;
    keys.add(key);
    shapes.add([...before.keys()].join());
    names.set(comparison, {
      rest: new Map([...before].filter(([name]) => name !== key)),
      base: before.get(key) ?? "",
      candidate: now.get(key) ?? "",
    });
  }
  const [key = ""] = keys;
  return keys.size === 1 && shapes.size === 1 ? { key, names } : null;
}

/** A label as its keys and values; null for a text that is no such label. */
function partsOf(label: string): ReadonlyMap<string, string> | null {
  const parts = labelParts(label);
  return parts === null ? null : new Map(parts.map(({ name, value }) => [name, value]));
}

function differ(values: readonly (string | null)[]): boolean {
  return new Set(values).size > 1;
}

function theOnly(values: readonly (string | null)[]): string | null {
  const [first = null, ...others] = new Set(values);
  return others.length === 0 ? first : null;
}
