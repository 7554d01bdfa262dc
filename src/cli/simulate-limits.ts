import type { Argv } from "yargs";
import { UsageError } from "../errors.ts";
import { type CapacityOptions, overCapacityKinds } from "../simulator/capacity.ts";
import { windowKinds } from "../simulator/limit-windows/window-types.ts";
import { chargeKinds, type LimitOptions } from "../simulator/limits.ts";
import type { Flags } from "./cli.ts";
import { text, wholeNumber } from "./flags.ts";

/** Flags of `simulate` that say how much it takes on. */
export function simulatedLimitFlags(command: Argv): Argv {
  return command
    .option("rpm", { type: "number", describe: "requests per minute for each model" })
    .option("tpm", { type: "number", describe: "tokens per minute for each model" })
    .option("rpd", { type: "number", describe: "requests per day (UTC) for each model" })
    .option("tpd", { type: "number", describe: "tokens per day (UTC) for each model" })
    .option("window", {
      choices: windowKinds,
      describe: "how the limits of a minute are kept; default bucket",
    })
    .option("charge", {
      choices: chargeKinds,
      describe: "what counts as tokens: default usage; reserve gives max_tokens back",
    })
    .option("limit-headers", {
      choices: ["none", "openai"] as const,
      describe: "tell the state of the limits in headers; default none",
    })
    .option("max-concurrent", { type: "number", describe: "requests that are worked on at once" })
    .option("over-capacity", {
      choices: overCapacityKinds,
      describe: "what becomes of requests above --max-concurrent; default reject",
    })
    .requiresArg([...axes, ...manners, "max-concurrent", "over-capacity"]);
}

const axes = ["rpm", "tpm", "rpd", "tpd"] as const;
const manners = ["window", "charge", "limit-headers"] as const;

/** The limits that the flags state; null for none. Throws UsageError, also for a flag that would have no effect. */
export function simulatedLimits(flags: Flags): LimitOptions | null {
  const limits = Object.fromEntries(
    axes.flatMap((name) => {
      const value = wholeNumber(flags, name);
      return value === null ? [] : [[name, value] as const];
    }),
  );
  needs(flags, "window", ["rpm", "tpm"]);
  needs(flags, "charge", ["tpm", "tpd"]);
  needs(flags, "limit-headers", axes);
  if (Object.keys(limits).length === 0) return null;
  return {
    ...limits,
    window: chosen(flags, "window", windowKinds) ?? "bucket",
    charge: chosen(flags, "charge", chargeKinds) ?? "usage",
    headers: chosen(flags, "limit-headers", ["none", "openai"] as const) ?? "none",
  };
}

/** The capacity that the flags state; null for none. Throws UsageError. */
export function simulatedCapacity(flags: Flags): CapacityOptions | null {
  const concurrent = wholeNumber(flags, "max-concurrent");
  needs(flags, "over-capacity", ["max-concurrent"]);
  if (concurrent === null) return null;
  return { concurrent, over: chosen(flags, "over-capacity", overCapacityKinds) ?? "reject" };
}

function needs(flags: Flags, name: string, others: readonly string[]): void {
  if (text(flags, name) === null || others.some((other) => flags[other] !== undefined)) return;
  const named = others === axes ? "a limit" : others.map((other) => `\`--${other}\``).join(" or ");
  throw new UsageError("cli/usage", `\`--${name}\` has no effect without ${named}`, {
    hint: `add \`--${others[0]} ${name === "over-capacity" ? 32 : 600}\``,
  });
}

/** A flag that yargs has checked to be one of `choices`; null without it. */
function chosen<T extends string>(flags: Flags, name: string, choices: readonly T[]): T | null {
  const written = text(flags, name);
  return choices.find((choice) => choice === written) ?? null;
}
