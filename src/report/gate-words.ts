import type { Summary } from "../aggregate/summary-shape.ts";
import type { GateResult, Verdict } from "../compare/comparison.ts";
import { changeWords, pWords, valueWords } from "./compare-words.ts";
import { countWords, estimateWords, unknownWord } from "./number-words.ts";
import type { SummaryTable } from "./summary-table.ts";
import type { TextColumn } from "./text-table.ts";
import { verdictTone } from "./verdict-tone.ts";

/** Worst first. */
const order: readonly Verdict[] = ["invalid", "fail", "inconclusive", "none", "pass"];

/** Gates by what came of them, the worst first; equal ones stay in their order. */
export function worstFirst(gates: readonly GateResult[]): readonly GateResult[] {
  return order.flatMap((verdict) => gates.filter((gate) => gate.verdict === verdict));
}

/** The run's verdict in one line: the reason of the first gate that decided it, and how many more say what. */
export function verdictLine(summary: Summary): string {
  return `verdict: ${summary.verdict}: ${verdictSentence(summary)}`;
}

/** What stands behind the verdict and a colon. */
export function verdictSentence({ verdict, gates }: Summary): string {
  if (gates.length === 0) return "there are no gates";
  const deciding = gates.filter((gate) => gate.verdict === verdict);
  const [first] = deciding;
  if (first === undefined) return "no gate says so";
  if (verdict === "pass" && deciding.length > 1)
    return `${passedWords(deciding, gates)}${othersOf(verdict, gates)}`;
  const more = deciding.length > 1 ? ` (and ${deciding.length - 1} more)` : "";
  return `${gateSentence(first)}${more}${othersOf(verdict, gates)}`;
}

/** The reason of a gate with the variant and the rows that it speaks of. */
export function gateSentence({ metric, candidate, slice, reason }: GateResult): string {
  const subject = `${candidate}${slice === null ? "" : `, ${slice.column}=${slice.value}`}`;
  return reason.startsWith(`${metric} `)
    ? `${metric} of ${subject}${reason.slice(metric.length)}`
    : `${subject}: ${reason}`;
}

/**
 * The sentences of the gates that did not pass, the worst first, but for the one in the verdict's line; at most so many.
 * Why there is nothing to judge is said once, however many variants it is true of.
 */
export function otherReasons(summary: Summary, most: number): readonly string[] {
  const told = summary.gates.find((gate) => gate.verdict === summary.verdict);
  const unjudged = new Set(told?.verdict === "none" ? [told.reason] : []);
  const open = worstFirst(summary.gates).filter((gate) => {
    if (gate.verdict === "pass" || gate === told) return false;
    if (gate.verdict !== "none") return true;
    const isNew = !unjudged.has(gate.reason);
    unjudged.add(gate.reason);
    return isNew;
  });
  const shown = open.slice(0, most).map((gate) => `${gate.verdict}: ${gateSentence(gate)}`);
  const left = open.length - shown.length;
  return left > 0
    ? [...shown, `${countWords(left)} more did not pass: \`summary.json\` has them all`]
    : shown;
}

/** One column with its cell for a gate; shown only where some gate has something to say. */
interface Column extends TextColumn {
  readonly cell: (gate: GateResult) => string;
  readonly shown?: (gate: GateResult) => boolean;
}

const columns: readonly Column[] = [
  { title: "verdict", align: "left", tone: verdictTone, cell: ({ verdict }) => verdict },
  { title: "gate", align: "left", flexible: true, cell: ({ gate }) => gate },
  { title: "variant", align: "left", flexible: true, cell: ({ candidate }) => candidate },
  {
    title: "rows of",
    align: "left",
    flexible: true,
    cell: ({ slice }) => (slice === null ? "" : `${slice.column}=${slice.value}`),
    shown: ({ slice }) => slice !== null,
  },
  {
    title: "against",
    align: "left",
    flexible: true,
    spare: 4,
    cell: ({ base }) => base ?? "",
    shown: ({ base }) => base !== null,
  },
  { title: "value", align: "left", cell: currentWords },
  {
    title: "change",
    align: "left",
    cell: (gate) => (isAbsolute(gate) ? "" : changeWords(gate)),
    shown: ({ base }) => base !== null,
  },
  {
    title: "p",
    align: "right",
    spare: 3,
    cell: (gate) => (isAbsolute(gate) ? "" : pWords(gate.p_adjusted)),
    shown: ({ p_adjusted }) => p_adjusted !== null,
  },
  { title: "rows", align: "right", spare: 2, cell: ({ n }) => countWords(n) },
];

/** Gates as a table, one line each, in the order given; columns that say nothing about them are left out. */
export function gateTable(gates: readonly GateResult[]): SummaryTable {
  const shown = columns.filter((column) => column.shown === undefined || gates.some(column.shown));
  return { columns: shown, rows: gates.map((gate) => shown.map((column) => column.cell(gate))) };
}

/** The table of the worst gates, at most so many, and what is said of the others; null where all are shown. */
export function worstGates(
  gates: readonly GateResult[],
  most: number,
): { readonly table: SummaryTable; readonly more: string | null } {
  const left = gates.length - most;
  return {
    table: gateTable(left > 0 ? worstFirst(gates).slice(0, most) : gates),
    more: left > 0 ? `${countWords(left)} more gates: \`summary.json\` has them all` : null,
  };
}

function isAbsolute({ limit }: GateResult): boolean {
  return limit.kind === "min" || limit.kind === "max";
}

/** The value that is judged; for `min` and `max` with its interval, where the difference has none to show. */
function currentWords(gate: GateResult): string {
  const { candidate_value: value, difference, n, relative } = gate;
  if (value === null) return unknownWord;
  const { low, high } = difference;
  if (!isAbsolute(gate)) return valueWords(value, gate);
  if (!relative) return estimateWords({ value, low, high, n });
  const bounds =
    low === null || high === null ? "" : ` [${valueWords(low, gate)}, ${valueWords(high, gate)}]`;
  return `${valueWords(value, gate)}${bounds}`;
}

function passedWords(passed: readonly GateResult[], gates: readonly GateResult[]): string {
  return passed.length === gates.length
    ? `all ${countWords(passed.length)} gates`
    : `${countWords(passed.length)} gates`;
}

/** How many gates say something else: `; 2 inconclusive, 5 pass`. */
function othersOf(verdict: Verdict, gates: readonly GateResult[]): string {
  const counts = order.flatMap((other) => {
    const count = gates.filter((gate) => gate.verdict === other).length;
    return other === verdict || count === 0 ? [] : [`${countWords(count)} ${other}`];
  });
  return counts.length === 0 ? "" : `; ${counts.join(", ")}`;
}
