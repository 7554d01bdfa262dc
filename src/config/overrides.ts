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
};

type Tree = Record<string, unknown>;

/** The matrix value with the overrides written into it. `dataset`, `limit` and `shuffle` are applied later, to the dataset's spec. */
export function applyOverrides(value: unknown, overrides: Overrides): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const tree = structuredClone(value) as Tree;
  for (const { path, value: wanted } of overrides.set) setPath(tree, path.split("."), wanted);
  if (overrides.grid.length > 0) tree.grid = withAxes(tree.grid, overrides.grid);
  if (overrides.provider !== null) tree.provider = overrides.provider;
  if (overrides.trials !== null) tree.trials = overrides.trials;
  for (const name of ["concurrency", "rpm", "tpm"] as const) {
    const limit = overrides[name];
    if (limit !== null) setPath(tree, ["limits", name], limit);
  }
  return tree;
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
