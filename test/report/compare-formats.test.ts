import { describe, expect, test } from "vitest";
import type { ComparisonReport } from "../../src/compare/comparison.ts";
import { compareFormats } from "../../src/report/compare-formats.ts";
import {
  axisInGroups,
  comparison,
  flip,
  fourVariants,
  hostileReport,
  reportOf,
  sixPairs,
  slices,
  twoRuns,
} from "./compare-sample.ts";

function render(
  format: string,
  report: ComparisonReport,
  options: { width?: number | null; color?: boolean; flips?: number } = {},
): string {
  return compareFormats[format]?.(report, { width: 80, color: false, flips: 10, ...options }) ?? "";
}

const oneAlone = reportOf([
  comparison({
    base: null,
    test: "none",
    n: 0,
    base_value: null,
    candidate_value: null,
    difference: { value: null, low: null, high: null },
    regressed: null,
    improved: null,
    p_value: null,
    p_adjusted: null,
    mde: null,
  }),
]);

describe("a comparison, byte for byte", () => {
  test.each([
    ["80.txt", () => render("table", twoRuns)],
    ["140.txt", () => render("table", twoRuns, { width: 140 })],
    ["color.txt", () => render("table", twoRuns, { width: 110, color: true, flips: 3 })],
    ["pairs-80.txt", () => render("table", sixPairs)],
    ["pairs-140.txt", () => render("table", sixPairs, { width: 140 })],
    ["variants.txt", () => render("table", fourVariants)],
    ["axis-groups.txt", () => render("table", axisInGroups)],
    ["slices.txt", () => render("table", slices, { width: null })],
    ["unknown.txt", () => render("table", oneAlone)],
    ["hostile.txt", () => render("table", hostileReport, { width: 120 })],
    ["report.json", () => render("json", twoRuns)],
    ["report.csv", () => render("csv", twoRuns)],
    ["slices.csv", () => render("csv", slices)],
    ["report.md", () => render("markdown", twoRuns)],
    ["pairs.md", () => render("markdown", sixPairs)],
    ["hostile.md", () => render("markdown", hostileReport)],
  ])("%s", async (name, text) => {
    await expect(text()).toMatchFileSnapshot(`golden/compare-${name}`);
  });
});

