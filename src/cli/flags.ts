import type { Argv } from "yargs";
import { type BudgetFile, readBudget, splitBudget } from "../config/budget.ts";
import { durationMs } from "../config/duration.ts";
import type { Overrides } from "../config/overrides.ts";
import { parseYaml } from "../config/yaml-source.ts";
import { parseScalar, splitValues } from "../dataset/csv-values.ts";
import { UsageError } from "../errors.ts";
import { mostShards, readShard } from "../plan/shard.ts";
import { type BatchAsked, defaultWindow } from "../run/batch-options.ts";
import type { ReportSettings } from "../run/run-file.ts";
import type { RunShard } from "../run/shard-share.ts";
import { inputName } from "../system/input-files.ts";
import type { Flags } from "./cli.ts";

/** Flags of every command. */
export function displayFlags(command: Argv): Argv {
  return command
    .option("format", {
      alias: "f",
      choices: ["table", "json", "csv", "markdown"] as const,
      default: "table" as const,
      describe: "form of the result on stdout",
    })
    .requiresArg("format")
    .option("quiet", { alias: "q", type: "boolean", default: false, describe: "no progress and no notices" })
    .option("verbose", { type: "boolean", default: false, describe: "say more" })
    .option("color", { type: "boolean", describe: "colours; --no-color turns them off" });
}

/** Flags that shape the plan, the same on every command that reads a matrix. */
export function planFlags(command: Argv): Argv {
  return command
    .option("grid", {
      alias: "g",
      type: "string",
      array: true,
      describe: "an axis: name=value,value; repeatable",
    })
    .option("set", {
      alias: "s",
      type: "string",
      array: true,
      describe: "change the matrix: path=value, such as parameters.max_tokens=256",
    })
    .option("dataset", { alias: "d", type: "string", describe: "another dataset" })
    .option("provider", { type: "string", describe: "another provider" })
    .option("trials", { alias: "n", type: "number", describe: "answers wanted for each request" })
    .option("limit", { alias: "l", type: "number", describe: "rows at most" })
    .option("shuffle", { type: "number", describe: "shuffle the rows with this seed, before --limit" })
    .option("concurrency", { alias: "c", type: "number", describe: "requests in flight at once" })
    .option("baseline", {
      alias: "b",
      type: "string",
      describe: "compare with an earlier run (a directory) or a baseline file",
    })
    .option("fail-under", {
      type: "string",
      describe: "a pass rate that every variant must reach, such as 90%",
    })
    .option("rpm", { type: "number", describe: "requests per minute for each lane" })
    .option("tpm", { type: "number", describe: "tokens per minute for each lane" })
    .requiresArg(planFlagNames);
}

/** `--strict`, of every command that judges. */
export const strictFlag = {
  type: "boolean",
  default: false,
  describe: "an inconclusive verdict exits 1",
} as const;

/** Flags that judge a run. */
export function gateFlags(command: Argv): Argv {
  return command
    .option("against", {
      type: "string",
      describe: "run the matrix of a git revision beside this one and compare the two, such as origin/main",
    })
    .conflicts("baseline", "against")
    .option("save-baseline", { type: "string", describe: "save the run as a baseline file if it is good" })
    .option("require-baseline", {
      type: "boolean",
      default: false,
      describe: "a missing baseline is an error (exit 2)",
    })
    .option("strict", strictFlag)
    .requiresArg(["against", "save-baseline"]);
}

/** Flags that shape the reports. */
export function reportFlags(command: Argv): Argv {
  return command
    .option("csv-vars", {
      type: "string",
      describe: "variables in completions.csv: used, all, none, or names with commas",
    })
    .option("safe-csv", {
      type: "boolean",
      describe: "guard cells that a spreadsheet would run as a formula",
    })
    .option("csv-bom", {
      type: "boolean",
      describe: "begin CSV files with a byte order mark, for Excel",
    })
    .option("junit", {
      choices: ["gates", "rows"] as const,
      describe: "what the test cases of junit.xml are",
    })
    .option("by", {
      type: "string",
      array: true,
      describe: "sum up by the values of a dataset column; repeatable",
    })
    .requiresArg(["csv-vars", "junit", "by"]);
}

/** Flags that mean nothing without a value: one without it is refused, never taken for "not given". */
const planFlagNames = [
  "grid",
  "set",
  "dataset",
  "provider",
  "trials",
  "limit",
  "shuffle",
  "concurrency",
  "baseline",
  "fail-under",
  "rpm",
  "tpm",
];

