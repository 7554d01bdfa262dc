import type { Summary } from "../aggregate/summary-shape.ts";
import type { Flip, GateResult, Verdict } from "../compare/comparison.ts";
import { flipCounts, isRegression, turnWords } from "./compare-flips.ts";
import { changeWords, pWords, seenWords, valueWords } from "./compare-words.ts";
import { gateSentence, worstFirst } from "./gate-words.ts";
import { type JunitCase, type JunitOutcome, uniqueName } from "./junit-case.ts";
import { countWords, plural } from "./number-words.ts";
import { summaryNotes } from "./summary-table.ts";

/** What `junit.xml` rests on besides the summary. */
export interface JunitOptions {
  /** Whether an inconclusive gate is a failure. */
  readonly strict: boolean;
  /** Why a run that asked everything is not good all the same, such as more failed requests than allowed; else null. */
  readonly unfinished: string | null;
}

/** Gates beyond so many have no case of their own; the worst come first then. */
const mostGates = 5_000;
/** Rows that changed sides, for each gate, and characters of each of their answers. */
const mostFlips = 20;
const answerCharacters = 400;

/** The cases that stand for a run as a whole: whether it was answered, then each gate. */
export function junitGateCases(summary: Summary, options: JunitOptions): readonly JunitCase[] {
  const { gates } = summary;
  const classname = gateSuiteName(summary);
  const names = new Set([requestsName]);
  const shown = gates.length > mostGates ? worstFirst(gates).slice(0, mostGates) : gates;
  return [
    requestsCase(summary, classname, options.unfinished),
    ...shown.map((gate): JunitCase => {
      const reason = gateSentence(gate);
      const outcome = outcomes(options.strict)[gate.verdict];
      return {
        classname,
        name: uniqueName(gateName(gate), names),
        seconds: 0,
        outcome,
        type: gate.verdict,
        message: reason,
        text: gateText(gate, reason),
      };
    }),
  ];
}

/** The name of the suite of gates, and the class of its cases. */
export function gateSuiteName({ run }: Summary): string {
  return `${run.name}.gates`;
}

/** What is not in the file; null for nothing. */
export function gatesLeftOut({ gates }: Summary): string | null {
  const left = gates.length - mostGates;
  return left > 0 ? `${plural(left, "gate")} left out, none of them worse than those above` : null;
}

const requestsName = "requests";

function outcomes(strict: boolean): Readonly<Record<Verdict, JunitOutcome>> {
  return {
    pass: "passed",
    fail: "failure",
    inconclusive: strict ? "failure" : "passed",
    invalid: "error",
    none: "skipped",
  };
}

function requestsCase(summary: Summary, classname: string, unfinished: string | null): JunitCase {
  const { run, totals } = summary;
  const complete = run.status === "complete" && unfinished === null;
  const answered = `${countWords(totals.answered)} of ${plural(totals.requests, "request")} answered`;
  const why =
    run.status === "complete"
      ? unfinished
      : `the run is ${run.status}${run.reason === null ? "" : `: ${run.reason}`}`;
  return {
    classname,
    name: requestsName,
    seconds: totals.wall_seconds,
    outcome: complete ? "passed" : "error",
    type: run.status === "complete" ? "failed" : run.status,
    message: why === null ? answered : `${answered}; ${why}`,
    text: [...(unfinished === null ? [] : [unfinished]), ...summaryNotes(summary)].join("\n"),
  };
}

/** Gate, variant and rows: the same in every run of the matrix, so that readers can follow a case over time. */
function gateName({ gate, candidate, slice }: GateResult): string {
  return `${gate}: ${candidate}${slice === null ? "" : `, ${slice.column}=${slice.value}`}`;
}

function gateText(gate: GateResult, reason: string): string {
  const { base, difference, flipped, limit } = gate;
  const facts =
    base === null || difference.value === null || limit.kind === "min" || limit.kind === "max"
      ? []
      : [
          `base: ${base}: ${valueWords(gate.base_value, gate)}`,
          `candidate: ${gate.candidate}: ${valueWords(gate.candidate_value, gate)}`,
          `change: ${changeWords(gate)}, p ${pWords(gate.p_adjusted)}, could see ${seenWords(gate)}`,
        ];
  return [reason, ...facts, ...flipLines(flipped)].join("\n");
}

function flipLines(flipped: readonly Flip[]): readonly string[] {
  if (flipped.length === 0) return [];
  const regressed = flipped.filter(isRegression).length;
  const counts = flipCounts({ regressed, improved: flipped.length - regressed });
  const left = flipped.length - mostFlips;
  return [
    "",
    counts,
    ...flipped
      .slice(0, mostFlips)
      .flatMap((flip) => [
        `row ${flip.row_id}: ${turnWords(flip)}`,
        ...answerLines("base", flip.base.output),
        ...answerLines("candidate", flip.candidate.output),
      ]),
    ...(left > 0 ? [`${countWords(left)} more`] : []),
  ];
}

function answerLines(side: string, output: string | null): readonly string[] {
  if (output === null) return [];
  const cut = output.slice(0, answerCharacters).replace(/[\ud800-\udbff]$/, "");
  return [`  ${side}: ${cut}${cut === output ? "" : "…"}`.replace(/\r\n?|\n/g, "\n    ")];
}
