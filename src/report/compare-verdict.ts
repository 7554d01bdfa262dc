import type { Comparison, ComparisonReport, Verdict } from "../compare/comparison.ts";
import { pairWords, sliceWords } from "./compare-columns.ts";
import { type Mark, markOf } from "./compare-words.ts";
import { plural } from "./number-words.ts";

/** The verdict of a report in words, plain text. */
export interface VerdictWords {
  /** `fail`, `pass`, … or `no verdict`. */
  readonly verdict: string;
  /** What stands behind the verdict and a colon. */
  readonly sentence: string;
  /** Where several comparisons were judged: each that did not pass, with its verdict and its reason, worst first. */
  readonly details: readonly { readonly verdict: Verdict; readonly text: string }[];
  /** Judged comparisons that did not pass and are not among the details. */
  readonly more: number;
}

/** Comparisons whose reasons are given. */
const mostDetails = 20;

/** Worst first. */
const order: readonly Verdict[] = ["invalid", "fail", "inconclusive", "pass"];

/** The verdict with its reasons: one sentence for one comparison, else how many fail and why each of them does. */
export function verdictWords({ verdict, comparisons }: ComparisonReport): VerdictWords {
  const name = verdict === "none" ? "no verdict" : verdict;
  const judged = comparisons.filter((one) => one.verdict !== "none");
  const [first] = judged;
  if (comparisons.length === 0)
    return { verdict: name, sentence: "there is nothing to compare", details: [], more: 0 };
  if (first === undefined) return { verdict: name, sentence: unjudged(comparisons), details: [], more: 0 };
  if (judged.length === 1) return { verdict: name, sentence: first.reason, details: [], more: 0 };
  const bad = order.slice(0, 3).flatMap((one) => judged.filter((comparison) => comparison.verdict === one));
  const counts = order.flatMap((one) => {
    const count = judged.filter((comparison) => comparison.verdict === one).length;
    return count === 0 ? [] : [`${count} ${one}`];
  });
  return {
    verdict: name,
    sentence:
      counts.length === 1
        ? `all ${plural(judged.length, "comparison")}`
        : `of ${plural(judged.length, "comparison")}: ${counts.join(", ")}`,
    details: bad
      .slice(0, mostDetails)
      .map((one) => ({ verdict: one.verdict, text: `${caseWords(one, judged)}: ${one.reason}` })),
    more: Math.max(0, bad.length - mostDetails),
  };
}

/** Which of the judged comparisons this is: its slice alone, where there is one pair. */
function caseWords(comparison: Comparison, judged: readonly Comparison[]): string {
  const { base, candidate, slice } = comparison;
  const onePair = judged.every((one) => one.base === base && one.candidate === candidate);
  return onePair && slice !== null ? sliceWords(comparison) : pairWords(comparison);
}

/** What is seen where no limit was declared: how many comparisons of the first metric differ. */
function unjudged(comparisons: readonly Comparison[]): string {
  const metric = comparisons[0]?.metric ?? "";
  const own = comparisons.filter((one) => one.metric === metric);
  const words: Readonly<Record<Mark, string>> = {
    worse: "worse",
    better: "better",
    same: "without a difference that the data can tell",
    unknown: "not tested",
  };
  const counts = (Object.keys(words) as readonly Mark[]).flatMap((mark) => {
    const count = own.filter((one) => markOf(one) === mark).length;
    return count === 0 ? [] : [own.length === 1 ? words[mark] : `${count} ${words[mark]}`];
  });
  const seen = own.length === 1 ? `${metric} is ${counts[0]}` : `${metric}: ${counts.join(", ")}`;
  return `no limit was given (\`--max-drop 5%\` judges the pass rate); ${seen}`;
}
