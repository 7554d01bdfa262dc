import { type BudgetFile, withLimits } from "./budget.ts";
import type { Path } from "./yaml-source.ts";

/**
 * What the command line changes in a matrix. Everything is recorded in `run.json`, so that a run directory rebuilds
 * the same plan.
 */
export interface Overrides {
  /** `--grid name=v,v`: replaces or adds an axis, in the order given. Values are parsed. */
  readonly grid: readonly { readonly name: string; readonly values: readonly unknown[] }[];
  /** `--set path=value`: dotted path into the file, value parsed as YAML. */
  readonly set: readonly { readonly path: string; readonly value: unknown }[];
  /** Name relative to the working directory. */
  readonly dataset: string | null;
  readonly provider: string | null;
  readonly trials: number | null;
  /** Rows at most. */
  readonly limit: number | null;
  /** Seed of the shuffle of rows. */
  readonly shuffle: number | null;
  readonly concurrency: number | null;
  readonly rpm: number | null;
  readonly tpm: number | null;
  /** `--baseline`: a run directory or a baseline file, relative to the working directory. */
  readonly baseline: string | null;
  /** `--fail-under`: a pass rate, 0..1, that every variant must reach. */
  readonly failUnder: number | null;
  /** `--budget`: its keys go before those of the file. */
  readonly budget: BudgetFile | null;
}

/** No change at all. */
export const noOverrides: Overrides = {
  grid: [],
  set: [],
  dataset: null,
  provider: null,
  trials: null,
  limit: null,
  shuffle: null,
  concurrency: null,
  rpm: null,
  tpm: null,
  baseline: null,
  failUnder: null,
  budget: null,
};

type Tree = Record<string, unknown>;

const limitNames = ["concurrency", "rpm", "tpm"] as const;

/**
 * The matrix value with the overrides written into it. `dataset`, `limit`, `shuffle`, `baseline` and
 * `failUnder` are applied later, to what is read of it.
 */
export function applyOverrides(value: unknown, overrides: Overrides): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const tree = structuredClone(value) as Tree;
  for (const { path, value: wanted } of overrides.set) setPath(tree, path.split("."), wanted);
  if (overrides.grid.length > 0) tree.grid = withAxes(tree.grid, overrides.grid);
  if (overrides.provider !== null) tree.provider = overrides.provider;
  if (overrides.trials !== null) tree.trials = overrides.trials;
  for (const name of limitNames) {
    const limit = overrides[name];
    if (limit !== null) setPath(tree, ["limits", name], limit);
  }
  // Runs that were recorded before there was such a flag do not have it.
  const limits = overrides.budget ?? null;
  const own = tree.budget ?? {};
  if (limits !== null && typeof own === "object") tree.budget = withLimits(own as BudgetFile, limits);
  return tree;
}

/** The flag that states the value at a path of the matrix, such as `--set trials`; null where the file does. */
export function overridingFlag(path: Path, overrides: Overrides): string | null {
  const keys = path.map(String);
  const [head, second, third] = keys;
  const axis = head === "grid" ? (typeof path[1] === "number" ? third : second) : undefined;
  if (axis !== undefined && overrides.grid.some(({ name }) => name === axis)) return `--grid ${axis}`;
  if (head === "provider" && path.length === 1 && overrides.provider !== null) return "--provider";
  if (head === "trials" && overrides.trials !== null) return "--trials";
  // Runs that were recorded before these flags were there do not have them.
  if (head === "baseline" && (overrides.baseline ?? null) !== null) return "--baseline";
  if (head === "budget" && (overrides.budget ?? null) !== null) {
    if (second === undefined || Object.hasOwn(overrides.budget ?? {}, second)) return "--budget";
  }
  if (head === "limits" && path.length === 2) {
    const limit = limitNames.find((name) => name === second);
    if (limit !== undefined && overrides[limit] !== null) return `--${limit}`;
  }
  const set = overrides.set.findLast(({ path: dotted }) =>
    dotted.split(".").every((step, i) => step === keys[i]),
  );
  return set === undefined ? null : `--set ${set.path}`;
}

/** Every grid of the list gets the axis; one that has it loses its own values, so the flag wins. */
function withAxes(grid: unknown, axes: Overrides["grid"]): unknown {
  const grids = (Array.isArray(grid) ? grid : [grid ?? {}]) as readonly Tree[];
  const changed = grids.map((one) => ({
    ...one,
    ...Object.fromEntries(axes.map(({ name, values }) => [name, [...values]])),
  }));
  return Array.isArray(grid) ? changed : changed[0];
}

function setPath(tree: Tree, path: readonly string[], value: unknown): void {
  const [head = "", ...rest] = path;
  if (head === "__proto__") return;
  if (rest.length === 0) {
    tree[head] = value;
    return;
  }
  const inner = tree[head];
  const next = (typeof inner === "object" && inner !== null ? inner : {}) as Tree;
  tree[head] = next;
  setPath(next, rest, value);
}
