import type { Summary } from "../aggregate/summary-shape.ts";
import { renderMarkdown } from "../report/markdown.ts";
import { renderSummaryCsv } from "../report/summary-csv.ts";
import { renderSummaryJson } from "../report/summary-json.ts";
import { renderTable } from "../report/table.ts";
import type { Flags } from "./cli.ts";
import { type Terminal, tableBars, tableWidth, wantsColor } from "./terminal.ts";

/** Prints a summary on stdout in the form that `--format` asks for. */
export function printSummary(summary: Summary, flags: Flags, terminal: Terminal): void {
  const { stdout, environment } = terminal;
  const color = flags.color as boolean | undefined;
  switch (flags.format) {
    case "json":
      return stdout.write(renderSummaryJson(summary));
    case "csv":
      return stdout.write(renderSummaryCsv(summary, { safe: flags["safe-csv"] === true, bom: false }));
    case "markdown":
      return stdout.write(renderMarkdown(summary));
    default:
      return stdout.write(
        renderTable(summary, {
          width: tableWidth(stdout, environment),
          color: wantsColor(stdout, environment, color),
          bars: tableBars(stdout, environment, color),
        }),
      );
  }
}
