import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import type { FromModule, ToModule } from "./module-messages.ts";

/** What came of one call of a module: what it returned, or why it did not. */
export type ModuleAnswer =
  | { readonly kind: "returned"; readonly result: unknown }
  | { readonly kind: "failed"; readonly message: string; readonly stack: string | null };

/** Ends without an answer in a row after which a module is given up. */
const patience = 5;
const startLimitMs = 30_000;
const flushMs = 20;

/**
 * A module of the user's in a thread of its own: an endless loop is ended with its thread, and the next call gets a new
 * one. After five calls that did not end it is given up. Calls come one after another.
 */
export class ModuleThread {
  readonly #path: string;
  readonly #onOutput: (line: string) => void;
  #worker: Worker | null = null;
  #calls = 0;
  #lostInARow = 0;

  /** `onOutput` hears what the module prints. */
  constructor(path: string, onOutput: (line: string) => void) {
    this.#path = path;
    this.#onOutput = onOutput;
  }

  /** Loads the module; null when it can be used, else why it cannot. */
  async load(): Promise<{ readonly message: string; readonly stack: string | null } | null> {
    const worker = this.#start();
    const first = await next(worker, startLimitMs, null);
    if (first?.kind === "ready") {
      this.#worker = worker;
      return null;
    }
    await worker.terminate();
    if (first?.kind === "unusable") return { message: first.message, stack: first.stack };
    return { message: first === null ? "it did not load within 30 s" : "its thread ended", stack: null };
  }

  /** Calls the function; never rejects. */
  async call(input: unknown, limitMs: number): Promise<ModuleAnswer> {
    if (this.#lostInARow >= patience) return failed("it is given up: five calls in a row did not end");
    if (this.#worker === null) {
      const problem = await this.load();
      if (problem !== null) return { kind: "failed", ...problem };
    }
    const worker = this.#worker;
    if (worker === null) return failed("its thread ended");
    const call = ++this.#calls;
    worker.postMessage({ call, input } satisfies ToModule);
    const said = await next(worker, limitMs, call);
    if (said?.kind === "returned" || said?.kind === "threw") {
      this.#lostInARow = 0;
      return said.kind === "returned"
        ? { kind: "returned", result: said.result }
        : { kind: "failed", message: said.message, stack: said.stack };
    }
    this.#worker = null;
    this.#lostInARow++;
    await worker.terminate();
    return failed(said?.kind === "ended" ? said.message : `it did not end within ${limitMs} ms`);
  }

  async close(): Promise<void> {
    if (this.#worker === null) return;
    // What it printed last is still on its way between the threads.
    await new Promise((resolve) => setTimeout(resolve, flushMs));
    await this.#worker.terminate();
    this.#worker = null;
  }

  #start(): Worker {
    const beside = import.meta.url.endsWith(".ts") ? "./module-worker.ts" : "./module-worker.js";
    const worker = new Worker(new URL(beside, import.meta.url), {
      workerData: { url: pathToFileURL(this.#path).href },
      stdout: true,
      stderr: true,
    });
    // A thread that is idle does not keep the process; what it throws later is told with the next call.
    worker.on("error", () => undefined);
    for (const stream of [worker.stdout, worker.stderr]) {
      stream.setEncoding("utf8");
      stream.on("data", (text: string) => {
        for (const line of text.split("\n")) if (line.trim() !== "") this.#onOutput(line);
      });
    }
    return worker;
  }
}

function failed(message: string): ModuleAnswer {
  return { kind: "failed", message, stack: null };
}

type Said = FromModule | { readonly kind: "ended"; readonly message: string };

/** The next thing that a thread says, of a call where one is given; null when it says nothing in time. */
function next(worker: Worker, limitMs: number, call: number | null): Promise<Said | null> {
  return new Promise((resolve) => {
    const done = (said: Said | null): void => {
      clearTimeout(timer);
      worker.off("message", onMessage);
      worker.off("error", onError);
      worker.off("exit", onExit);
      resolve(said);
    };
    const onMessage = (message: FromModule): void => {
      const own = message.kind === "ready" || message.kind === "unusable" ? null : message.call;
      if (own === call) done(message);
    };
    const onError = (error: unknown): void =>
      done({
        kind: "ended",
        message: `its thread ended: ${error instanceof Error ? error.message : String(error)}`,
      });
    const onExit = (code: number): void =>
      done({ kind: "ended", message: `it ended its thread (exit ${code})` });
    const timer = setTimeout(() => done(null), limitMs);
    worker.on("message", onMessage);
    worker.on("error", onError);
    worker.on("exit", onExit);
  });
}
