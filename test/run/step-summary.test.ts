import { mkdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { stepSummary } from "../../src/report/step-summary.ts";
import { appendStepSummary } from "../../src/run/step-summary.ts";
import { gateOf, judged, regression } from "../report/gate-sample.ts";
import { tempFolder } from "../support/temp-folder.ts";

const limit = 1_024 * 1_024;
const summary = judged([
  gateOf({
    flipped: Array.from({ length: 50 }, (_, i) => regression(`q${i}`, "yes ".repeat(200), "no ".repeat(200))),
  }),
]);

describe("the step summary's file", () => {
  test("gets the summary, also where it does not exist yet", () => {
    const file = join(tempFolder(), "summary.md");
    expect(appendStepSummary(summary, file)).toBeNull();
    expect(readFileSync(file, "utf8")).toBe(stepSummary(summary, limit));
  });

  test("keeps what other commands of the step wrote, and begins behind it on a line of its own", () => {
    const file = join(tempFolder({ "summary.md": "lint: good" }), "summary.md");
    expect(appendStepSummary(summary, file)).toBeNull();
    expect(readFileSync(file, "utf8")).toBe(`lint: good\n\n${stepSummary(summary, limit)}`);
  });

  test.each([1, 500, 2_000, 20_000])("never grows above the limit, with %i bytes left", (left) => {
    const file = join(tempFolder({ "summary.md": "x".repeat(limit - left) }), "summary.md");
    const notice = appendStepSummary(summary, file);
    const { size } = statSync(file);
    expect(size).toBeLessThanOrEqual(limit);
    expect(notice === null).toBe(size > limit - left);
  });

  test("that is full stays as it is, and a notice says so", () => {
    const file = join(tempFolder({ "summary.md": "x".repeat(limit + 5) }), "summary.md");
    expect(appendStepSummary(summary, file)).toBe("no step summary is written: the file is full already");
    expect(statSync(file).size).toBe(limit + 5);
  });

  test("that cannot be written is a notice, not a crash", () => {
    const folder = tempFolder();
    mkdirSync(join(folder, "summary.md"));
    expect(appendStepSummary(summary, join(folder, "summary.md"))).toMatch(
      /^no step summary is written: EISDIR/,
    );
    expect(appendStepSummary(summary, join(folder, "none", "summary.md"))).toMatch(/ENOENT/);
  });
});
