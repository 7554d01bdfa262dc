import { type Diagnostic, hasErrors, type Place } from "../diagnostics/diagnostic.ts";
import { weightedId } from "../score/score-column.ts";
import type { ScorerSpec } from "../score/scorer.ts";
import { type InputFiles, inputName, referredName } from "../system/input-files.ts";
import { type BudgetSpec, readBudget } from "./budget.ts";
import { configSources } from "./config-sources.ts";
import { type LoadedCsvMatrix, loadCsvMatrix } from "./csv-matrix.ts";
import { readGates } from "./gates.ts";
import type { MatrixFile } from "./matrix-file.ts";
import { applyOverrides, type Overrides, overridingFlag } from "./overrides.ts";
import { readPoints } from "./points.ts";
import { readPrompts } from "./prompts.ts";
import { readPrices } from "./read-prices.ts";
import { decodeUtf8, nearestFile } from "./read-text.ts";
import { resolveReferences } from "./references.ts";
import type { PromptSpec, RunConfig } from "./run-config.ts";
import { matrixFileSchema } from "./schema.ts";
import { readScorers, type StatedScorers } from "./scorers.ts";
import { readDatasetSpec, readLimits, readMaxFailed, readProviders, readTimeouts } from "./settings.ts";
import { type Path, parseYaml, type YamlSource } from "./yaml-source.ts";
import { zodDiagnostics } from "./zod-diagnostics.ts";

/** A matrix that was read, or what forbids it. Warnings may stand beside a config. */
export interface LoadedMatrix {
  readonly config: RunConfig | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads a matrix file (YAML, JSON or CSV) with the command line's changes; every problem at once, nothing thrown. */
export function loadMatrix(path: string, files: InputFiles, overrides: Overrides): LoadedMatrix {
  const file = inputName(path);
  const read = readText(file, files);
  if (typeof read !== "string") return { config: null, diagnostics: [read] };
  if (/\.(csv|tsv)$/i.test(file)) return fromSource(csvWrapper(file), files, overrides);
  return fromSource(parseYaml(read, file), files, overrides);
}

/** The places of a file in which flags changed something: what a flag states has no line but the flag's name. */
function withFlagPlaces(source: YamlSource, overrides: Overrides): YamlSource {
  const flagPlace = (path: Path): Place | null => {
    const flag = overridingFlag(path, overrides);
    return flag === null ? null : { file: flag, line: 0, column: 0 };
  };
  return {
    ...source,
    place: (path) => flagPlace(path) ?? source.place(path),
    keyPlace: (path) => flagPlace(path) ?? source.keyPlace(path),
    excerpt: (path) => {
      const place = flagPlace(path);
      return place === null ? source.excerpt(path) : { place, text: "" };
    },
  };
}

/** A CSV matrix is a YAML matrix whose only key is `prompts`. */
function csvWrapper(file: string): YamlSource {
  const value = { prompts: file.slice(file.lastIndexOf("/") + 1) };
  const place = { file, line: 1, column: 1 };
  const excerpt = (): null => null;
  return { file, text: "", value, diagnostics: [], place: () => place, keyPlace: () => place, excerpt };
}

function readText(file: string, files: InputFiles): string | Diagnostic {
  const failed = (message: string, hint?: string): Diagnostic => ({
    code: "config/missing-file",
    severity: "error",
    message,
    ...(hint === undefined ? {} : { hint }),
  });
  let bytes: Uint8Array;
  try {
    bytes = files.read(file);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "EISDIR") return failed(`\`${file}\` is a folder`, "a matrix is a YAML, JSON or CSV file");
    if (code !== "ENOENT") return failed(`cannot read \`${file}\`: ${(error as Error).message}`);
    return failed(
      `there is no file \`${file}\``,
      nearestFile(file, files) ?? "paths on the command line are relative to the working directory",
    );
  }
  return decodeUtf8(bytes, file);
}

function fromSource(written: YamlSource, files: InputFiles, overrides: Overrides): LoadedMatrix {
  const diagnostics: Diagnostic[] = [...written.diagnostics];
  if (hasErrors(diagnostics)) return { config: null, diagnostics };
  if (written.value === null || written.value === undefined) {
    diagnostics.push({
      code: "config/empty",
      severity: "error",
      message: `\`${written.file}\` is empty`,
      hint: "a matrix needs at least `prompts` and a `model`",
    });
    return { config: null, diagnostics };
  }
  const referred = resolveReferences(written, files);
  diagnostics.push(...referred.diagnostics);
  const source = withFlagPlaces(written, overrides);
  const value = applyOverrides(referred.value, overrides);
  const checked = matrixFileSchema.safeParse(value);
  if (!checked.success) {
    const found = [...zodDiagnostics(checked.error, { ...source, value }), ...gridProblems(value, source)];
    // What a broken reference would have brought is not complained of again.
    const known = new Set(referred.failed.map(placeKey));
    diagnostics.push(...found.filter(({ place }) => !known.has(placeKey(place))));
    return { config: null, diagnostics };
  }
  const config = toConfig(checked.data, source, files, overrides, diagnostics);
  return { config: hasErrors(diagnostics) ? null : config, diagnostics };
}

