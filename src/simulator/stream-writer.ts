import type { ServerResponse } from "node:http";
import type { LatencyModel } from "./latency.ts";

/** Characters that are put together before a write, where nothing has to wait between them. */
const batchLength = 32_768;

/** A source of text in steps; `next` gives "" after the last. */
interface Steps {
  readonly steps: number;
  next(): string;
}

/**
 * Waits until `dueMs` on the clock of `performance.now()`, or until the response is closed. False means closed.
 * Timers may fire up to a millisecond early, hence the loop.
 */
export async function waitUntil(response: ServerResponse, dueMs: number): Promise<boolean> {
  for (let left = dueMs - performance.now(); left > 0; left = dueMs - performance.now()) {
    if (response.destroyed) return false;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        response.off("close", done);
        resolve();
      };
      const timer = setTimeout(done, left);
      response.once("close", done);
    });
  }
  return !response.destroyed;
}

/**
 * Writes the first `limit` steps at their times: step k is due at `startMs` + firstMs + k · perTokenMs. Steps that are
 * due together go out in one write, and a slow reader holds the writer back. Returns whether the reader is still there.
 */
export async function writeSteps(
  response: ServerResponse,
  source: Steps,
  limit: number,
  startMs: number,
  latency: LatencyModel,
): Promise<boolean> {
  let step = 0;
  while (step < limit) {
    if (!(await waitUntil(response, startMs + latency.firstMs + step * latency.perTokenMs))) return false;
    const due =
      latency.perTokenMs === 0
        ? limit
        : Math.floor((performance.now() - startMs - latency.firstMs) / latency.perTokenMs) + 1;
    const last = Math.min(limit, Math.max(due, step + 1));
    let text = "";
    while (step < last && text.length < batchLength) {
      text += source.next();
      step++;
    }
    if (!response.write(text) && !(await drained(response))) return false;
  }
  return !response.destroyed;
}

/** Waits until a slow reader has caught up. False when it has gone. */
export function drained(response: ServerResponse): Promise<boolean> {
  if (response.destroyed) return Promise.resolve(false);
  return new Promise((resolve) => {
    const settle = (): void => {
      response.off("drain", settle);
      response.off("close", settle);
      resolve(!response.destroyed);
    };
    response.once("drain", settle);
    response.once("close", settle);
  });
}
