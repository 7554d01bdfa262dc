import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCli } from "../support/cli.ts";
import { hasBrowser, openReport, violations } from "./page.ts";

const rows = Array.from({ length: 30 }, (_, i) => i);
const matrix = (words: string): string => `
name: capitals
provider: recorded
providers: { recorded: { preset: simulator, replay: answers.jsonl } }
dataset: rows.jsonl
prompts: [{ id: ask, user: "${words} {{ question }}" }]
grid: { model: [small, large] }
scorers: [{ id: right, type: contains, expected: "{{ answer }}" }]
`;

/** What was recorded: the new prompt breaks every third row of the small model, and mends row 1. */
function content(words: string, model: string, i: number): string {
  const broken = words === "New:" && model === "small" && i % 3 === 0;
  const wrong = words === "Old:" && i === 1;
  return broken || wrong ? `I would say <b>nothing</b> ${i}` : `It is <i>word${i}</i> here`;
}

describe.skipIf(!hasBrowser)("comparison.html, in a browser", () => {
  let cwd = "";

  beforeAll(async () => {
    cwd = mkdtempSync(join(tmpdir(), "promptgrid-html-"));
    writeFileSync(
      join(cwd, "rows.jsonl"),
      rows.map((i) => `{"id":"r${i}","question":"${i}?","answer":"word${i}"}\n`).join(""),
    );
    const recorded = ["Old:", "New:"].flatMap((words) =>
      ["small", "large"].flatMap((model) =>
        rows.map((i) =>
          JSON.stringify({ model, prompt: `${words} ${i}?`, content: content(words, model, i) }),
        ),
      ),
    );
    writeFileSync(join(cwd, "answers.jsonl"), `${recorded.join("\n")}\n`);
    for (const [words, out] of [
      ["Old:", "before"],
      ["New:", "after"],
    ] as const) {
      writeFileSync(join(cwd, "m.yaml"), matrix(words));
      expect((await runCli(["run", "m.yaml", "--out", out, "-q"], { cwd })).code).toBe(0);
    }
    const { code, stderr } = await runCli(["compare", "before", "after", "--html"], { cwd });
    expect([code, stderr]).toEqual([1, expect.stringContaining("comparison: comparison.html")]);
  });

  afterAll(() => rmSync(cwd, { recursive: true, force: true }));

  it("shows verdict, differences, what changed in the prompt, and the rows that flipped", async () => {
    const { page, complaints } = await openReport(join(cwd, "comparison.html"));
    expect(await page.locator("h1").textContent()).toBe("before → after");
    expect(await page.locator(".verdict").textContent()).toBe("fail");
    expect(await page.locator("#prompts-title").count()).toBe(1);
    expect(await page.locator("ins", { hasText: "New" }).count()).toBe(1);
    expect(await page.locator("#flips .row").count()).toBe(11);
    await page.getByLabel("show").selectOption("better");
    expect(await page.locator("#flips .row").count()).toBe(1);
    await page.getByLabel("show").selectOption("worse");
    await page.getByLabel("search").fill("r27");
    expect(await page.locator("#flips .row").count()).toBe(1);
    await page.locator("#flips .row > summary").click();
    await page.locator("#flips .card").first().waitFor();
    expect(await page.locator("#flips .card").count()).toBe(2);
    expect(await page.locator("#flips .card del, #flips .card ins").count()).toBeGreaterThan(1);
    expect(await page.locator("#flips .card pre").first().textContent()).toBe("It is <i>word27</i> here");
    expect(complaints).toEqual([]);
    await page.close();
  });

  it.each([1280, 390])(
    "has no fault that axe finds at %i pixels, and nothing wider than the page",
    async (width) => {
      const { page, complaints } = await openReport(join(cwd, "comparison.html"), { width });
      await page.locator("#flips .row > summary").first().click();
      await page.locator("#flips .card").first().waitFor();
      expect(await violations(page)).toEqual([]);
      expect(await page.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
      expect(complaints).toEqual([]);
      await page.close();
    },
  );

  it("says what it says without its script, too", () => {
    const html = readFileSync(join(cwd, "comparison.html"), "utf8").replace(/<script[\s\S]*?<\/script>/g, "");
    expect(html).toContain("10 rows regressed, 1 improved");
  });
});
