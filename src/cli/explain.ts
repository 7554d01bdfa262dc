import { styleText } from "node:util";
import { type Diagnostic, hasErrors } from "../diagnostics/diagnostic.ts";
import { countDiagnostics, renderDiagnostics } from "../diagnostics/render.ts";
import { exitCodes, PromptgridError } from "../errors.ts";
import { errorAnnotations } from "../report/workflow-command.ts";
import { DiagnosticsError } from "../run/diagnostics-error.ts";
import type { InputFiles } from "../system/input-files.ts";
import type { Flags } from "./cli.ts";
import { type Terminal, tableWidth, wantsColor } from "./terminal.ts";

/** Prints what went wrong on stderr and gives the exit code. What is not one of ours is a bug, and shows its stack. */
export function explain(error: unknown, terminal: Terminal, flags: Flags): number {
  const color = wantsColor(terminal.stderr, terminal.environment, flags.color as boolean | undefined);
  if (error instanceof DiagnosticsError) {
    showDiagnostics(error.diagnostics, error.files, terminal, color, true);
    if (terminal.environment.GITHUB_ACTIONS === "true")
      for (const line of errorAnnotations(error.diagnostics)) terminal.stderr.write(`${line}\n`);
    return error.exitCode;
  }
  if (error instanceof PromptgridError) {
    const word = color ? styleText("red", "error:", { validateStream: false }) : "error:";
    terminal.stderr.write(
      `${word} ${error.message} [${error.code}]\n${error.hint === null ? "" : `   hint: ${error.hint}\n`}`,
    );
    return error.exitCode;
  }
  const code = (error as NodeJS.ErrnoException | null)?.code ?? "";
  if (error instanceof Error && ["ENOSPC", "EDQUOT", "EIO", "EROFS"].includes(code)) {
    terminal.stderr.write(
      `error: the disk refused: ${error.message} [run/disk]\n   hint: every answer in a journal is kept; make room, then \`promptgrid resume DIR\` or \`promptgrid report DIR\`\n`,
    );
    return exitCodes.unfinished;
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  terminal.stderr.write(`this is a bug in promptgrid, please report it:\n${stack}\n`);
  return exitCodes.unfinished;
}

/** Prints findings with their code frames on stderr; notices only when asked for. Ends with a count when there are errors. */
export function showDiagnostics(
  diagnostics: readonly Diagnostic[],
  files: InputFiles,
  terminal: Terminal,
  color: boolean,
  notices: boolean,
): void {
  const shown = diagnostics.filter((diagnostic) => notices || diagnostic.severity !== "notice");
  if (shown.length === 0) return;
  const width = tableWidth(terminal.stderr, terminal.environment);
  terminal.stderr.write(`${renderDiagnostics(shown, { source: sourceText(files), color, width })}\n`);
  if (hasErrors(shown)) terminal.stderr.write(`\n${countDiagnostics(shown)}; nothing was sent\n`);
}

/** Text of an input by name, for code frames. */
function sourceText(files: InputFiles): (file: string) => string | null {
  return (file) => {
    try {
      return new TextDecoder().decode(files.read(file));
    } catch {
      return null;
    }
  };
}
