import type { Row } from "../dataset/dataset.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { compares } from "./default-gate.ts";
import type { GateSpec } from "./gate.ts";
import { type GateReach, type GateVariant, gateReach } from "./gate-reach.ts";
import { countWords, sizeWords } from "./gate-words.ts";
import {
  assumedVariance,
  type PlannedComparison,
  plannedEffect,
  rowsNeeded,
  trialsNeeded,
  withinVariance,
} from "./planned-power.ts";
import { selectVariants } from "./select-variants.ts";
import type { Side } from "./side.ts";

/** Values from which the tail of a distribution is more than noise. */
const fewestForTails = 200;
/** More trials than this are no advice. */
const mostTrials = 50;

/** What the data of a plan can see of what its gates ask for: one finding for each gate on a pass rate, score or tail. */
export function powerFindings(
  gates: readonly GateSpec[],
  variants: readonly GateVariant[],
  rows: readonly Row[],
  baseline: Side | null,
): readonly Diagnostic[] {
  const reached = gates.map((gate) => {
    const base = compares(gate) && gate.against === null ? baseline : null;
    return { gate, base, reach: gateReach(gate, variants, rows, base) };
  });
  const comparisons = reached.reduce((sum, { gate, reach }) => sum + (compares(gate) ? reach.cases : 0), 0);
  return reached.flatMap(({ gate, base, reach }): readonly Diagnostic[] => {
    if (reach.cases === 0) return [];
    const { metric, limit } = gate;
    if (["p90", "p95", "p99", "max"].includes(metric.statistic)) return noisyTail(gate, reach);
    return metric.scale === "points" && compares(gate) && limit.value > 0
      ? [seen(gate, reach, base, comparisons)]
      : [];
  });
}

function seen(gate: GateSpec, reach: GateReach, base: Side | null, comparisons: number): Diagnostic {
  const { metric, limit } = gate;
  const chosen = base === null ? [] : baseVariants(gate, base);
  const { value: variance, measured } =
    metric.quantity === "failed"
      ? { value: 0, measured: false }
      : withinVariance(base, chosen, metric.quantity);
  const trials = (reach.repeats ? reach.trials : 1) * reach.together;
  const planned: PlannedComparison = {
    rows: reach.units,
    trials,
    baseTrials: base === null ? trials : baseTrials(base, chosen) * reach.together,
    variance,
    comparisons,
  };
  const effect = plannedEffect(planned);
  // Rounded up, so that what cannot be seen never looks like the limit.
  const shown = Math.ceil(effect * 1000 - 1e-9) / 1000;
  const where = reach.slice === null ? "" : ` (the smallest slice, \`${gate.by}=${reach.slice}\`)`;
  const family = comparisons === 1 ? "" : `, ${comparisons} comparisons,`;
  const clustered = reach.units === reach.rows ? "" : ` (${countWords(reach.units, "cluster")})`;
  const size = `${sizeOf(reach.rows, reach.trials)}${clustered}${together(reach)}${where}${family}`;
  const message = `${named(gate)}${size} can see ${shown < 1 ? `${sizeWords(shown, metric)} at best` : "nothing"}; the gate says ${Number((limit.value * 100).toPrecision(4))} points`;
  const basis = measured
    ? `as the answers in ${base?.name} vary`
    : `assuming that answers to the same row vary as they mostly do (σ² ≤ ${assumedVariance}), and that rows are as hard on both sides`;
  const place = gate.place === null ? {} : { place: gate.place };
  if (effect <= limit.value + 1e-9)
    return { code: "gates/power", severity: "notice", message, hint: basis, ...place };
  const enough = [
    sizeOf(rowsNeeded(planned, limit.value), reach.trials),
    ...moreTrials(planned, reach, base, limit.value),
  ].join(" or ");
  const percent = Number((shown * 100).toFixed(1));
  const slices = reach.slice === null ? "" : " in each slice";
  const looser = shown >= 1 ? "" : `, or \`${limit.kind}: ${percent}%\``;
  return {
    code: "gates/too-small",
    severity: "warning",
    message,
    hint: `${enough}${slices} would do${looser}; ${basis}`,
    ...place,
  };
}

function moreTrials(
  planned: PlannedComparison,
  reach: GateReach,
  base: Side | null,
  effect: number,
): readonly string[] {
  // The answers of a baseline are what they are.
  const needed = base === null && reach.repeats ? trialsNeeded(planned, effect) : null;
  const each = needed === null ? null : Math.ceil(needed / reach.together);
  return each === null || each > mostTrials ? [] : [sizeOf(reach.rows, each)];
}

function baseVariants({ variants }: GateSpec, base: Side): readonly number[] {
  const chosen = variants === null ? [] : selectVariants(base.variants, variants);
  return chosen.length > 0 ? chosen : base.variants.map((_, i) => i);
}

/** Requests a row of the variants of a baseline, the fewest of them. */
function baseTrials(base: Side, chosen: readonly number[]): number {
  const means = chosen.flatMap((i) => {
    const asked = Array.from(base.variants[i]?.requests ?? []).filter((count) => count > 0);
    return asked.length === 0 ? [] : [asked.reduce((sum, count) => sum + count, 0) / asked.length];
  });
  return means.length === 0 ? 1 : Math.min(...means);
}

function noisyTail(gate: GateSpec, reach: GateReach): readonly Diagnostic[] {
  const { metric, by } = gate;
  const values = reach.rows * reach.trials * reach.together;
  if (values >= fewestForTails) return [];
  const whose = by === null ? "" : `, in the smallest slice (\`${by}=${reach.slice}\`),`;
  return [
    {
      code: "gates/noisy-quantile",
      severity: "warning",
      message: `${named(gate)}\`${metric.name}\` of ${values} ${values === 1 ? "answer" : "answers"}${whose} is mostly noise: it takes ${fewestForTails}`,
      hint: `ask more rows or trials, or look at \`${metric.quantity}.${metric.statistic === "max" ? "mean" : "p50"}\``,
      ...(gate.place === null ? {} : { place: gate.place }),
    },
  ];
}

/** A gate without a place in a file is named in words. */
function named({ id, place }: GateSpec): string {
  return place === null ? `gate \`${id}\`: ` : "";
}

function sizeOf(rows: number, trials: number): string {
  return `${rows} row${rows === 1 ? "" : "s"} × ${trials} trial${trials === 1 ? "" : "s"}`;
}

function together(reach: GateReach): string {
  return reach.together === 1 ? "" : ` × ${reach.together} variants`;
}
