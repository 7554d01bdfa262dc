import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { csvColumnNames } from "../../src/report/completions-csv.ts";
import { renderSummaryCsv } from "../../src/report/summary-csv.ts";
import { columnOf } from "../../src/score/score-column.ts";
import { scorerOf } from "../aggregate/results.ts";
import { results, summaryOf, variants } from "./sample.ts";

const page = (name: string): string => readFileSync(new URL(`../../docs/${name}`, import.meta.url), "utf8");

/** Names in backticks in the first cells of the tables below a heading. */
function named(text: string, heading: string): readonly string[] {
  const section = text.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? "";
  return [...section.matchAll(/^\| (`.*?) \|/gm)].flatMap(([, cell = ""]) =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name),
  );
}

describe("docs/reports.md", () => {
  test("names the columns of completions.csv in their order", () => {
    const names = csvColumnNames({
      variants: variants.slice(0, 1),
      variables: ["<name>"],
      scorers: [columnOf({ ...scorerOf("<id>"), type: "judge" })],
      style: { safe: false, bom: false },
    });
    const generic = names.map((name) => name.replace(/^param\..*/, "param.<name>"));
    expect(named(page("reports.md"), "completions.csv")).toEqual([...new Set(generic)]);
  });

  test("names the columns of summary.csv in their order", () => {
    const [header = ""] = renderSummaryCsv(summaryOf(results)).split("\n");
    const generic = header.split(",").map((name) =>
      name
        .replace(/^parameters\..*/, "parameters.<name>")
        .replace(/^scores\.[^.]+/, "scores.<id>")
        .replace(/^pass_(at|hat)_k.*/, "pass_$1_k.<k>.…")
        .replace(/^failures\..*/, "failures.<kind>")
        .replace(/^(ttft|tpot|queued|total)_ms\..*/, "$1_ms.…")
        .replace(/^(completion|reasoning|cached|total)_tokens\..*/, "$1_tokens.…"),
    );
    expect(named(page("reports.md"), "summary.csv")).toEqual([...new Set(generic)]);
  });
});
