import type { RequestResult, ScoredCompletion } from "../aggregate/result.ts";
import type { Summary, VariantSummary } from "../aggregate/summary-shape.ts";
import { byteCount } from "./cut-bytes.ts";
import { gateSuite } from "./junit.ts";
import {
  isKept,
  type JunitCase,
  type JunitCounts,
  type JunitOutcome,
  mostCaseBytes,
  mostTextBytes,
  openSuite,
  openSuites,
  renderCase,
  sumCounts,
} from "./junit-case.ts";
import type { JunitOptions } from "./junit-gates.ts";
import { plural } from "./number-words.ts";
import type { ReportWriter } from "./report-writer.ts";

/** Bytes of the whole file: GitLab reads none of 30 MB or more. */
const mostBytes = 29_000_000;
/** Cases of rows in the file, over all variants. */
const mostRows = 20_000;

/**
 * `junit.xml` with the rows: after the suite of gates one for each variant, with a case for each completion and for each
 * request without one. Rows stand as they are: a row that did not pass is a failure, whatever the gates allow for.
 *
 * It needs a second pass over the results, since the counts stand before the cases: those of the summary. Of more than
 * 20 000 cases every variant keeps its share, first what went wrong.
 */
export function junitRows(summary: Summary, options: JunitOptions): ReportWriter {
  const gates = gateSuite(summary, options);
  const most = Math.floor(mostRows / Math.max(1, summary.variants.length));
  const suites = summary.variants.map((variant) => keptOf(variant, most));
  const total = sumCounts([gates.counts, ...suites.map(({ counts }) => counts)]);
  const rows = total.tests - gates.counts.tests;
  const share = Math.floor((mostBytes - byteCount(gates.text)) / Math.max(1, rows)) - mostCaseBytes;
  const textBytes = Math.max(0, Math.min(mostTextBytes, share));
  let open = -1;
  const closeUpTo = (index: number): string => {
    const parts: string[] = [];
    for (; open < index; open++) {
      if (open >= 0) parts.push(closeSuite(summary.variants[open], suites[open]));
      const next = summary.variants[open + 1];
      if (next !== undefined) parts.push(openVariant(summary, next, suites[open + 1]));
    }
    return parts.join("");
  };
  return {
    fileName: "junit.xml",
    begin: () => `${openSuites(summary.run.name, total, summary.totals.wall_seconds)}${gates.text}`,
    row: (result) => {
      const start = closeUpTo(result.variantIndex);
      const variant = summary.variants[result.variantIndex];
      const left = suites[result.variantIndex]?.left;
      if (variant === undefined || left === undefined)
        throw new Error(`a result of variant ${result.variantIndex}, which the summary does not have`);
      const cases = rowCases(result, suiteName(summary, variant), variant.passed !== null);
      const kept = cases.filter(({ outcome }) => left[outcome]-- > 0);
      return start + kept.map((one) => renderCase(one, textBytes)).join("");
    },
    end: () => `${closeUpTo(summary.variants.length)}</testsuites>\n`,
  };
}

/** How many cases of each outcome a suite has, and how many of them are still to come. */
interface Kept {
  readonly counts: JunitCounts;
  readonly left: Record<JunitOutcome, number>;
  readonly cut: number;
}

/** The cases of a variant that are kept: of its outcomes in this order, as many as there is room for. */
function keptOf(variant: VariantSummary, most: number): Kept {
  const { completions, scored, passed, failed, pending } = variant;
  const all: Record<JunitOutcome, number> = {
    error: failed,
    failure: passed === null ? 0 : scored - passed,
    skipped: pending + (passed === null ? 0 : completions - scored),
    passed: passed ?? completions,
  };
  const left = { ...all };
  let room = most;
  for (const outcome of ["error", "failure", "skipped", "passed"] as const) {
    left[outcome] = Math.min(all[outcome], room);
    room -= left[outcome];
  }
  const tests = most - room;
  return {
    counts: { tests, failures: left.failure, errors: left.error, skipped: left.skipped },
    left,
    cut: completions + failed + pending - tests,
  };
}

function openVariant(summary: Summary, variant: VariantSummary, kept: Kept | undefined): string {
  const counts = kept?.counts ?? sumCounts([]);
  return openSuite(suiteName(summary, variant), counts, { seconds: null, timestamp: summary.run.started_at });
}

function closeSuite(variant: VariantSummary | undefined, kept: Kept | undefined): string {
  if (variant === undefined) return "";
  const cut = kept?.cut ?? 0;
  const note =
    cut > 0
      ? `    <system-out>${plural(cut, "case")} left out: completions.csv has every row</system-out>\n`
      : "";
  return `${note}  </testsuite>\n`;
}

/** Name of the suite of a variant, and class of its cases: unique even where a long label is cut. */
function suiteName({ run }: Summary, variant: VariantSummary): string {
  const name = `${run.name}: ${variant.variant}`;
  return isKept(name) ? name : `${variant.variant_id}: ${name}`;
}

function rowCases(result: RequestResult, classname: string, judged: boolean): readonly JunitCase[] {
  const seconds = (result.times.totalMs ?? result.times.latencyMs ?? 0) / 1_000;
  const base = { classname, name: rowName(result, 0), seconds, type: "", message: "", text: "" };
  if (result.status === "pending")
    return [{ ...base, outcome: "skipped", type: "pending", message: "not asked" }];
  if (result.status === "failed") {
    const kind = result.failure?.kind ?? "failed";
    const message = `${kind}: ${result.failure?.message ?? ""}`;
    return [{ ...base, outcome: "error", type: kind, message, text: message }];
  }
  return result.completions.map((scored, i) => ({
    ...base,
    name: rowName(result, scored.completion.choice),
    seconds: i === 0 ? seconds : 0,
    ...completionWords(scored, judged),
  }));
}

function completionWords(
  { passed, failReason, completion }: ScoredCompletion,
  judged: boolean,
): Pick<JunitCase, "outcome" | "type" | "message" | "text"> {
  if (passed === false) {
    const message = failReason ?? "did not pass";
    return { outcome: "failure", type: "failed", message, text: `${message}\n\n${completion.content}` };
  }
  if (passed === null && judged)
    return { outcome: "skipped", type: "unscored", message: "could not be scored", text: completion.content };
  return { outcome: "passed", type: "", message: "", text: "" };
}

/**
 * `ROW[TRIAL]`, or `ROW[TRIAL.CHOICE]` from the second choice on, so that a request has the same name whether it was
 * answered or not. A row id that the file cannot hold as it is has the request's id before it.
 */
function rowName({ rowId, requestId, trial }: RequestResult, choice: number): string {
  const name = `${rowId}[${trial}${choice === 0 ? "" : `.${choice}`}]`;
  return isKept(name) ? name : `${requestId}[${trial}${choice === 0 ? "" : `.${choice}`}] ${rowId}`;
}
