import type { Summary } from "../aggregate/summary-shape.ts";
import type { GateResult } from "../compare/comparison.ts";
import { gateSentence, worstFirst } from "./gate-words.ts";
import { countWords } from "./number-words.ts";
import { type Annotation, commandLine, mostAnnotations } from "./workflow-command.ts";

/**
 * GitHub's workflow commands for what a run found: an error for a run that did not end well and for each gate that failed
 * or is invalid, a warning for what is inconclusive or doubtful; at the prompt's place, or else the gate's.
 * `relativePath` turns the name of a file into its path from the root of the repository. Lines without their line ends;
 * no text of a model or a server can begin another command.
 */
export function annotations(summary: Summary, relativePath: (file: string) => string): readonly string[] {
  const all = [...runAnnotations(summary), ...gateAnnotations(summary.gates), ...warningAnnotations(summary)];
  const lines = all.slice(0, mostAnnotations).map((one) => commandLine(one, relativePath));
  const left = all.length - mostAnnotations;
  if (left <= 0) return lines;
  const level = all.slice(mostAnnotations).some((one) => one.level === "error") ? "error" : "warning";
  const message = `${countWords(left)} more: report.md, summary.json and junit.xml of run ${summary.run.id} have them all`;
  return [...lines, commandLine({ level, title: "promptgrid", message, place: null }, relativePath)];
}

function runAnnotations({ run }: Summary): readonly Annotation[] {
  if (run.status === "complete") return [];
  const message = `the run is ${run.status}${run.reason === null ? "" : `: ${run.reason}`}`;
  return [{ level: "error", title: `promptgrid: ${run.status}`, message, place: null }];
}

function gateAnnotations(gates: readonly GateResult[]): readonly Annotation[] {
  return worstFirst(gates)
    .filter(({ verdict }) => verdict !== "pass" && verdict !== "none")
    .map((gate) => ({
      level: gate.verdict === "inconclusive" ? "warning" : "error",
      title: `promptgrid: ${gate.verdict}: ${gate.gate}`,
      message: gateSentence(gate),
      place: gate.prompt_place ?? gate.place,
    }));
}

function warningAnnotations({ warnings }: Summary): readonly Annotation[] {
  return warnings.map((message) => ({ level: "warning", title: "promptgrid", message, place: null }));
}