function placeKey(place: Place | undefined): string {
  return `${place?.file}:${place?.line}:${place?.column}`;
}

/** Problems of the grid of a matrix that fails for other reasons: all problems are told at once. */
function gridProblems(value: unknown, source: YamlSource): readonly Diagnostic[] {
  const grid = (value as { grid?: unknown } | null)?.grid;
  const isMap = (one: unknown): boolean => typeof one === "object" && one !== null && !Array.isArray(one);
  if (!(isMap(grid) || (Array.isArray(grid) && grid.length > 0 && grid.every(isMap)))) return [];
  return readPoints({ prompts: [], grid: grid as NonNullable<MatrixFile["grid"]> }, source).diagnostics;
}

function toConfig(
  matrix: MatrixFile,
  source: YamlSource,
  files: InputFiles,
  overrides: Overrides,
  diagnostics: Diagnostic[],
): RunConfig {
  const dataset = readDatasetSpec(matrix, source, overrides);
  const { points, diagnostics: gridProblems } = readPoints(matrix, source);
  diagnostics.push(...gridProblems);
  let prompts: readonly PromptSpec[];
  let promptIds: readonly (readonly string[])[] = [];
  let inlineRows: RunConfig["inlineRows"] = null;
  let defaultScorers: RunConfig["scorers"] = [];
  let columns: LoadedCsvMatrix["columns"] = new Map();
  if (typeof matrix.prompts === "string") {
    const stated = (matrix.scorers ?? []).length > 0;
    const csv = loadCsvMatrix(matrix.prompts, source, files, dataset, overrides, stated);
    diagnostics.push(...csv.diagnostics);
    prompts = csv.prompts;
    inlineRows = csv.rows;
    if (!stated) defaultScorers = csv.scorers;
    columns = csv.columns;
  } else {
    const read = readPrompts(matrix.prompts, source, files);
    diagnostics.push(...read.diagnostics);
    prompts = read.prompts;
    promptIds = read.ids;
  }
  const { diagnostics: scorerProblems, ...stated } = readScorers(matrix, promptIds, source, files);
  diagnostics.push(...scorerProblems);
  const judges = stated.scorers.length > 0 ? stated.scorers : defaultScorers;
  const { gates, diagnostics: gateProblems } = readGates(
    matrix,
    source,
    scoreNames(judges, stated),
    overrides.failUnder ?? null,
  );
  diagnostics.push(...gateProblems);
  const priced = readPrices(matrix.prices, source, files);
  diagnostics.push(...priced.diagnostics);
  return {
    name: matrix.name ?? source.file.slice(source.file.lastIndexOf("/") + 1).replace(/\.[^.]*$/, ""),
    file: source.file,
    provider: matrix.provider ?? "siliconflow",
    providers: readProviders(matrix, source),
    prompts,
    dataset,
    inlineRows,
    points,
    parameters: matrix.parameters ?? {},
    stream: matrix.stream ?? true,
    trials: matrix.trials ?? 1,
    limits: readLimits(matrix),
    timeouts: readTimeouts(matrix),
    retryAttempts: matrix.retry?.attempts ?? 6,
    maxFailed: readMaxFailed(matrix.max_failed),
    budget: budgetOf(matrix, source, diagnostics),
    prices: priced.prices,
    exportedPrices: priced.exported,
    scorers: judges,
    promptScorers: stated.promptScorers,
    rowScorers: stated.rowScorers,
    scorersImplied: stated.scorers.length === 0 && defaultScorers.length > 0,
    gates,
    baseline: baselineName(matrix, source, overrides),
    confirm: matrix.confirm ?? null,
    sources: configSources(matrix, source, columns, priced.providers, promptIds),
  };
}

/** Names that gates may know scores by; what ends in `*` is known in full when the rows are read. */
function scoreNames(
  judges: readonly ScorerSpec[],
  { promptScorers, rowScorers }: StatedScorers,
): readonly string[] {
  const ids = [...judges, ...Object.values(promptScorers).flat()].map(({ id }) => id);
  return [...new Set([...ids, ...ids.map((id) => `${id}.*`), weightedId, ...rowScorers.map(() => "*")])];
}

function budgetOf(matrix: MatrixFile, source: YamlSource, diagnostics: Diagnostic[]): BudgetSpec {
  const { budget, problems } = readBudget(matrix.budget ?? {});
  for (const { key, problem, hint } of problems)
    diagnostics.push({
      code: "budget/limit",
      severity: "error",
      message: `\`budget.${key}\`: ${problem}`,
      hint,
      place: source.place(["budget", key]),
    });
  return budget;
}

/** The baseline as an input name: that of the flag, else that of the file, which is relative to it. */
function baselineName({ baseline }: MatrixFile, source: YamlSource, overrides: Overrides): string | null {
  // Runs that were recorded before there was such a flag do not have it.
  const flag = overrides.baseline ?? null;
  if (flag !== null) return inputName(flag);
  return baseline === undefined ? null : referredName(source.file, baseline);
}
