import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { projectRoot, runCli } from "../support/cli.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { hasBrowser, openReport, violations } from "./page.ts";

const matrix = join(projectRoot, "../shared/acceptance/gsm8k-published.yaml");

it.skipIf(!(hasBrowser && existsSync(matrix)))(
  "the report of a published result, 5276 answers, opens, is searched, and lays four answers side by side",
  { timeout: 120_000 },
  async () => {
    const out = join(tempFolder(), "run");
    const { code } = await runCli(["run", matrix, "--out", out, "-q"], { cwd: projectRoot });
    expect(code).toBe(0);
    const { page, complaints } = await openReport(join(out, "report.html"));
    expect(await page.locator("#ranking svg").count()).toBe(1);
    expect(await page.locator(".count").textContent()).toBe("1319 of 1319 rows");
    await page.getByLabel("show").selectOption("flips");
    expect(await page.locator(".row").count()).toBe(50);
    await page.getByRole("button", { name: "show 50 more" }).click();
    expect(await page.locator(".row").count()).toBe(100);
    await page.locator(".row > summary").first().click();
    await page.locator(".card").first().waitFor();
    expect(await page.locator(".card").count()).toBe(4);
    await page.getByLabel("mark differences from").selectOption("3");
    expect(await page.locator(".card ins").count()).toBeGreaterThan(0);
    expect(await violations(page)).toEqual([]);
    expect((await page.pdf({ format: "A4" })).subarray(0, 5).toString()).toBe("%PDF-");
    expect(complaints).toEqual([]);
    await page.close();
  },
);
