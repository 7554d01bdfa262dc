import type { MessagePort } from "node:worker_threads";
import type { Lesson } from "./lesson.ts";
import type { SimulatorStats } from "./options.ts";

/** What the thread of a run says to the simulator's thread. */
export type ToWorker =
  | { readonly kind: "teach"; readonly lessons: readonly (readonly [string, Lesson | null])[] }
  | { readonly kind: "stats"; readonly reply: MessagePort; readonly signal: Int32Array }
  | { readonly kind: "close" };

/** What the simulator's thread says. The first message is `ready` or `failed`. */
export type FromWorker =
  | { readonly kind: "ready"; readonly port: number; readonly baseUrl: string }
  | {
      readonly kind: "failed";
      readonly name: string;
      readonly message: string;
      readonly code: string | null;
      readonly stack: string | null;
    }
  | { readonly kind: "closed"; readonly stats: SimulatorStats };
