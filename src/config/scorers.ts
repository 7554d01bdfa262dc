import type { Diagnostic, Place } from "../diagnostics/diagnostic.ts";
import type { ScorerSpec } from "../score/scorer.ts";
import { type InputFiles, referredName, sha256 } from "../system/input-files.ts";
import type { MatrixFile, ScorerFile } from "./matrix-file.ts";
import { nearestFile } from "./read-text.ts";
import { tryRead } from "./references.ts";
import { withDefaults } from "./scorer-spec.ts";
import type { Path, YamlSource } from "./yaml-source.ts";

/** The scorers that a matrix states. */
export interface StatedScorers {
  /** For every prompt. */
  readonly scorers: readonly ScorerSpec[];
  /** By prompt id, for those that have their own. */
  readonly promptScorers: Readonly<Record<string, readonly ScorerSpec[]>>;
  /** Columns of the dataset that hold scorers, each one placeholder. */
  readonly rowScorers: readonly { readonly template: string; readonly place: Place | null }[];
}

/**
 * The scorers with the common keys' defaults; options stay unrendered. `promptIds` are the ids that each entry of
 * `prompts` has. Equal ids in one list are errors.
 */
export function readScorers(
  matrix: MatrixFile,
  promptIds: readonly (readonly string[])[],
  source: YamlSource,
  files: InputFiles,
): StatedScorers & { readonly diagnostics: readonly Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const scorers = readList(matrix.scorers ?? [], ["scorers"], source, files, diagnostics);
  const prompts = typeof matrix.prompts === "string" ? [] : matrix.prompts;
  const promptScorers: Record<string, readonly ScorerSpec[]> = {};
  prompts.forEach((prompt, i) => {
    if (prompt.scorers === undefined) return;
    const path: Path = ["prompts", i, "scorers"];
    prompt.scorers.forEach((item, k) => {
      if (typeof item !== "string") return;
      diagnostics.push({
        code: "config/row-scorers",
        severity: "error",
        message: "scorers that rows bring along are for all prompts",
        hint: "put the placeholder into the `scorers` of the matrix",
        place: source.place([...path, k]),
      });
    });
    const own = readList(prompt.scorers, path, source, files, diagnostics);
    for (const id of promptIds[i] ?? []) promptScorers[id] = own;
  });
  const rowScorers = (matrix.scorers ?? []).flatMap((item, i) =>
    typeof item === "string" ? [{ template: item, place: source.place(["scorers", i]) }] : [],
  );
  return { scorers, promptScorers, rowScorers, diagnostics };
}

function readList(
  list: readonly (ScorerFile | string)[],
  path: Path,
  source: YamlSource,
  files: InputFiles,
  diagnostics: Diagnostic[],
): readonly ScorerSpec[] {
  const first = new Map<string, number>();
  return list.flatMap((written, i) => {
    if (typeof written === "string") return [];
    const spec = withModule(withDefaults(written), [...path, i], source, files, diagnostics);
    const other = first.get(spec.id);
    if (other !== undefined) {
      diagnostics.push({
        code: "config/duplicate-scorer",
        severity: "error",
        message: `two scorers have the id \`${spec.id}\``,
        hint: "add an `id` to one of them: it names a column of the reports",
        place: source.place([...path, i]),
        related: source.place([...path, other]),
      });
    }
    first.set(spec.id, i);
    return [spec];
  });
}

/** A module is named as inputs are, relative to the matrix, and known by its bytes. */
function withModule(
  spec: ScorerSpec,
  path: Path,
  source: YamlSource,
  files: InputFiles,
  diagnostics: Diagnostic[],
): ScorerSpec {
  const { file } = spec.options;
  if (spec.type !== "module" || typeof file !== "string" || file === "" || file.includes("{{")) return spec;
  const name = referredName(source.file, file);
  const bytes = tryRead(files, name);
  if (bytes === null) {
    diagnostics.push({
      code: "config/missing-file",
      severity: "error",
      message: `cannot read the module \`${name}\` of scorer \`${spec.id}\``,
      hint: nearestFile(name, files) ?? `paths are relative to \`${source.file}\``,
      place: source.place([...path, "file"]),
    });
    return spec;
  }
  return { ...spec, options: { ...spec.options, file: name }, moduleDigest: sha256(bytes) };
}
