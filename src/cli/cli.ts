import { readFileSync } from "node:fs";
import type { Argv } from "yargs";
import { nearest } from "../diagnostics/nearest.ts";
import { exitCodes } from "../errors.ts";
import { packageVersion } from "../system/package-version.ts";
import type { Terminal } from "./terminal.ts";

/** Parsed flags of a command. */
export type Flags = Readonly<Record<string, unknown>>;

type Command = (flags: Flags, terminal: Terminal) => Promise<number>;

/** Runs one command line and gives its exit code. Every error ends here, as a message; a bug shows its stack. */
export async function runCli(terminal: Terminal): Promise<number> {
  const known = knownAnswer(terminal);
  if (known !== null) {
    terminal.stdout.write(known);
    return exitCodes.good;
  }
  const { default: yargs } = await import("yargs");
  let code: number = exitCodes.good;
  let flags: Flags = {};
  const handler = (load: () => Promise<Command>) => async (parsed: Flags) => {
    flags = parsed;
    const command = await load();
    code = await command(parsed, terminal);
  };
  const parser = describeCommands(yargs([]), handler)
    .scriptName("promptgrid")
    .usage(
      "$0 <command>\n\nRuns a matrix of prompts × parameter grid × dataset against chat-completion APIs.",
    )
    .example("$0 run configs/quickstart.yaml", "run a matrix; the reports go to results/")
    .example("$0 plan matrix.yaml --show", "what would be sent; sends nothing")
    .example("$0 estimate matrix.yaml", "what it would cost; sends nothing")
    .example("$0 run prompts.csv --grid model=a,b", "a CSV of prompts, no YAML")
    .example("$0 run matrix.yaml --against origin/main", "both sides in one run, and a verdict")
    .example("$0 compare results/A results/B", "what changed, with intervals")
    .example("$0 resume results/DIR", "go on with a run that was stopped")
    .example("$0 view", "the reports in results/, in a browser")
    .epilogue(
      "Exit codes: 0 good, 1 a gate said no, 2 command line or input files wrong (nothing sent),\n" +
        "3 could not finish, 130/143 interrupted (resumable).",
    )
    .strict()
    .strictCommands()
    .recommendCommands()
    .demandCommand(1, "a command is missing")
    .version(packageVersion())
    .help()
    .alias("h", "help")
    .alias("v", "version")
    .wrap(Math.min(helpWidth, terminal.stdout.columns ?? helpWidth))
    .parserConfiguration({
      "duplicate-arguments-array": true,
      "parse-positional-numbers": false,
      "greedy-arrays": false,
    })
    .exitProcess(false)
    .fail((message, error) => {
      throw error ?? new UsageMessage(message, flagsOf(parser));
    });
  try {
    await parser.parseAsync([...terminal.arguments], {}, (_error, _parsed, output) => {
      if (output !== "") terminal.stdout.write(`${output}\n`);
    });
    return code;
  } catch (error) {
    if (error instanceof UsageMessage || (error instanceof Error && error.name === "YError")) {
      const known = error instanceof UsageMessage ? error.flags : [];
      const { message, hint } = usageWords(error.message, terminal.arguments[0] ?? "", known);
      terminal.stderr.write(`error: ${message} [cli/usage]\n   hint: ${hint}\n`);
      return exitCodes.usage;
    }
    const { explain } = await import("./explain.ts");
    return explain(error, terminal, flags);
  }
}

/** Columns of help at most. */
const helpWidth = 100;

/** What is asked often and by scripts, without what reads a command line, which takes longer to load than Node itself. */
function knownAnswer({ arguments: written, stdout }: Terminal): string | null {
  const [only = "", ...more] = written;
  if (more.length > 0) return null;
  if (["--version", "-v"].includes(only)) return `${packageVersion()}\n`;
  if (!["--help", "-h"].includes(only) || (stdout.columns ?? helpWidth) < helpWidth) return null;
  try {
    return readFileSync(new URL("./help.txt", import.meta.url), "utf8");
  } catch {
    // The build lays it out by asking for it.
    return null;
  }
}

/** A command line that yargs does not understand. */
class UsageMessage extends Error {
  /** Those of the command, as far as it was read. */
  readonly flags: readonly string[];

  constructor(message: string, flags: readonly string[]) {
    super(message);
    this.flags = flags;
  }
}

function flagsOf(parser: Argv): readonly string[] {
  return Object.keys(
    (parser as unknown as { getOptions(): { key: Record<string, unknown> } }).getOptions().key,
  );
}

