import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { beforeAll, describe, expect, it } from "vitest";
import { hasBrowser, openPage } from "../browser/page.ts";
import { folderWithRuns, startViewer, type Viewer } from "./viewer.ts";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const polled = 'html[data-polled="true"]';

async function violations(page: Page): Promise<readonly unknown[]> {
  const session = await page.context().newCDPSession(page);
  await session.send("Runtime.evaluate", { expression: axe });
  return (await page.evaluate(
    "axe.run().then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes[0].html]))",
  )) as readonly unknown[];
}

describe.skipIf(!hasBrowser)("the pages of promptgrid view, in a browser", () => {
  let results = "";
  let viewer: Viewer;
  const own = (url: string): boolean => url.startsWith(viewer.url) || url === "data:,";

  beforeAll(async () => {
    const cwd = await folderWithRuns();
    results = join(cwd, "results");
    viewer = await startViewer(cwd, "--quiet");
  });

  it("chooses two runs and compares them", async () => {
    const { page, complaints } = await openPage(viewer.url, polled, own);
    expect(await page.locator("tbody tr").count()).toBe(2);
    expect(await page.locator("#choice").textContent()).toBe("first → second");
    await page.getByLabel("base: second").check();
    expect(await page.locator("#choice").textContent()).toBe("second → first");
    await page.getByLabel("candidate: second").check();
    expect(await page.locator("#choice").textContent()).toBe("first → second");
    await page.getByRole("button", { name: "Compare" }).click();
    await page.waitForURL(/\/compare\?(?=.*base=first)(?=.*candidate=second)/);
    expect(await page.title()).toBe("first → second · promptgrid");
    expect(complaints).toEqual([]);
    await page.close();
  });

  it("opens a report, whose script works", async () => {
    const { page, complaints } = await openPage(viewer.url, polled, own);
    await page.getByRole("link", { name: "second" }).click();
    await page.waitForSelector('html[data-ready="true"]', { state: "attached" });
    expect(await page.locator(".row").count()).toBe(8);
    expect(await page.evaluate("self.origin")).toBe("null");
    expect(complaints).toEqual([]);
    await page.close();
  });

  it("shows runs that come, go on and end, and keeps the choice", { timeout: 60_000 }, async () => {
    const { page, complaints } = await openPage(viewer.url, polled, own);
    await page.getByLabel("base: second").check();
    const third = join(results, "third");
    cpSync(join(results, "first"), third, { recursive: true });
    const path = join(third, "run.json");
    const run = JSON.parse(readFileSync(path, "utf8")) as object;
    writeFileSync(path, JSON.stringify({ ...run, status: "running" }));
    writeFileSync(join(third, "lock"), `${process.pid}\n`);
    const row = page.locator("tr", { hasText: "third" });
    await row.getByText("running").waitFor({ timeout: 15_000 });
    expect(await page.locator("#choice").textContent()).toBe("second → first");
    await page.getByRole("link", { name: "third" }).click();
    await page.frameLocator("iframe").locator("h1", { hasText: "small" }).waitFor();
    expect(await violations(page)).toEqual([]);
    await page.goBack();
    writeFileSync(path, JSON.stringify(run));
    rmSync(join(third, "lock"));
    await row.getByText("complete").waitFor();
    expect(await page.locator("#choice").count()).toBe(1);
    expect(complaints).toEqual([]);
    await page.close();
    rmSync(third, { recursive: true });
  });

  it("says when the server has ended", { timeout: 60_000 }, async () => {
    const other = await startViewer(join(results, ".."), "--quiet");
    const expected = (url: string): boolean => url.startsWith(other.url) || url === "data:,";
    const { page } = await openPage(other.url, polled, expected);
    expect((await other.end("SIGTERM")).code).toBe(0);
    await page.getByText("promptgrid view does not answer").waitFor({ timeout: 15_000 });
    await page.close();
  });

  it.each([
    [1280, false],
    [1280, true],
    [390, false],
  ])(
    "is usable at %i pixels (dark: %s): no fault that axe finds, nothing wider than the page",
    async (width, dark) => {
      const hostile = join(results, `<svg onload=alert(1)>${"x".repeat(80)}`);
      mkdirSync(hostile, { recursive: true });
      writeFileSync(join(hostile, "run.json"), "{");
      const { page, complaints } = await openPage(viewer.url, polled, own, { width, dark });
      expect(await page.locator("tbody tr").count()).toBe(3);
      expect(await violations(page)).toEqual([]);
      expect(await page.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
      expect(complaints).toEqual([]);
      await page.close();
      rmSync(hostile, { recursive: true });
    },
  );
});
