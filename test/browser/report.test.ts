import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { projectRoot, runCli } from "../support/cli.ts";
import { hostileAnswers, hostileRun } from "../support/hostile-run.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { hasBrowser, openReport, violations } from "./page.ts";

describe.skipIf(!hasBrowser)("report.html of the quickstart, in a browser", () => {
  let cwd = "";
  let file = "";

  beforeAll(async () => {
    cwd = mkdtempSync(join(tmpdir(), "promptgrid-html-"));
    const matrix = join(projectRoot, "configs/quickstart.yaml");
    const { code, stderr } = await runCli(["run", matrix, "--out", "out", "--quiet"], { cwd });
    expect([code, stderr]).toEqual([0, expect.any(String)]);
    file = join(cwd, "out/report.html");
  });

  afterAll(() => rmSync(cwd, { recursive: true, force: true }));

  it("draws its plots and shows its answers, without a complaint or a request", async () => {
    const { page, complaints } = await openReport(file);
    expect(await page.title()).toBe("quickstart · promptgrid");
    expect(await page.locator("figure svg").count()).toBeGreaterThanOrEqual(5);
    expect(await page.locator(".row").count()).toBe(48);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it("filters rows, opens one, and marks what differs between two answers", async () => {
    const { page, complaints } = await openReport(file);
    await page.getByLabel("show").selectOption("passes");
    const all = await page.locator(".row").count();
    expect(all).toBeLessThan(48);
    await page.getByLabel("show").selectOption("all");
    await page.getByLabel("search").fill("arith-07");
    expect(await page.locator(".row").count()).toBe(1);
    await page.locator(".row > summary").click();
    await page.locator(".card").first().waitFor();
    expect(await page.locator(".card").count()).toBe(18);
    await page.getByLabel("mark differences from").selectOption("0");
    expect(await page.locator(".card ins").count()).toBeGreaterThan(0);
    await page
      .locator("label", { hasText: /^variant/ })
      .locator("select")
      .selectOption("3");
    await page.locator(".row > summary").click();
    await page.locator(".card").first().waitFor();
    expect(await page.locator(".card").count()).toBe(1);
    await page.locator(".card summary", { hasText: "request" }).click();
    expect(await page.locator(".card pre").last().textContent()).toContain('"messages"');
    expect(complaints).toEqual([]);
    await page.close();
  });

  it("sorts the variants, changes the map, and switches the theme", async () => {
    const { page, complaints } = await openReport(file);
    await page.getByRole("button", { name: "pass rate" }).click();
    const first = page.locator("#variants tbody tr").first();
    expect(await first.textContent()).toContain("0.958");
    await page.getByRole("button", { name: "pass rate" }).click();
    expect(await first.textContent()).not.toContain("0.958");
    await page.getByLabel("metric").selectOption("latency_ms.p50");
    expect(await page.getByText("latency p50, ms, the mean of the variants in a cell").count()).toBe(1);
    const background = (): Promise<unknown> =>
      page.evaluate("getComputedStyle(document.body).backgroundColor");
    const before = await background();
    await page.locator("#theme").click();
    expect(await background()).not.toBe(before);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it("prints, and reads without its script", async () => {
    const { page } = await openReport(file);
    expect((await page.pdf({ format: "A4" })).subarray(0, 5).toString()).toBe("%PDF-");
    await page.close();
    const html = readFileSync(file, "utf8").replace(/<script[\s\S]*?<\/script>/g, "");
    expect(html).toContain("prompt=terse,<wbr>model=sim/strong,<wbr>temperature=0</th>");
    expect(html).toContain("864 of 864 requests answered");
  });

  it.each([
    [1280, false],
    [1280, true],
    [390, false],
  ])(
    "is usable at %i pixels (dark: %s): no fault that axe finds, nothing wider than the page",
    async (width, dark) => {
      const { page } = await openReport(file, { width, dark });
      await page.locator(".row > summary").first().click();
      expect(await violations(page)).toEqual([]);
      expect(await page.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
      await page.close();
    },
  );
});

describe.skipIf(!hasBrowser)("report.html of hostile answers", () => {
  it("shows them as text, and runs none", async () => {
    const names = Object.keys(hostileAnswers);
    const cwd = tempFolder(hostileRun);
    const { code } = await runCli(["run", "m.yaml", "--out", "out", "--quiet"], { cwd });
    expect(code).toBe(0);
    const { page, complaints } = await openReport(join(cwd, "out/report.html"));
    expect(await page.locator(".row").count()).toBe(names.length);
    for (let i = 0; i < names.length; i++) await page.locator(".row > summary").nth(i).click();
    expect(complaints).toEqual([]);
    const shown = await page.locator(".card .output").allTextContents();
    expect(shown).toContain(hostileAnswers.script);
    expect(shown).toContain(hostileAnswers.end);
    expect(shown.find((text) => text.startsWith("xxxx"))?.length).toBeLessThan(21_000);
    expect(await page.locator("script").count()).toBe(3);
    await page.close();
  });
});
