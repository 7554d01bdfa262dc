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

test("report.md of many variants fits into a comment, shows the best, and says what is left out", () => {
  const summary = summaryOf();
  const [one] = summary.variants;
  if (one === undefined) throw new Error("no variant");
  const rate = (value: number): typeof one.pass_rate => ({ value, low: value, high: value, n: 9 });
  const many = Array.from({ length: 2_000 }, (_, i) => ({
    ...one,
    variant: `variant-${i}-${"long ".repeat(9)}`,
    pass_rate: rate(i / 2_000),
  }));
  const text = renderMarkdown({ ...summary, variants: many });
  expect(text.length).toBeLessThan(65_536);
  expect(text).toContain("| variant-1999-");
  expect(text).not.toContain("| variant-0-");
  expect(text).toMatch(/1 \d{3} variants more in summary\.csv: these are the best/);
});

describe("reports, byte for byte", () => {
  test.each([
    [
      "completions.csv",
      () => written(completionsCsv({ variants, variables, scorers, style: { safe: false, bom: false } })),
    ],
    [
      "completions.safe.csv",
      () => written(completionsCsv({ variants, variables: [], scorers, style: { safe: true, bom: false } })),
    ],
    ["completions.jsonl", () => written(completionsJsonl({ variants }))],
    ["summary.csv", () => renderSummaryCsv(summaryOf())],
    ["summary.json", () => renderSummaryJson(summaryOf())],
    ["report.md", () => renderMarkdown(incomplete)],
    ["table.txt", () => renderTable(incomplete, { width: null, color: false })],
    ["table-80.txt", () => renderTable(summaryOf(), { width: 80, color: false })],
    [
      "table-bars-100.txt",
      () => renderTable(summaryOf(), { width: 100, color: false, bars: { cells: 12, isAscii: false } }),
    ],
    [
      "table-bars-ascii.txt",
      () => renderTable(summaryOf(), { width: 160, color: true, bars: { cells: 20, isAscii: true } }),
    ],
    [
      "table-saturated.txt",
      () => renderTable(summaryOf(results, { event_loop_delay_p99_ms: 87.2 }), { width: 60, color: false }),
    ],
  ])("%s", async (name, render) => {
    await expect(render()).toMatchFileSnapshot(`golden/${name}`);
  });
});
