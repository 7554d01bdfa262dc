import type { Argv } from "yargs";

/** Flags of `promptgrid compare`. */
export function compareFlags(command: Argv): Argv {
  return command
    .option("variants", {
      type: "string",
      array: true,
      describe: "two variants of one run, base first: a label, or prompt=v1,model=X; give it twice",
    })
    .option("axis", { type: "string", describe: "compare the values of an axis of one run, such as model" })
    .option("against", {
      type: "string",
      describe: "the value of --axis that all others are compared with (else all pairs)",
    })
    .option("vary", {
      type: "string",
      array: true,
      describe: "what may differ between paired variants of two runs, such as model; repeatable",
    })
    .option("metric", {
      alias: "m",
      type: "string",
      array: true,
      describe: "what to compare, such as pass_rate or latency_ms.p50; repeatable (else all there is)",
    })
    .option("max-drop", {
      type: "string",
      describe: "drop of the pass rate that is a failure, in points, such as 5%",
    })
    .option("by", { type: "string", describe: "compare the values of a dataset column each for itself" })
    .option("flips", {
      type: "string",
      default: "10",
      describe: "rows that changed sides to show with both answers: a number, or all",
    })
    .option("html", {
      type: "string",
      describe: "also write the comparison as a page: a file, or alone `comparison.html`",
    })
    .option("strict", { type: "boolean", default: false, describe: "an inconclusive verdict exits 1" })
    .requiresArg(["variants", "axis", "against", "vary", "metric", "max-drop", "by", "flips"]);
}

/** Flags of `promptgrid baseline save`. */
export function baselineFlags(command: Argv): Argv {
  return command
    .positional("run", { type: "string", demandOption: true, describe: "run directory" })
    .positional("file", { type: "string", demandOption: true, describe: "file to write, .json" })
    .option("answers", {
      choices: ["short", "full", "none"] as const,
      describe: "how much of the answers is kept, to be shown where a row flips",
    })
    .option("force", {
      type: "boolean",
      default: false,
      describe: "save a run that is unfinished or lacks many answers",
    })
    .requiresArg("answers");
}