/** The overrides that the plan flags ask for. Throws UsageError. */
export function overridesOf(flags: Flags): Overrides {
  return {
    grid: list(flags.grid).map(readAxis),
    set: list(flags.set).map(readSetting),
    dataset: text(flags, "dataset") === null ? null : inputName(text(flags, "dataset") ?? ""),
    provider: text(flags, "provider"),
    trials: wholeNumber(flags, "trials"),
    limit: wholeNumber(flags, "limit"),
    shuffle: number(flags, "shuffle"),
    concurrency: wholeNumber(flags, "concurrency"),
    rpm: positive(flags, "rpm"),
    tpm: positive(flags, "tpm"),
    baseline: text(flags, "baseline") === null ? null : inputName(text(flags, "baseline") ?? ""),
    failUnder: share(flags, "fail-under"),
    budget: null,
  };
}

/** `--budget`, of the commands that send. */
export const budgetFlag = {
  type: "string",
  array: true,
  describe: "what the run may use in all, such as cost=5CNY,time=30m; also requests=, tokens=",
} as const;

/** The limits that `--budget` states, as written; null without the flag. Throws UsageError for what is none. */
export function budgetOf(flags: Flags): BudgetFile | null {
  const given = list(flags.budget).join(",");
  if (flags.budget === undefined) return null;
  const hint = "`--budget cost=20CNY`, `requests=5000`, `tokens=2M`, `time=30m`; several with commas";
  const file = splitBudget(given);
  if (file === null) throw new UsageError("cli/budget", `\`--budget ${given}\` is no budget`, { hint });
  const [first] = readBudget(file).problems;
  if (first === undefined) return file;
  throw new UsageError("cli/budget", `\`--budget\`: ${first.key}: ${first.problem}`, { hint: first.hint });
}

/** What the flags say of how reports are written; what they do not say is absent, and stays as it was. */
export function reportSettings(flags: Flags): Partial<ReportSettings> {
  const variables = text(flags, "csv-vars");
  const safe = flags["safe-csv"];
  const junit = text(flags, "junit");
  const columns = list(flags.by).flatMap((one) => one.split(",").map((name) => name.trim()));
  return {
    ...(variables === null ? {} : { csv_vars: variablesWanted(variables) }),
    ...(safe === undefined ? {} : { safe_csv: safe === true }),
    ...(flags["csv-bom"] === undefined ? {} : { csv_bom: flags["csv-bom"] === true }),
    ...(junit === null ? {} : { junit: junit === "rows" ? "rows" : "gates" }),
    ...(flags.strict === true ? { strict: true } : {}),
    ...(columns.length === 0 ? {} : { by: columns }),
  };
}

function variablesWanted(written: string): ReportSettings["csv_vars"] {
  if (written === "used" || written === "all" || written === "none") return written;
  return written.split(",").map((name) => name.trim());
}

/** `--shard` and `--limit-share`; null for the whole plan. Throws UsageError for what is none. */
export function shardOf(flags: Flags): RunShard | null {
  const written = text(flags, "shard");
  if (written === null) return null;
  const shard = readShard(written);
  if (shard === null)
    throw new UsageError("cli/shard", `\`--shard ${written}\` is no shard`, {
      hint: `\`--shard 2/8\` is the second of eight parts; up to ${mostShards}`,
    });
  const wanted = text(flags, "limit-share");
  const [, part, of = "1"] = /^\s*(\d*\.?\d+)\s*(?:\/\s*(\d+))?\s*$/.exec(wanted ?? `1/${shard.count}`) ?? [];
  const share = Number(part) / Number(of);
  if (share > 0 && share <= 1) return { ...shard, limit_share: share };
  throw new UsageError("cli/shard", `\`--limit-share ${wanted}\` is no share`, {
    hint: "`1/4`, `0.25`, or `1` for shards that do not run at the same time, or have accounts of their own",
  });
}

/** `--batch`, `--batch-window` and `--detach`; null without the first. Throws UsageError for a window that is none. */
export function batchOf(flags: Flags): BatchAsked | null {
  const alone =
    flags.detach === true ? "detach" : text(flags, "batch-window") === null ? null : "batch-window";
  if (flags.batch !== true && alone !== null)
    throw new UsageError("cli/usage", `\`--${alone}\` needs \`--batch\``, { hint: "add `--batch`" });
  if (flags.batch !== true) return null;
  const window = text(flags, "batch-window") ?? defaultWindow;
  const hours = /^(\d+)h$/.exec(window)?.[1];
  if (hours === undefined || Number(hours) < 1)
    throw new UsageError("cli/batch-window", `\`--batch-window ${window}\` is no window`, {
      hint: "hours, such as `24h`; SiliconFlow takes 24h to 336h, OpenAI 24h",
    });
  return { window, detach: flags.detach === true, drop: false };
}

/**
 * The address of a Redis, as written or from the environment variable of that name, so that a password need not stand in a
 * command line; null without the flag. Throws UsageError for a variable that is not set.
 */
