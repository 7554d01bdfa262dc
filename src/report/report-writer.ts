import type { RequestResult } from "../aggregate/result.ts";

/** A report that is written while results come in plan order: text out, no files touched. */
export interface ReportWriter {
  /** Its name in the run directory. */
  readonly fileName: string;
  begin(): string;
  /** The next request. Gives what is ready to be written, which may be nothing yet, or lines of earlier requests. */
  row(result: RequestResult): string;
  /** What is left to be written. */
  end(): string;
}
