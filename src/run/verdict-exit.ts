import type { Summary } from "../aggregate/summary-shape.ts";
import type { Verdict } from "../compare/comparison.ts";
import { exitCodes } from "../errors.ts";

/** The exit code that a verdict asks for, and why it is not 0. An inconclusive one is good unless `strict`. */
export function verdictExit(
  summary: Summary,
  strict: boolean,
): { readonly exitCode: number; readonly reason: string | null } {
  const code = codeOf(summary.verdict, strict);
  return code === exitCodes.good
    ? { exitCode: code, reason: null }
    : { exitCode: code, reason: verdictWords(summary) };
}

function codeOf(verdict: Verdict, strict: boolean): number {
  if (verdict === "invalid") return exitCodes.unfinished;
  if (verdict === "fail") return exitCodes.gate;
  return verdict === "inconclusive" && strict ? exitCodes.gate : exitCodes.good;
}

/** `verdict fail: ` and the reason of the first gate that says so, and how many more do. */
function verdictWords({ verdict, gates }: Summary): string {
  const [worst, ...others] = gates.filter((gate) => gate.verdict === verdict);
  const more = others.length > 0 ? ` (and ${others.length} more)` : "";
  return worst === undefined ? `verdict ${verdict}` : `verdict ${verdict}: ${worst.reason}${more}`;
}
