import { decodeBaseline } from "../compare/baseline.ts";
import type { BaselineFacts } from "../compare/baseline-facts.ts";
import type { Side } from "../compare/side.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { InputFiles } from "../system/input-files.ts";

/** A baseline file that was read. */
export interface Baseline {
  readonly side: Side;
  readonly facts: BaselineFacts;
}

/** The baseline that a matrix or a flag names. A file that is not there yet is a notice: the first run has none. */
export function readBaseline(
  name: string | null,
  files: InputFiles,
): { readonly baseline: Baseline | null; readonly diagnostics: readonly Diagnostic[] } {
  if (name === null) return { baseline: null, diagnostics: [] };
  let bytes: Uint8Array;
  try {
    bytes = files.read(name);
  } catch (error) {
    return { baseline: null, diagnostics: [unreadable(name, error as NodeJS.ErrnoException)] };
  }
  const { side, facts, diagnostics } = decodeBaseline(new TextDecoder().decode(bytes), name);
  return { baseline: side === null || facts === null ? null : { side, facts }, diagnostics };
}

function unreadable(name: string, error: NodeJS.ErrnoException): Diagnostic {
  if (error.code === "ENOENT") {
    return {
      code: "baseline/missing",
      severity: "notice",
      message: `there is no baseline \`${name}\` yet: nothing is compared with it`,
      hint: `\`--save-baseline ${name}\` saves this run as one`,
    };
  }
  const what = error.code === "EISDIR" ? "it is a folder" : error.message;
  return {
    code: "baseline/unreadable",
    severity: "error",
    message: `cannot read the baseline \`${name}\`: ${what}`,
    hint: "a baseline is a file that `promptgrid baseline save` wrote; a run is compared with `--baseline RUN`",
  };
}
