/** How bad a finding is: an error stops before anything is sent, a warning and a notice do not. */
export type Severity = "error" | "warning" | "notice";

/**
 * Where a finding stands. `line` and `column` count from 1; `length` is in characters of that line. Line 0 is no line:
 * `file` is then a flag of the command line, such as `--set trials`.
 */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly length?: number;
}

/** A problem in the user's files or flags, as data. `code` is `area/name` and has an entry in docs/diagnostics.md. */
export interface Diagnostic {
  readonly code: string;
  readonly severity: Severity;
  /** Lower case, values in backticks, no full stop. */
  readonly message: string;
  /** What to do about it. */
  readonly hint?: string;
  readonly place?: Place;
  /** A second place, such as the other end of a duplicate. */
  readonly related?: Place;
}

/** Whether anything in the list forbids to go on. */
export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((diagnostic) => diagnostic.severity === "error");
}

const severityRank: Readonly<Record<Severity, number>> = { error: 0, warning: 1, notice: 2 };

/** Sorted by file, line, column, severity, code; the order is total, so output is stable. */
export function sortDiagnostics(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const key = (diagnostic: Diagnostic): readonly [string, number, number, number, string, string] => [
    diagnostic.place?.file ?? "",
    diagnostic.place?.line ?? 0,
    diagnostic.place?.column ?? 0,
    severityRank[diagnostic.severity],
    diagnostic.code,
    diagnostic.message,
  ];
  return [...diagnostics].sort((a, b) => {
    const left = key(a);
    const right = key(b);
    for (let i = 0; i < left.length; i++) {
      const x = left[i] ?? "";
      const y = right[i] ?? "";
      if (x !== y) return x < y ? -1 : 1;
    }
    return 0;
  });
}