describe("a comparison for a terminal", () => {
  test("ends with the verdict", () => {
    for (const report of [twoRuns, slices]) {
      const last = render("table", report, { width: null }).trimEnd().split("\n").at(-1);
      expect(last).toMatch(new RegExp(`^${report.verdict}: `));
    }
  });

  test("says so where nothing is compared, in every form", () => {
    const none = reportOf([]);
    expect(render("table", none)).toBe("no verdict: there is nothing to compare\n");
    expect(render("markdown", none)).toBe("**no verdict**: there is nothing to compare\n");
    expect(JSON.parse(render("json", none))).toEqual(none);
    expect(render("csv", none)).toBe(render("csv", oneAlone).split("\n")[0]?.concat("\n"));
  });

  test.each(["pass", "fail", "inconclusive", "invalid"] as const)("gives the reason of %s", (verdict) => {
    const report = reportOf([comparison({ verdict, reason: "because of its numbers" })], { verdict });
    expect(render("table", report).split("\n").at(-2)).toBe(`${verdict}: because of its numbers`);
  });

  test("a failed comparison is never shown as no difference, whatever its two-sided p", () => {
    const report = reportOf([comparison({ verdict: "fail", p_value: 0.08, p_adjusted: 0.08 })]);
    expect(render("table", report)).toMatch(/^pass_rate .* worse /m);
  });

  test("shares the flips that are shown among the pairs, and says how many more there are", () => {
    const flips = Array.from({ length: 30 }, (_, i) => flip(`r${i}`, "a", "b"));
    const report = reportOf(["x", "y", "z"].map((candidate) => comparison({ candidate, flipped: flips })));
    const shown = (limit: number): number =>
      render("table", report, { flips: limit }).match(/^↓ row/gm)?.length ?? 0;
    expect([0, 1, 10, Number.POSITIVE_INFINITY].map(shown)).toEqual([0, 1, 10, 90]);
    expect(render("table", report)).toMatch(/^26 more: `--flips all` shows them$/m);
    expect(render("table", report).match(/^27 more/gm)).toHaveLength(2);
  });

  test("shows the flips of what failed first, where there is no room for all", () => {
    const flipped = [flip("r1", "a", "b"), flip("r2", "a", "b"), flip("r3", "a", "b")];
    const report = reportOf([
      comparison({ candidate: "good", flipped, p_adjusted: 0.001 }),
      comparison({ candidate: "bad", flipped, verdict: "fail", p_adjusted: 0.04 }),
    ]);
    const table = render("table", report, { flips: 3 });
    expect(table.match(/regressed: .*/g)).toEqual(["regressed: results/before → bad"]);
    expect(table).toMatch(/^rows flipped in 1 more comparison: `--flips all` shows them$/m);
  });

  test("shows the flips of the pass rate once, not those of its scorers again", () => {
    const flipped = [flip("r1", "a", "b")];
    const both = [comparison({ flipped }), comparison({ metric: "scores.exact", flipped })];
    expect(render("table", reportOf(both)).match(/row r1:/g)).toHaveLength(1);
    expect(render("table", reportOf(both.slice(1))).match(/row r1:/g)).toHaveLength(1);
  });

  test("of a huge answer shows the beginning, the place that differs and the end", () => {
    const filler = "lorem ipsum dolor sit amet ".repeat(40_000);
    const report = reportOf([
      comparison({
        flipped: [flip("r1", `BEGIN ${filler}LEFT ${filler}END`, `BEGIN ${filler}RIGHT ${filler}END`)],
      }),
    ]);
    const table = render("table", report, { width: 140 });
    const lines = table.split("\n").filter((line) => line.startsWith("  │"));
    expect(lines.length).toBeLessThan(12);
    expect(lines.join("\n")).toMatch(/BEGIN[\s\S]*LEFT[\s\S]*RIGHT[\s\S]*END/);
    expect(lines.join("\n")).toMatch(/⋯ 1 07\d \d{3} characters ⋯/);
  });

  test("right-to-left answers stand below each other: side by side a terminal would mix them", () => {
    const report = reportOf([comparison({ flipped: [flip("r1", "כן", "לא")] })]);
    expect(render("table", report, { width: 140 })).toMatch(/^ {2}base {6}│ כן\n {2}candidate │ לא$/m);
  });

  test("an answer that is the same on both sides stands there once", () => {
    const report = reportOf([comparison({ flipped: [flip("r1", "same", "same")] })]);
    expect(render("table", report, { width: 140 })).toMatch(/^ {2}both {6}│ same$/m);
  });

  test("of a long changed line shows what is around the change", () => {
    const rule = "Be brief and do not guess. ".repeat(60);
    const report = reportOf([], {
      prompts: [{ prompt_id: "p", base: `${rule}Say yes. ${rule}`, candidate: `${rule}Say no. ${rule}` }],
    });
    expect(render("table", report)).toMatch(/^ {2}│ -[^+]*Say yes\.[\s\S]*^ {2}│ \+[^-]*Say no\./m);
    expect(render("table", report).split("\n").length).toBeLessThan(20);
  });

  test("rows that only one side has are counted once, or for each pair where they differ", () => {
    const once = reportOf(["x", "y"].map((candidate) => comparison({ candidate, only_base: 2 })));
    expect(render("table", once).match(/2 rows only in the base/g)).toHaveLength(1);
    const each = reportOf(
      Array.from({ length: 8 }, (_, i) => comparison({ candidate: `v${i}`, only_candidate: i })),
    );
    expect(render("table", each)).toMatch(/v1: left out: 1 row only in the candidate/);
    expect(render("table", each)).toMatch(/rows are left out in 2 pairs more/);
  });
});

describe("a comparison as Markdown", () => {
  test("stays within what a comment may hold, and says what it leaves out", () => {
    const long = "`*[x](y)|<b>".repeat(2_000);
    const report = reportOf(
      Array.from({ length: 6 }, (_, i) =>
        comparison({
          candidate: `v${i}`,
          flipped: Array.from({ length: 200 }, (_, k) => flip(`r${k}`, long, "b")),
        }),
      ),
    );
    const text = render("markdown", report, { flips: Number.POSITIVE_INFINITY });
    expect(text.length).toBeLessThan(65_536);
    expect(text).toMatch(/\n1\d\d more\n/);
    expect(text).toMatch(/sections? left out: too long for a comment/);
  });
});
