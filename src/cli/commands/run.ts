import type { Overrides } from "../../config/overrides.ts";
import { noOverrides } from "../../config/overrides.ts";
import { UsageError } from "../../errors.ts";
import type { RunOptions } from "../../run/run-context.ts";
import type { Flags } from "../cli.ts";
import {
  batchOf,
  budgetOf,
  number,
  overridesOf,
  redisUrlOf,
  reportSettings,
  shardOf,
  text,
} from "../flags.ts";
import { performRun } from "../perform-run.ts";
import { printOutcome } from "../print-outcome.ts";
import type { Terminal } from "../terminal.ts";

/** `promptgrid run MATRIX`. */
export async function run(flags: Flags, terminal: Terminal): Promise<number> {
  for (const name of ["against", "baseline", "save-baseline"])
    if (text(flags, name) === "")
      throw new UsageError("cli/usage", `\`--${name}\` is empty`, {
        hint: "a variable of the CI system that is not set? leave the flag out, or give it a value",
      });
  return execute(flags, terminal, {
    matrix: text(flags, "matrix"),
    overrides: { ...overridesOf(flags), budget: budgetOf(flags) },
    out: text(flags, "out"),
    reuse: text(flags, "reuse"),
    allowShrink: flags["allow-shrink"] === true,
    confirmAbove: number(flags, "confirm-above") ?? 10_000,
    yes: flags.yes === true,
    against: text(flags, "against"),
    requireBaseline: flags["require-baseline"] === true,
    saveBaseline: text(flags, "save-baseline"),
    strict: flags.strict === true,
    reports: reportSettings(flags),
    perVariant: null,
    shard: shardOf(flags),
    batch: batchOf(flags),
    dropQueue: flags["drop-queue"] === true,
    queue: redisUrlOf(flags, "queue", terminal.environment),
    sharedLimits: redisUrlOf(flags, "shared-limits", terminal.environment),
  });
}

/** `promptgrid resume DIR`. */
export async function resume(flags: Flags, terminal: Terminal): Promise<number> {
  const overrides: Overrides = { ...noOverrides, budget: budgetOf(flags) };
  return execute(flags, terminal, {
    matrix: null,
    overrides,
    out: text(flags, "dir"),
    reuse: null,
    allowShrink: false,
    confirmAbove: Number.POSITIVE_INFINITY,
    yes: true,
    against: null,
    requireBaseline: false,
    saveBaseline: null,
    strict: flags.strict === true,
    reports: {},
    perVariant: null,
    shard: null,
    queue: redisUrlOf(flags, "queue", terminal.environment),
    sharedLimits: redisUrlOf(flags, "shared-limits", terminal.environment),
    dropQueue: flags["drop-queue"] === true,
    batch: { window: null, detach: flags.detach === true, drop: flags["drop-batches"] === true },
  });
}

async function execute(
  flags: Flags,
  terminal: Terminal,
  options: Omit<RunOptions, "graceMs">,
): Promise<number> {
  const outcome = await performRun(flags, terminal, options);
  printOutcome(outcome, flags, terminal);
  return outcome.exitCode;
}
