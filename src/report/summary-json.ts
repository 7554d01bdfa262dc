import type { Summary } from "../aggregate/summary-shape.ts";

/** `summary.json`: the summary, indented, with a newline at the end. */
export function renderSummaryJson(summary: Summary): string {
  return `${JSON.stringify(summary, null, 2)}\n`;
}
