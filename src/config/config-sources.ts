import type { Place } from "../diagnostics/diagnostic.ts";
import type { Excerpt } from "../diagnostics/excerpt.ts";
import type { GridFile, MatrixFile, ScorerFile } from "./matrix-file.ts";
import type { ConfigSources } from "./run-config.ts";
import type { Path, YamlSource } from "./yaml-source.ts";

/**
 * Where the parts of a matrix are written. `columns` are the headers of a CSV matrix's parameters; `priceProviders` the
 * providers that its prices name; `promptIds` the ids that each entry of `prompts` has.
 */
export function configSources(
  matrix: MatrixFile,
  source: YamlSource,
  columns: ReadonlyMap<string, Excerpt>,
  priceProviders: ReadonlyMap<string, Place>,
  promptIds: readonly (readonly string[])[],
): ConfigSources {
  const axes = new Map<string, Excerpt[]>();
  const parameters = new Map<string, Excerpt[]>();
  const add = (found: Map<string, Excerpt[]>, name: string, path: Path): void => {
    const excerpt = source.excerpt(path);
    if (excerpt !== null) found.set(name, [...(found.get(name) ?? []), excerpt]);
  };
  const { grid } = matrix;
  const several = Array.isArray(grid);
  const grids = (grid === undefined ? [] : several ? grid : [grid]) as readonly GridFile[];
  grids.forEach((one, i) => {
    const base: Path = several ? ["grid", i] : ["grid"];
    for (const name of Object.keys(one)) {
      if (name !== "include" && name !== "exclude") add(axes, name, [...base, name]);
    }
    const include = Array.isArray(one.include) ? (one.include as readonly unknown[]) : [];
    include.forEach((entry, k) => {
      for (const name of Object.keys(entry ?? {})) add(axes, name, [...base, "include", k, name]);
    });
  });
  for (const [name, excerpt] of columns) axes.set(name, [...(axes.get(name) ?? []), excerpt]);
  for (const name of Object.keys(matrix.parameters ?? {})) add(parameters, name, ["parameters", name]);
  return {
    axes,
    parameters,
    provider: source.excerpt(["provider"]),
    dataset: source.excerpt(["dataset"]),
    scorers: excerptsOf(matrix.scorers, ["scorers"], source),
    promptScorers: promptScorers(matrix, source, promptIds),
    confirm: source.excerpt(["confirm"]),
    budget: source.excerpt(["budget"]),
    priceProviders,
  };
}

/** The scorers of a list that are no placeholders. */
function excerptsOf(
  list: readonly (ScorerFile | string)[] | undefined,
  path: Path,
  source: YamlSource,
): readonly (Excerpt | null)[] {
  return (list ?? []).flatMap((item, i) => (typeof item === "string" ? [] : [source.excerpt([...path, i])]));
}

function promptScorers(
  { prompts }: MatrixFile,
  source: YamlSource,
  promptIds: readonly (readonly string[])[],
): ConfigSources["promptScorers"] {
  if (typeof prompts === "string") return {};
  return Object.fromEntries(
    prompts.flatMap(({ scorers }, i) => {
      const excerpts = excerptsOf(scorers, ["prompts", i, "scorers"], source);
      return (promptIds[i] ?? []).map((id) => [id, excerpts] as const);
    }),
  );
}
