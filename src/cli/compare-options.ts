import type { Verdict } from "../compare/comparison.ts";
import { exitCodes, UsageError } from "../errors.ts";
import type { CompareOptions } from "../run/compare-runs.ts";
import type { Flags } from "./cli.ts";
import { share, text } from "./flags.ts";

/** The exit code of a verdict: 1 for `fail`, 3 for `invalid`; `inconclusive` is 1 where `strict`, else good. */
export function compareExit(verdict: Verdict, strict: boolean): number {
  if (verdict === "invalid") return exitCodes.unfinished;
  if (verdict === "fail") return exitCodes.gate;
  return verdict === "inconclusive" && strict ? exitCodes.gate : exitCodes.good;
}

/** What the flags ask for, in a combination that makes sense. Throws UsageError. */
export function compareOptions(flags: Flags, workingDirectory: string): CompareOptions {
  const base = text(flags, "base") ?? "";
  const candidate = text(flags, "candidate");
  const axis = text(flags, "axis");
  const against = text(flags, "against");
  const variants = list(flags.variants);
  const vary = names(flags.vary);
  if (against !== null && axis === null)
    throw new UsageError("cli/compare-against", "`--against` names a value of `--axis`, which is missing", {
      hint: `such as \`--axis model --against ${against}\``,
    });
  const metrics = names(flags.metric);
  if (text(flags, "max-drop") !== null && metrics.length > 0 && !metrics.includes("pass_rate"))
    throw new UsageError(
      "cli/compare-max-drop",
      "`--max-drop` judges the pass rate, which `--metric` leaves out",
      {
        hint: "add `--metric pass_rate`, or leave `--max-drop` out",
      },
    );
  if (candidate === null) withinOne({ base, axis, variants, vary });
  else betweenTwo({ candidate, axis, variants });
  const [first, second] = variants;
  return {
    workingDirectory,
    base,
    candidate,
    variants: first === undefined || second === undefined ? null : [first, second],
    axis,
    against,
    vary,
    metrics,
    maxDrop: share(flags, "max-drop"),
    by: text(flags, "by"),
  };
}

interface Given {
  readonly axis: string | null;
  readonly variants: readonly string[];
}

function withinOne({ base, axis, variants, vary }: Given & { base: string; vary: readonly string[] }): void {
  if (axis !== null && variants.length > 0)
    throw new UsageError("cli/compare-both", "`--axis` and `--variants` exclude each other", {
      hint: "`--variants` names one pair, `--axis` all pairs of an axis",
    });
  if (variants.length > 0 && variants.length !== 2)
    throw new UsageError(
      "cli/compare-variants",
      `\`--variants\` is given ${times(variants.length)}, not twice`,
      {
        hint: "`--variants BASE --variants CANDIDATE`; for more than two, `--axis NAME`",
      },
    );
  if (axis === null && variants.length === 0)
    throw new UsageError("cli/compare-one", `\`${base}\` alone has nothing to be compared with`, {
      hint: `give a second run (of a run with \`--against\` its base is \`${base}/against\`), or \`--axis model\`, or \`--variants A --variants B\``,
    });
  if (vary.length > 0)
    throw new UsageError("cli/compare-vary", "`--vary` is for two runs", {
      hint: "within one run, `--axis NAME` compares what differs",
    });
}

function betweenTwo({ candidate, axis, variants }: Given & { candidate: string }): void {
  if (axis === null && variants.length === 0) return;
  const flag = axis === null ? "variants" : "axis";
  throw new UsageError("cli/compare-two", `\`--${flag}\` compares within one run, and two are given`, {
    hint: `leave \`${candidate}\` out, or \`--${flag}\`; \`--vary NAME\` pairs variants that differ in NAME`,
  });
}

/** How many rows that changed sides `--flips` asks for. Throws UsageError. */
export function flipsWanted(flags: Flags): number {
  const written = text(flags, "flips") ?? "10";
  if (written === "all") return Number.POSITIVE_INFINITY;
  if (/^\d{1,9}$/.test(written)) return Number(written);
  throw new UsageError("cli/compare-flips", `\`--flips ${written}\` is no number of rows`, {
    hint: "`--flips 20`, `--flips all`, or `--flips 0` for none",
  });
}

function list(value: unknown): readonly string[] {
  return value === undefined || value === null ? [] : [value].flat().map(String);
}

/** A repeatable flag whose values may also stand in one, with commas. */
function names(value: unknown): readonly string[] {
  const all = list(value).flatMap((one) => one.split(",").map((name) => name.trim()));
  return [...new Set(all.filter((name) => name !== ""))];
}

function times(count: number): string {
  return count === 1 ? "once" : `${count} times`;
}
