import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll } from "vitest";

const executable = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find((path) => existsSync(path));

/** Whether there is a browser; tests that need one are skipped where there is none, with a word about it. */
export const hasBrowser: boolean = executable !== undefined;
if (!hasBrowser)
  process.stderr.write("no chromium: the tests of the HTML report are skipped (apt-get install chromium)\n");

let browser: Browser | null = null;

afterAll(async () => {
  await browser?.close();
  browser = null;
});

/** A page with a report, when its script is done. */
export interface OpenPage {
  readonly page: Page;
  /** Errors and warnings of the console, of scripts, and requests that left the page. */
  readonly complaints: readonly string[];
  /** Milliseconds from the start of navigation. */
  readonly firstPaintMs: number;
}

interface ViewOptions {
  readonly width?: number;
  readonly dark?: boolean;
}

/** Opens a report from disk. */
export async function openReport(file: string, options: ViewOptions = {}): Promise<OpenPage> {
  const address = pathToFileURL(file).href;
  return openPage(address, 'html[data-ready="true"]', (url) => url === address, options);
}

/** Opens a page and waits for what `ready` selects; requests that are not `expected` are complaints. */
export async function openPage(
  address: string,
  ready: string,
  expected: (url: string) => boolean,
  options: ViewOptions = {},
): Promise<OpenPage> {
  browser ??= await chromium.launch({
    executablePath: executable ?? "",
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"],
  });
  const page = await browser.newPage({
    viewport: { width: options.width ?? 1280, height: 900 },
    colorScheme: options.dark === true ? "dark" : "light",
  });
  page.setDefaultTimeout(8_000);
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("request", (request) => {
    if (!expected(request.url())) complaints.push(`request of ${request.url()}`);
  });
  page.on("dialog", (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.goto(address);
  await page.waitForSelector(ready, { state: "attached" });
  const firstPaintMs = Number(
    await page.evaluate("performance.getEntriesByType('paint')[0]?.startTime ?? NaN"),
  );
  return { page, complaints, firstPaintMs };
}

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What axe finds wrong with a page: id, impact, and the first element of each. */
export async function violations(page: Page): Promise<readonly unknown[]> {
  const session = await page.context().newCDPSession(page);
  // The policy of the page forbids scripts of others; a debugger is none.
  await session.send("Runtime.evaluate", { expression: axe });
  const found = (await page.evaluate("axe.run().then((found) => found.violations)")) as readonly {
    readonly id: string;
    readonly impact: string | null;
    readonly nodes: readonly { readonly html: string }[];
  }[];
  return found.map(({ id, impact, nodes }) => [id, impact, nodes[0]?.html]);
}
