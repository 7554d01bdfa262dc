import { MessageChannel, receiveMessageOnPort, Worker } from "node:worker_threads";
import { Counters } from "./counters.ts";
import type { Lesson } from "./lesson.ts";
import type { Simulator, SimulatorOptions, SimulatorStats } from "./options.ts";
import type { FromWorker, ToWorker } from "./worker-messages.ts";

export interface EmbeddedSettings {
  /** Told once when the thread ends without being asked to. Requests in flight then fail on their own. */
  readonly onError?: (error: Error) => void;
  /** The worker's module; default: the one beside this one, with the same extension. */
  readonly workerUrl?: URL;
}

/**
 * A local endpoint in a thread of its own, so that it does not disturb what is measured. `stats` holds the calling
 * thread up until the other one answers (well under a millisecond, 1 s at most), and gives the last figures known once
 * the thread is gone.
 */
export type EmbeddedSimulator = Simulator;

/**
 * Starts the endpoint in a worker thread. Rejects like `startSimulator`, and when the thread cannot start. The thread
 * does not keep the process alive.
 */
export async function startEmbeddedSimulator(
  options: SimulatorOptions = {},
  settings: EmbeddedSettings = {},
): Promise<EmbeddedSimulator> {
  const beside = new URL(import.meta.url.endsWith(".ts") ? "./worker.ts" : "./worker.js", import.meta.url);
  const thread = new SimulatorThread(new Worker(settings.workerUrl ?? beside, { workerData: options }));
  const ready = await thread.ready;
  thread.watch(settings.onError ?? null);
  return {
    port: ready.port,
    baseUrl: ready.baseUrl,
    stats: () => thread.stats(),
    teach: (requestId, lesson) => thread.teach(requestId, lesson),
    close: () => thread.close(),
  };
}

type Ready = Extract<FromWorker, { kind: "ready" }>;

class SimulatorThread {
  readonly ready: Promise<Ready>;
  readonly #worker: Worker;
  readonly #exited: Promise<void>;
  #lessons: (readonly [string, Lesson | null])[] = [];
  #stats: SimulatorStats = new Counters(false).stats();
  #closing = false;
  #failure: Error | null = null;
  #onError: ((error: Error) => void) | null = null;

  constructor(worker: Worker) {
    this.#worker = worker;
    this.ready = new Promise((resolve, reject) => {
      worker.on("message", (message: FromWorker) => {
        if (message.kind === "ready") resolve(message);
        else if (message.kind === "closed") this.#stats = message.stats;
        else {
          reject(rebuilt(message));
          void worker.terminate();
        }
      });
      worker.once("error", (error: unknown) => {
        const failure = error instanceof Error ? error : new Error(String(error));
        this.#end(failure);
        reject(failure);
      });
      worker.once("exit", (code) => {
        const failure = new Error(`the simulator's thread ended with code ${code}`);
        this.#end(failure);
        reject(failure);
      });
    });
    this.#exited = new Promise((resolve) => worker.once("exit", () => resolve()));
  }

  /** From now on an unexpected end is reported; one that already happened, at once. */
  watch(onError: ((error: Error) => void) | null): void {
    this.#worker.unref();
    this.#onError = onError;
    if (this.#failure !== null) onError?.(this.#failure);
  }

  stats(): SimulatorStats {
    if (this.#failure !== null || this.#closing) return this.#stats;
    const { port1, port2 } = new MessageChannel();
    const signal = new Int32Array(new SharedArrayBuffer(4));
    const message: ToWorker = { kind: "stats", reply: port2, signal };
    this.#worker.postMessage(message, [port2]);
    Atomics.wait(signal, 0, 0, 1_000);
    const received = receiveMessageOnPort(port1);
    port1.close();
    if (received !== undefined) this.#stats = received.message as SimulatorStats;
    return this.#stats;
  }

  /** Lessons of one turn of the event loop go over in one message, before anything that is sent afterwards. */
  teach(requestId: string, lesson: Lesson | null): void {
    if (this.#lessons.push([requestId, lesson]) > 1) return;
    queueMicrotask(() => {
      const message: ToWorker = { kind: "teach", lessons: this.#lessons };
      this.#lessons = [];
      this.#worker.postMessage(message);
    });
  }

  async close(): Promise<void> {
    if (!this.#closing && this.#failure === null) {
      this.#closing = true;
      this.#worker.ref();
      const message: ToWorker = { kind: "close" };
      this.#worker.postMessage(message);
    }
    await this.#exited;
  }

  #end(failure: Error): void {
    if (this.#failure !== null) return;
    this.#failure = failure;
    if (!this.#closing) this.#onError?.(failure);
  }
}

function rebuilt(failed: Extract<FromWorker, { kind: "failed" }>): Error {
  const error: NodeJS.ErrnoException = new Error(failed.message);
  error.name = failed.name;
  if (failed.code !== null) error.code = failed.code;
  if (failed.stack !== null) error.stack = failed.stack;
  return error;
}
