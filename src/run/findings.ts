import { join } from "node:path";
import type { Findings, SummaryBase } from "../aggregate/summary-shape.ts";
import { best } from "../compare/best.ts";
import { withDefaultGate } from "../compare/default-gate.ts";
import { baselineWarnings } from "../compare/drift.ts";
import { effects } from "../compare/effects.ts";
import { summaryFlips } from "../compare/flips.ts";
import type { GateSpec } from "../compare/gate.ts";
import { type JudgedGates, judgeGates } from "../compare/judge-gates.ts";
import type { Quantity } from "../compare/metric.ts";
import type { Side } from "../compare/side.ts";
import { slices } from "../compare/slices.ts";
import { shardText } from "../plan/shard.ts";
import { baselineFacts } from "./baseline-facts.ts";
import { openRun } from "./open-run.ts";
import type { Prepared } from "./prepare.ts";
import type { RunFile } from "./run-file.ts";
import { quantitiesOf, type SideQuantities, sideOfRun } from "./run-side.ts";

/** The gates that judge a run: its own, and the default one where it has a base and none compares with it. */
export function gatesOf(prepared: Prepared, run: RunFile): readonly GateSpec[] {
  // The base of another run is measured, not judged.
  if (run.role === "against") return [];
  // A part of the rows says little, and every part would say it: merging judges.
  if (prepared.shard !== null) return [];
  const { gates } = prepared.config;
  const compared = run.against !== null || prepared.config.baseline !== null;
  return compared
    ? withDefaultGate(
        gates,
        prepared.scoring.columns.some(({ required }) => required),
      )
    : gates;
}

/** What must be collected of a run for its gates. */
export function gateQuantities(gates: readonly GateSpec[]): SideQuantities {
  return quantitiesOf(gates.map(({ metric }) => metric));
}

/** What comparing the rows of a run has found: slices, effects, the best variant, and its gates judged. */
export function findingsOf(
  directory: string,
  run: RunFile,
  prepared: Prepared,
  candidate: Side,
  gates: readonly GateSpec[],
): Findings {
  const columns = [...(run.reports.by ?? []), ...gates.flatMap(({ by }) => by ?? [])];
  const sliced = slices(candidate, [...new Set(columns)]);
  // Variants of a shard have other rows each: nothing pairs.
  const quantity = prepared.shard === null ? mainQuantity(prepared) : null;
  const other = otherSide(directory, run, prepared, gates);
  const { results, verdict, warnings } = judge(run, prepared, candidate, other, gates);
  return {
    slices: sliced.slices,
    effects: quantity === null ? [] : effects(candidate, quantity),
    best: quantity === null ? null : best(candidate, quantity),
    base: run.against === null || other === null ? null : countsOf(other),
    gates: results,
    verdict,
    warnings: [...warnings, ...sliced.problems.map(({ problem }) => problem), ...unjudged(prepared)],
  };
}

/** What variants are ranked by: the pass rate, else the first score. */
function mainQuantity({ scoring }: Prepared): Quantity | null {
  if (scoring.columns.some(({ required }) => required)) return "pass";
  const [first] = scoring.columns;
  return first === undefined ? null : `scores.${first.id}`;
}

/** Judges the gates of a run, against its other side or its baseline. */
function judge(
  run: RunFile,
  prepared: Prepared,
  candidate: Side,
  base: Side | null,
  gates: readonly GateSpec[],
): JudgedGates {
  const judged = judgeGates({
    gates,
    candidate,
    base,
    shared: run.against !== null,
    confirm: prepared.config.confirm !== null,
    confirmed: new Set(Object.keys(run.confirmation?.variants ?? {})),
    promptPlace: (promptId) => {
      const place = prepared.config.prompts.find(({ id }) => id === promptId)?.place;
      return place === undefined || place.line === 0 ? null : { file: place.file, line: place.line };
    },
    flips: summaryFlips,
  });
  return { ...judged, warnings: [...judged.warnings, ...drift(run, prepared, candidate)] };
}

/** A shard says that its gates wait. */
function unjudged({ shard, config }: Prepared): readonly string[] {
  if (shard === null || (config.gates.length === 0 && config.baseline === null)) return [];
  return [`shard ${shardText(shard.shard)}: gates are judged when the shards are merged`];
}

/** What makes the baseline doubtful for this run. */
function drift(run: RunFile, prepared: Prepared, side: Side): readonly string[] {
  const { baseline } = prepared;
  if (run.against !== null || baseline === null || prepared.shard !== null) return [];
  return baselineWarnings(baseline, { side, facts: baselineFacts(run, prepared, "complete") });
}

function otherSide(
  directory: string,
  run: RunFile,
  prepared: Prepared,
  gates: readonly GateSpec[],
): Side | null {
  if (run.against === null) return prepared.shard === null ? (prepared.baseline?.side ?? null) : null;
  const { ref, revision } = run.against;
  const folder = join(directory, run.against.directory);
  const name = revision.startsWith(ref) ? revision.slice(0, 7) : `${ref} (${revision.slice(0, 7)})`;
  // Both sides are judged by the scorers of the candidate: a changed scorer is not a changed prompt.
  return sideOfRun(folder, openRun(folder), name, gateQuantities(gates), prepared.scoring);
}

/** Requests of a side by what came of them. */
function countsOf({ name, variants }: Side): SummaryBase {
  const sum = (counts: Int32Array | null): number => counts?.reduce((total, count) => total + count, 0) ?? 0;
  let [requests, failed, pending] = [0, 0, 0];
  for (const { requests: planned, missing } of variants) {
    requests += sum(planned);
    pending += sum(missing.pending);
    for (const kind of missing.failed.values()) failed += sum(kind);
  }
  return { name, requests, answered: requests - failed - pending, failed, pending };
}
