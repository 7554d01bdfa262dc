import type { RequestResult } from "../aggregate/result.ts";

/** A report that is written while results come in plan order: text out, no files touched. */
export interface ReportWriter {
  /** Its name in the run directory. */
  readonly fileName: string;
  begin(): string;
  /** The lines of one request; empty for one that has none. */
  row(result: RequestResult): string;
  end(): string;
}
