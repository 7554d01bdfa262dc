import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { countDiagnostics } from "../diagnostics/render.ts";
import { UsageError } from "../errors.ts";
import type { InputFiles } from "../system/input-files.ts";

/** The input files hold errors: all of them, and where their text can be had for the code frames. Exit 2. */
export class DiagnosticsError extends UsageError {
  readonly diagnostics: readonly Diagnostic[];
  readonly files: InputFiles;

  constructor(diagnostics: readonly Diagnostic[], files: InputFiles) {
    super("config/diagnostics", countDiagnostics(diagnostics));
    this.diagnostics = diagnostics;
    this.files = files;
  }
}