const commandNames: readonly string[] = [
  "run",
  "plan",
  "estimate",
  "check",
  "resume",
  "report",
  "merge",
  "worker",
  "score",
  "compare",
  "baseline",
  "view",
  "simulate",
  "init",
];

/** What yargs complains of, in the house's words, with what was probably meant. */
function usageWords(
  message: string,
  command: string,
  flags: readonly string[],
): { readonly message: string; readonly hint: string } {
  const help = `\`promptgrid ${command.startsWith("-") || command === "" ? "" : `${command} `}--help\` lists what there is`;
  const unknown = /^Unknown arguments?: (.+)$/.exec(message)?.[1]?.split(", ")[0];
  if (unknown !== undefined) {
    const close = nearest(unknown, flags);
    return {
      message: `unknown flag or argument \`${unknown}\``,
      hint: close === null ? help : `did you mean \`--${close}\`?`,
    };
  }
  const meant = /^Did you mean (.+)\?$/.exec(message)?.[1];
  if (meant !== undefined)
    return { message: `there is no command \`${command}\``, hint: `did you mean \`promptgrid ${meant}\`?` };
  if (message.startsWith("Not enough non-option arguments"))
    return { message: `\`promptgrid ${command}\` needs a file or folder`, hint: help };
  const missing = /^Missing required argument: (\S+)/.exec(message)?.[1];
  if (missing !== undefined)
    return { message: `\`promptgrid ${command}\` needs \`--${missing}\``, hint: help };
  const bare = /^Not enough arguments following: (.+)$/.exec(message)?.[1];
  if (bare !== undefined) return { message: `\`--${bare}\` needs a value`, hint: help };
  const choice = /Argument: (\S+), Given: (.*), Choices: (.+)/.exec(message);
  if (choice !== null) {
    return { message: `\`--${choice[1]}\` cannot be ${choice[2]}`, hint: `one of ${choice[3]}` };
  }
  const known = commandNames.includes(command);
  const extra = /^Unknown command: (.+)$/.exec(message)?.[1];
  if (known && extra !== undefined) {
    return { message: `unexpected argument \`${extra}\``, hint: "one matrix or folder at a time" };
  }
  if (/^Unknown command/.test(message))
    return { message: `there is no command \`${command}\``, hint: "`promptgrid --help` lists the commands" };
  return { message: message.replace(/\n\s*/g, "; ").toLowerCase(), hint: help };
}

/** The flags of commands are loaded with the command that is asked for, as their values take libraries to read. */
const loadFlags = (): Promise<typeof import("./flags.ts")> => import("./flags.ts");

