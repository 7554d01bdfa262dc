import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { Summary } from "../../src/aggregate/summary-shape.ts";
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
  },
);
