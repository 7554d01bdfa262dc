import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type * as Embedded from "../../src/simulator/embedded.ts";
import { parseRecordings } from "../../src/simulator/recordings.ts";
import { answer, ask, chat, said, simulator } from "./client.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
let folder = "";
let startEmbeddedSimulator: typeof Embedded.startEmbeddedSimulator;

// A worker thread runs what Node can run: the sources are compiled where their imports of packages still resolve.
beforeAll(async () => {
  const cache = join(root, "node_modules", ".cache");
  mkdirSync(cache, { recursive: true });
  folder = mkdtempSync(join(cache, "simulator-"));
  const compilerOptions = {
    noEmit: false,
    allowImportingTsExtensions: false,
    declaration: false,
    isolatedDeclarations: false,
    rootDir: join(root, "src"),
    outDir: folder,
  };
  const files = ["embedded.ts", "worker.ts"].map((name) => join(root, "src", "simulator", name));
  writeFileSync(
    join(folder, "tsconfig.json"),
    JSON.stringify({ extends: join(root, "tsconfig.json"), compilerOptions, files, include: [] }),
  );
  writeFileSync(join(folder, "package.json"), '{"type":"module"}');
  const built = spawnSync(
    process.execPath,
    [join(root, "node_modules", "typescript", "bin", "tsc"), "-p", folder],
    { encoding: "utf8" },
  );
  if (built.status !== 0) throw new Error(built.stdout + built.stderr);
  const compiled = (await import(
    pathToFileURL(join(folder, "simulator", "embedded.js")).href
  )) as typeof Embedded;
  startEmbeddedSimulator = compiled.startEmbeddedSimulator;
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the embedded endpoint", () => {
  it("answers like the one in this thread, lessons included", async () => {
    const own = await simulator({ seed: 9 });
    const embedded = await startEmbeddedSimulator({ seed: 9, awaitLessons: true });
    for (let index = 0; index < 20; index++) {
      const body = ask(`Question ${index}`, { model: "sim/medium", n: 2 });
      own.teach(`r${index}`, { kind: "numeric", expected: index });
      embedded.teach(`r${index}`, { kind: "numeric", expected: index });
      const [here, there] = await Promise.all([
        answer(own, body, `r${index}`),
        answer(embedded, body, `r${index}`),
      ]);
      expect(there.choices).toEqual(here.choices);
      expect(there.choices[0]?.message.content).toMatch(/The answer is \d+$/);
    }
    expect(embedded.baseUrl).toBe(`http://127.0.0.1:${embedded.port}/v1`);
    expect(embedded.stats()).toMatchObject({ requests: 20, answered: 20, rejected: {} });
    await embedded.close();
    expect(embedded.stats()).toMatchObject({ requests: 20, answered: 20 });
    await expect(said(embedded, ask("too late"))).rejects.toThrow();
  });

  it("takes recordings along", async () => {
    const replay = parseRecordings('{"model":"m","prompt":"p","content":"recorded"}\n', "r.jsonl");
    const embedded = await startEmbeddedSimulator({ replay });
    expect(await said(embedded, ask("p", { model: "m" }))).toBe("recorded");
    expect((await chat(embedded, ask("q", { model: "m" }))).status).toBe(404);
    await embedded.close();
  });

  it("rejects with EADDRINUSE and with its own errors", async () => {
    const { port } = await simulator();
    await expect(startEmbeddedSimulator({ port })).rejects.toMatchObject({ code: "EADDRINUSE" });
    const faults = [
      { kind: "500", rate: 0.9 },
      { kind: "503", rate: 0.9 },
    ] as const;
    await expect(startEmbeddedSimulator({ faults })).rejects.toMatchObject({ code: "simulator/bad-fault" });
  });

  it("rejects when its thread cannot start", async () => {
    const workerUrl = pathToFileURL(join(folder, "nowhere.js"));
    await expect(startEmbeddedSimulator({}, { workerUrl })).rejects.toThrow(/nowhere/);
  });

  it("reports a thread that crashes, once, and can still be closed", async () => {
    const workerUrl = pathToFileURL(join(folder, "crashing.mjs"));
    writeFileSync(
      workerUrl,
      `import { parentPort } from "node:worker_threads";
       parentPort.on("message", () => { throw new Error("boom"); });
       parentPort.postMessage({ kind: "ready", port: 1, baseUrl: "http://127.0.0.1:1/v1" });`,
    );
    const errors: Error[] = [];
    let crashed = (): void => {};
    const crash = new Promise<void>((resolve) => {
      crashed = resolve;
    });
    const embedded = await startEmbeddedSimulator(
      {},
      {
        workerUrl,
        onError: (error) => {
          errors.push(error);
          crashed();
        },
      },
    );
    embedded.teach("r", null);
    await crash;
    await embedded.close();
    expect(errors.map((error) => error.message)).toEqual(["boom"]);
    expect(embedded.stats().requests).toBe(0);
  });

  it("closes with requests in flight, and twice", async () => {
    const embedded = await startEmbeddedSimulator({ faults: [{ kind: "hang", rate: 1 }] });
    const waiting = chat(embedded, ask("hello")).catch((error: Error) => error);
    while (embedded.stats().requests === 0) await new Promise((resolve) => setImmediate(resolve));
    await Promise.all([embedded.close(), embedded.close()]);
    expect(await waiting).toBeInstanceOf(Error);
  });
});
