import type { Argv } from "yargs";
import { type BatchOptions, batchShapes } from "../simulator/batches/batch-options.ts";
import type { Flags } from "./cli.ts";
import { duration, share, text, wholeNumber } from "./flags.ts";

/** Flags of `simulate` that say how batches go. */
export function simulatedBatchFlags(command: Argv): Argv {
  return command
    .option("batch-takes", { type: "string", default: "0", describe: "how long a batch takes, such as 2s" })
    .option("batch-fail", { type: "string", describe: "share of a batch's lines that fail, such as 1%" })
    .option("batch-expire", {
      type: "number",
      describe: "so many first batches expire when they are half done",
    })
    .option("batch-shape", {
      choices: batchShapes,
      describe: "whose shape answers about files have; default siliconflow",
    })
    .option("batch-max-open", { type: "number", describe: "batches that may be open at once" })
    .requiresArg(["batch-takes", "batch-fail", "batch-expire", "batch-shape", "batch-max-open"]);
}

/** How batches go by the flags. Throws UsageError. */
export function simulatedBatches(flags: Flags): BatchOptions {
  const expire = wholeNumber(flags, "batch-expire");
  const mostOpen = wholeNumber(flags, "batch-max-open");
  return {
    takesMs: duration(flags, "batch-takes"),
    failShare: share(flags, "batch-fail") ?? 0,
    shape: batchShapes.find((shape) => shape === text(flags, "batch-shape")) ?? "siliconflow",
    ...(expire === null ? {} : { expire }),
    ...(mostOpen === null ? {} : { mostOpen }),
  };
}
