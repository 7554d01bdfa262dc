import { type Diagnostic, hasErrors } from "../diagnostics/diagnostic.ts";
import { nearest } from "../diagnostics/nearest.ts";
import { type InputFiles, inputName } from "../system/input-files.ts";
import { loadCsvMatrix } from "./csv-matrix.ts";
import type { MatrixFile } from "./matrix-file.ts";
import { applyOverrides, type Overrides } from "./overrides.ts";
import { readPoints } from "./points.ts";
import { readPrompts } from "./prompts.ts";
import { resolveReferences } from "./references.ts";
import type { PromptSpec, RunConfig } from "./run-config.ts";
import { matrixFileSchema } from "./schema.ts";
import {
  readDatasetSpec,
  readLimits,
  readMaxFailed,
  readProviders,
  readScorers,
  readTimeouts,
} from "./settings.ts";
import { parseYaml, type YamlSource } from "./yaml-source.ts";
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

/** A CSV matrix is a YAML matrix whose only key is `prompts`. */
function csvWrapper(file: string): YamlSource {
  const value = { prompts: file.slice(file.lastIndexOf("/") + 1) };
  const place = { file, line: 1, column: 1 };
  return { file, text: "", value, diagnostics: [], place: () => place, keyPlace: () => place };
}

function readText(file: string, files: InputFiles): string | Diagnostic {
  const failed = (code: string, message: string, hint?: string): Diagnostic => ({
    code,
    severity: "error",
    message,
    ...(hint === undefined ? {} : { hint }),
  });
  let bytes: Uint8Array;
  try {
    bytes = files.read(file);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "EISDIR")
      return failed("config/missing-file", `\`${file}\` is a folder; a matrix is a YAML or CSV file`);
    if (code !== "ENOENT")
      return failed("config/missing-file", `cannot read \`${file}\`: ${(error as Error).message}`);
    const folder = file.includes("/") ? file.slice(0, file.lastIndexOf("/")) : ".";
    const close = nearest(file, files.list(folder));
    return failed(
      "config/missing-file",
      `there is no file \`${file}\``,
      close === null
        ? "paths on the command line are relative to the working directory"
        : `did you mean \`${close}\`?`,
    );
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return failed("config/encoding", `\`${file}\` is not UTF-8 text`, "save it as UTF-8");
  }
}

function fromSource(source: YamlSource, files: InputFiles, overrides: Overrides): LoadedMatrix {
  const diagnostics: Diagnostic[] = [...source.diagnostics];
  if (hasErrors(diagnostics)) return { config: null, diagnostics };
  if (source.value === null || source.value === undefined) {
    diagnostics.push({
      code: "config/empty",
      severity: "error",
      message: `\`${source.file}\` is empty`,
      hint: "a matrix needs at least `prompts` and a `model`",
    });
    return { config: null, diagnostics };
  }
  const referred = resolveReferences(source, files);
  diagnostics.push(...referred.diagnostics);
  const value = applyOverrides(referred.value, overrides);
  const checked = matrixFileSchema.safeParse(value);
  if (!checked.success) {
    diagnostics.push(...zodDiagnostics(checked.error, { ...source, value }), ...gridProblems(value, source));
    return { config: null, diagnostics };
  }
  const config = toConfig(checked.data, source, files, overrides, diagnostics);
  return { config: hasErrors(diagnostics) ? null : config, diagnostics };
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
  const { scorers, diagnostics: scorerProblems } = readScorers(matrix, source);
  diagnostics.push(...scorerProblems);
  let prompts: readonly PromptSpec[];
  let inlineRows: RunConfig["inlineRows"] = null;
  let defaultScorers: RunConfig["scorers"] = [];
  if (typeof matrix.prompts === "string") {
    const csv = loadCsvMatrix(matrix.prompts, source, files, dataset, overrides);
    diagnostics.push(...csv.diagnostics);
    prompts = csv.prompts;
    inlineRows = csv.rows;
    if (scorers.length === 0) defaultScorers = csv.scorers;
  } else {
    const read = readPrompts(matrix.prompts, source, files);
    diagnostics.push(...read.diagnostics);
    prompts = read.prompts;
  }
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
    scorers: scorers.length > 0 ? scorers : defaultScorers,
    scorersImplied: scorers.length === 0 && defaultScorers.length > 0,
  };
}
