import { parentPort, workerData } from "node:worker_threads";
import type { FromModule, ToModule } from "./module-messages.ts";

const port = parentPort;
if (port === null) throw new Error("a module of scorers must be started as a worker thread");
const send = (message: FromModule): void => port.postMessage(message);

type Scorer = (input: unknown) => unknown;

try {
  const { url } = workerData as { readonly url: string };
  const score = scorerOf((await import(url)) as Readonly<Record<string, unknown>>);
  if (score === null)
    send({ kind: "unusable", message: "it exports no function, by default or as `score`", stack: null });
  else {
    port.on("message", (message: ToModule) => void answer(score, message));
    send({ kind: "ready" });
  }
} catch (error) {
  send({ kind: "unusable", ...words(error) });
}

function scorerOf(exported: Readonly<Record<string, unknown>>): Scorer | null {
  const inner = exported.default as Readonly<Record<string, unknown>> | undefined;
  // What a CommonJS module exports is the default of its namespace.
  for (const candidate of [exported.default, exported.score, inner?.default, inner?.score])
    if (typeof candidate === "function") return candidate as Scorer;
  return null;
}

async function answer(score: Scorer, { call, input }: ToModule): Promise<void> {
  try {
    const result = await score(input);
    // Only data crosses threads: what is more than that is left behind.
    send({ kind: "returned", call, result: plain(result) });
  } catch (error) {
    send({ kind: "threw", call, ...words(error) });
  }
}

function plain(result: unknown): unknown {
  return typeof result === "object" && result !== null
    ? JSON.parse(JSON.stringify(result))
    : portable(result);
}

/** Functions and symbols cannot cross: they are named. */
function portable(value: unknown): unknown {
  return typeof value === "function" || typeof value === "symbol" ? String(value) : value;
}

function words(error: unknown): { readonly message: string; readonly stack: string | null } {
  if (error instanceof Error) return { message: error.message, stack: error.stack ?? null };
  return { message: String(error), stack: null };
}