export function redisUrlOf(
  flags: Flags,
  name: string,
  environment: Readonly<Record<string, string | undefined>>,
): string | null {
  const written = text(flags, name);
  if (written === null || !/^[A-Z_][A-Z0-9_]*$/.test(written)) return written;
  const value = environment[written];
  if (value !== undefined && value !== "") return value;
  throw new UsageError("queue/url", `\`--${name} ${written}\`: the environment has no \`${written}\``, {
    hint: "set it to the address of a Redis, such as `redis://:password@host:6379`",
  });
}

/** `--queue`, of the commands that send. */
export const queueFlag = {
  type: "string",
  describe: "let `promptgrid worker`s ask, through this Redis: redis://host, or a variable that holds it",
} as const;

/** `--drop-queue`, of the commands that send. */
export const dropQueueFlag = {
  type: "boolean",
  default: false,
  describe: "leave what a queue was to bring, and ask it from here",
} as const;

/** `--shared-limits`, of the commands that send. */
export const sharedLimitsFlag = {
  type: "string",
  describe: "share limits of a minute with other processes through this Redis: redis://host, or a variable",
} as const;

/** A text flag; null when it is not given. The last one of several counts. */
export function text(flags: Flags, name: string): string | null {
  const value = flags[name];
  const last = Array.isArray(value) ? (value as readonly unknown[]).at(-1) : value;
  if (last === undefined || last === null) return null;
  return String(last);
}

/** A flag that is a duration such as `30s`, in milliseconds. */
export function duration(flags: Flags, name: string): number {
  const written = text(flags, name) ?? "";
  const ms = durationMs(/^\d+(\.\d+)?$/.test(written) ? Number(written) : written);
  if (ms === null)
    throw new UsageError("cli/duration", `\`--${name} ${written}\` is no duration`, {
      hint: "`500ms`, `30s`, `2m`",
    });
  return ms;
}

/** A number flag, or null. Throws UsageError for what is none. */
export function number(flags: Flags, name: string): number | null {
  const value = flags[name];
  if (value === undefined) return null;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw new UsageError("cli/number", `\`--${name}\` needs a number`, {
    hint: `give it once: \`--${name} 10\``,
  });
}

/** A flag that is a share: `0.05`, `5%` or `5pt`; null when it is not given. Throws UsageError for what is none. */
export function share(flags: Flags, name: string): number | null {
  const written = text(flags, name);
  if (written === null) return null;
  const [, digits, unit] = /^(\d+(?:\.\d+)?|\.\d+)\s*(%|pt|points?)?$/.exec(written.trim()) ?? [];
  const value = Number(digits) / (unit === undefined ? 1 : 100);
  if (digits !== undefined && value >= 0 && value <= 1) return value;
  const number = Number(digits);
  const meant = number > 1 && number <= 100 ? number : name === "fail-under" ? 90 : 5;
  throw new UsageError("cli/share", `\`--${name} ${written}\` is no share`, {
    hint: `\`--${name} ${meant}%\` or \`--${name} ${meant / 100}\``,
  });
}

/** A flag that is a whole number of at least 1; null without it. Throws UsageError. */
export function wholeNumber(flags: Flags, name: string): number | null {
  const value = number(flags, name);
  if (value !== null && (!Number.isInteger(value) || value < 1)) {
    throw new UsageError("cli/number", `\`--${name} ${value}\` must be a whole number from 1`);
  }
  return value;
}

function positive(flags: Flags, name: string): number | null {
  const value = number(flags, name);
  if (value !== null && value <= 0)
    throw new UsageError("cli/number", `\`--${name} ${value}\` must be more than 0`);
  return value;
}

/** A flag or argument that may be given several times, as text. */
export function list(value: unknown): readonly string[] {
  if (value === undefined) return [];
  return (Array.isArray(value) ? value : [value]).map(String);
}

function readAxis(written: string): { name: string; values: readonly unknown[] } {
  const { name, value } = pair(written, "grid", "temperature=0,0.7");
  const values = splitValues(value, ",").map((part) => {
    const parsed = parseScalar(part, name);
    if (!parsed.ok) throw new UsageError("cli/grid", `\`--grid ${written}\`: ${parsed.problem}`);
    return parsed.value;
  });
  return { name, values };
}

function readSetting(written: string): { path: string; value: unknown } {
  const { name, value } = pair(written, "set", "parameters.max_tokens=256");
  const source = parseYaml(value, "--set");
  const [problem] = source.diagnostics;
  if (problem !== undefined) throw new UsageError("cli/set", `\`--set ${written}\`: ${problem.message}`);
  return { path: name, value: source.value ?? null };
}

function pair(
  written: string,
  flag: string,
  example: string,
): { readonly name: string; readonly value: string } {
  const at = written.indexOf("=");
  if (at <= 0)
    throw new UsageError("cli/pair", `\`--${flag} ${written}\` is no \`name=value\``, {
      hint: `\`--${flag} ${example}\``,
    });
  return { name: written.slice(0, at).trim(), value: written.slice(at + 1) };
}
