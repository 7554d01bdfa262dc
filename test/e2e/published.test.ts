import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { Summary } from "../../src/aggregate/summary-shape.ts";
import type { ComparisonReport } from "../../src/compare/comparison.ts";
import { projectRoot, runCli } from "../support/cli.ts";
import { tempFolder } from "../support/temp-folder.ts";

const matrix = join(projectRoot, "../shared/acceptance/gsm8k-published.yaml");

it.skipIf(!existsSync(matrix))(
  "finds a published result again: what four models answered to 1319 questions",
  { timeout: 120_000 },
  async () => {
    const out = join(tempFolder(), "run");
    const { code, stderr } = await runCli(["run", matrix, "--out", out, "--format", "json"], {
      cwd: projectRoot,
    });
    expect([code, stderr.includes("bug")]).toEqual([0, false]);
    const summary = JSON.parse(readFileSync(join(out, "summary.json"), "utf8")) as Summary;
    expect(
      summary.variants.map((variant) => [
        variant.parameters.model,
        variant.passed,
        variant.scored,
        variant.failed,
      ]),
    ).toEqual([
      ["gsm8k/6b-finetuning", 286, 1319, 0],
      ["gsm8k/6b-verification", 515, 1319, 0],
      ["gsm8k/175b-finetuning", 458, 1319, 0],
      ["gsm8k/175b-verification", 742, 1319, 0],
    ]);
    expect([summary.totals.requests, summary.totals.answered, summary.totals.failed]).toEqual([
      5276, 5276, 0,
    ]);
    const compare = async (...flags: readonly string[]): Promise<ComparisonReport> => {
      const compared = await runCli(["compare", out, "--format", "json", ...flags], { cwd: projectRoot });
      return JSON.parse(compared.stdout) as ComparisonReport;
    };
    const two = await compare("--variants", "6b-verification", "--variants", "175b-finetuning");
    expect(two.comparisons[0]).toMatchObject({ metric: "pass_rate", n: 1319, regressed: 209, improved: 152 });
    expect(two.comparisons[0]?.p_value).toBeCloseTo(0.0026873913, 9);
    expect(two.comparisons[0]?.flipped).toHaveLength(361);
    const six = await compare("--axis", "model", "--metric", "pass_rate");
    expect(six.comparisons.map(({ regressed, improved }) => [regressed, improved])).toEqual([
      [64, 293],
      [88, 260],
      [43, 499],
      [209, 152],
      [79, 306],
      [76, 360],
    ]);
    // The largest of six: Holm leaves it as it is, and raises none of the others above it.
    expect(six.comparisons[3]?.p_adjusted).toBeCloseTo(0.0026873913, 9);
    expect(six.comparisons.every(({ p_adjusted: p }) => (p ?? 1) <= 0.0027)).toBe(true);
  },
);