function describeCommands(
  parser: Argv,
  handler: (load: () => Promise<Command>) => (parsed: Flags) => Promise<void>,
): Argv {
  return parser
    .command(
      "run <matrix>",
      "run a matrix: send what has no answer yet, write the reports",
      async (command) => {
        const {
          gateFlags,
          reportFlags,
          planFlags,
          displayFlags,
          budgetFlag,
          dropQueueFlag,
          queueFlag,
          sharedLimitsFlag,
        } = await loadFlags();
        return gateFlags(reportFlags(planFlags(displayFlags(command))))
          .positional("matrix", { type: "string", describe: "YAML, JSON or CSV file", demandOption: true })
          .option("out", {
            alias: "o",
            type: "string",
            describe: "run directory; goes on with the run it holds",
          })
          .option("reuse", {
            type: "string",
            describe: "take equal answers from an earlier run: a directory, or `latest`",
          })
          .option("allow-shrink", {
            type: "boolean",
            default: false,
            describe: "leave answers aside that the plan no longer has",
          })
          .option("yes", {
            alias: "y",
            type: "boolean",
            default: false,
            describe: "send however many requests there are",
          })
          .option("confirm-above", {
            type: "number",
            default: 10_000,
            describe: "more requests than this need --yes",
          })
          .option("grace", {
            type: "string",
            default: "30s",
            describe: "how long requests in flight may take after Ctrl-C",
          })
          .option("budget", budgetFlag)
          .option("shard", {
            type: "string",
            describe: "ask a part of the plan, such as 2/8; `promptgrid merge` makes one run of all parts",
          })
          .option("limit-share", {
            type: "string",
            describe: "what a shard takes of the stated limits, such as 1/4 or 1 (else its n-th part)",
          })
          .implies("limit-share", "shard")
          .option("queue", queueFlag)
          .option("drop-queue", dropQueueFlag)
          .option("shared-limits", sharedLimitsFlag)
          .option("batch", {
            type: "boolean",
            default: false,
            describe: "ask through the provider's batch API: slower, and mostly at half the price",
          })
          .option("batch-window", {
            type: "string",
            describe: "within what time the provider is to work on batches (else 24h)",
          })
          .option("detach", {
            type: "boolean",
            default: false,
            describe: "with --batch: hand in and leave; `promptgrid resume` fetches what came of it",
          })
          .requiresArg([
            "out",
            "reuse",
            "confirm-above",
            "grace",
            "budget",
            "shard",
            "limit-share",
            "batch-window",
          ]);
      },
      handler(async () => (await import("./commands/run.ts")).run),
    )
    .command(
      "plan <matrix>",
      "what would be sent; sends nothing",
      async (command) => {
        const { planFlags, displayFlags } = await loadFlags();
        return planFlags(displayFlags(command))
          .positional("matrix", { type: "string", demandOption: true, describe: "YAML, JSON or CSV file" })
          .option("show", {
            type: "string",
            describe: "print the exact body of a request: its number in plan order (from 0) or its id",
          })
          .option("curl", { type: "string", describe: "print a request as a curl command: number or id" })
          .conflicts("show", "curl");
      },
      handler(async () => (await import("./commands/plan.ts")).plan),
    )
    .command(
      "estimate <matrix>",
      "tokens, cost and time of a run; sends nothing, or a pilot",
      async (command) => {
        const { displayFlags } = await loadFlags();
        const { estimateFlags } = await import("./estimate-flags.ts");
        return estimateFlags(displayFlags(command));
      },
      handler(async () => (await import("./commands/estimate.ts")).estimate),
    )
    .command(
      "check <matrix>",
      "problems in the files, all at once; sends nothing",
      async (command) => {
        const { planFlags, displayFlags } = await loadFlags();
        return planFlags(displayFlags(command)).positional("matrix", {
          type: "string",
          demandOption: true,
          describe: "YAML, JSON or CSV file",
        });
      },
      handler(async () => (await import("./commands/check.ts")).check),
    )
    .command(
      "resume <dir>",
      "go on with a run: ask what has no answer yet",
      async (command) => {
        const { displayFlags, strictFlag, budgetFlag, dropQueueFlag, queueFlag, sharedLimitsFlag } =
          await loadFlags();
        return displayFlags(command)
          .positional("dir", { type: "string", demandOption: true, describe: "run directory" })
          .option("grace", {
            type: "string",
            default: "30s",
            describe: "how long requests in flight may take after Ctrl-C",
          })
          .option("strict", strictFlag)
          .option("budget", budgetFlag)
          .option("queue", queueFlag)
          .option("drop-queue", dropQueueFlag)
          .option("shared-limits", sharedLimitsFlag)
          .option("detach", {
            type: "boolean",
            default: false,
            describe: "of a run in batches: hand in what is left and leave",
          })
          .option("drop-batches", {
            type: "boolean",
            default: false,
            describe: "give up batches that are open, and ask their requests again",
          })
          .requiresArg(["grace", "budget", "queue", "shared-limits"]);
      },
      handler(async () => (await import("./commands/run.ts")).resume),
    )
    .command(
      "report <dir>",
      "make the reports of a run again, from its journal",
      async (command) => {
        const { reportFlags, displayFlags } = await loadFlags();
        return reportFlags(displayFlags(command)).positional("dir", {
          type: "string",
          demandOption: true,
          describe: "run directory",
        });
      },
      handler(async () => (await import("./commands/report.ts")).report),
    )
    .command(
      "merge <dirs..>",
      "make one run of the shards of a plan: journals joined, reports and gates of the whole",
      async (command) => {
        const { reportFlags, displayFlags, strictFlag } = await loadFlags();
        return reportFlags(displayFlags(command))
          .positional("dirs", {
            type: "string",
            array: true,
            demandOption: true,
            describe: "run directories of one plan",
          })
          .option("out", {
            alias: "o",
            type: "string",
            describe: "folder of the merged run; empty, or none yet",
          })
          .option("strict", strictFlag)
          .requiresArg("out");
      },
      handler(async () => (await import("./commands/merge.ts")).merge),
    )
    .command(
      "worker",
      "ask what `promptgrid run --queue` deals out, on any number of machines, until Ctrl-C",
      async (command) => {
        const { displayFlags } = await loadFlags();
        return displayFlags(command)
          .option("queue", {
            type: "string",
            demandOption: true,
            describe: "redis://host, or the name of a variable that holds it",
          })
          .option("grace", {
            type: "string",
            default: "30s",
            describe: "how long requests in flight may take after Ctrl-C",
          })
          .requiresArg(["queue", "grace"]);
      },
      handler(async () => (await import("./commands/worker.ts")).worker),
    )
    .command(
      "score <dir>",
      "score the answers of a run again; sends nothing but what judges were not asked yet",
      async (command) => {
        const { displayFlags, strictFlag } = await loadFlags();
        return displayFlags(command)
          .positional("dir", { type: "string", demandOption: true, describe: "run directory" })
          .option("matrix", {
            type: "string",
            describe: "take the scorers of this matrix (else the run's own)",
          })
          .option("strict", strictFlag)
          .option("yes", {
            alias: "y",
            type: "boolean",
            default: false,
            describe: "ask judges for however many verdicts are wanted",
          })
          .option("confirm-above", {
            type: "number",
            default: 10_000,
            describe: "more verdicts than this need --yes",
          })
          .option("grace", {
            type: "string",
            default: "30s",
            describe: "how long requests in flight may take after Ctrl-C",
          })
          .requiresArg(["matrix", "confirm-above", "grace"]);
      },
      handler(async () => (await import("./commands/report.ts")).score),
    )
    .command(
      "compare <base> [candidate]",
      "compare two runs, a run and a baseline file, or variants of one run",
      async (command) => {
        const { displayFlags } = await loadFlags();
        const { compareFlags } = await import("./compare-flags.ts");
        return compareFlags(displayFlags(command))
          .positional("base", {
            type: "string",
            demandOption: true,
            describe: "run directory or baseline file",
          })
          .positional("candidate", { type: "string", describe: "run directory; left out within one run" });
      },
      handler(async () => (await import("./commands/compare.ts")).compare),
    )
    .command("baseline <command>", "baseline files", (command) =>
      command
        .command(
          "save <run> <file>",
          "save the outcomes of a run as a small file to commit",
          async (save) => {
            const { displayFlags } = await loadFlags();
            const { baselineFlags } = await import("./compare-flags.ts");
            return baselineFlags(displayFlags(save));
          },
          handler(async () => (await import("./commands/baseline.ts")).baselineSave),
        )
        .demandCommand(1, "a command is missing"),
    )
    .command(
      "view [dir]",
      "look at the reports of a results folder in a browser, served on this machine only",
      async (command) => {
        const { displayFlags } = await loadFlags();
        return displayFlags(command)
          .positional("dir", {
            type: "string",
            default: "results",
            describe: "results folder, or one run directory",
          })
          .option("port", { alias: "p", type: "number", default: 0, describe: "0 takes a free one" })
          .requiresArg("port");
      },
      handler(async () => (await import("./commands/view.ts")).view),
    )
    .command(
      "simulate",
      "a local endpoint that speaks the chat-completions wire, with simulated or recorded answers",
      async (command) => {
        const { displayFlags } = await loadFlags();
        const { simulatedLimitFlags } = await import("./simulate-limits.ts");
        const { simulatedBatchFlags } = await import("./simulate-batches.ts");
        return simulatedBatchFlags(simulatedLimitFlags(displayFlags(command)))
          .option("port", { alias: "p", type: "number", default: 8787, describe: "0 takes a free one" })
          .option("replay", {
            type: "string",
            describe: "serve recorded answers: a JSONL file, or a run directory",
          })
          .option("answers", {
            type: "string",
            describe: "right answers the models know: JSONL of { prompt, answer, difficulty? }",
          })
          .option("latency", {
            type: "string",
            default: "0",
            describe: "`50ms`, `20ms+5ms/token`, or `model` for the models' own",
          })
          .option("fault", {
            type: "string",
            array: true,
            describe: "kind=rate, such as 503=0.1; repeatable",
          })
          .option("seed", { type: "number", default: 0, describe: "another seed gives other answers" })
          .requiresArg(["port", "replay", "answers", "latency", "fault", "seed"]);
      },
      handler(async () => (await import("./commands/simulate.ts")).simulate),
    )
    .command(
      "init [dir]",
      "write a small matrix and dataset to start from",
      async (command) => {
        const { displayFlags } = await loadFlags();
        return displayFlags(command).positional("dir", {
          type: "string",
          default: ".",
          describe: "folder to write into; nothing is overwritten",
        });
      },
      handler(async () => (await import("./commands/init.ts")).init),
    );
}
