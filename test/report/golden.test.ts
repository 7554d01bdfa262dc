import { describe, expect, test } from "vitest";
import { completionsCsv } from "../../src/report/completions-csv.ts";
import { completionsJsonl } from "../../src/report/completions-jsonl.ts";
import { renderMarkdown } from "../../src/report/markdown.ts";
import type { ReportWriter } from "../../src/report/report-writer.ts";
import { renderSummaryCsv } from "../../src/report/summary-csv.ts";
import { renderSummaryJson } from "../../src/report/summary-json.ts";
import { renderTable } from "../../src/report/table.ts";
import { results, scorers, summaryOf, variants } from "./sample.ts";

function written(writer: ReportWriter): string {
  return [writer.begin(), ...results.map((result) => writer.row(result)), writer.end()].join("");
}

const incomplete = summaryOf(results, {
  status: "interrupted",
  reason: "Ctrl-C",
  simulated: ["lab"],
});
const variables = ["question", "answer", "tags", "note"];

describe("reports, byte for byte", () => {
  test.each([
    ["completions.csv", () => written(completionsCsv({ variants, variables, scorers, safe: false }))],
    ["completions.safe.csv", () => written(completionsCsv({ variants, variables: [], scorers, safe: true }))],
    ["completions.jsonl", () => written(completionsJsonl({ variants }))],
    ["summary.csv", () => renderSummaryCsv(summaryOf())],
    ["summary.json", () => renderSummaryJson(summaryOf())],
    ["report.md", () => renderMarkdown(incomplete)],
    ["table.txt", () => renderTable(incomplete, { width: null, color: false })],
    ["table-80.txt", () => renderTable(summaryOf(), { width: 80, color: false })],
    [
      "table-saturated.txt",
      () => renderTable(summaryOf(results, { event_loop_delay_p99_ms: 87.2 }), { width: 60, color: false }),
    ],
  ])("%s", async (name, render) => {
    await expect(render()).toMatchFileSnapshot(`golden/${name}`);
  });
});
