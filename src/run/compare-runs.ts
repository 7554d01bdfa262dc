import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { type Arm, variantAt } from "../compare/arm.ts";
import { axisPairs } from "../compare/axis-pairs.ts";
import { decodeBaseline } from "../compare/baseline.ts";
import type { BaselineFacts } from "../compare/baseline-facts.ts";
import { type ArmPair, comparePairs } from "../compare/compare-sides.ts";
import type { ComparisonReport } from "../compare/comparison.ts";
import { baselineWarnings } from "../compare/drift.ts";
import { allFlips } from "../compare/flips.ts";
import { defaultMaxDrop } from "../compare/gate.ts";
import { type Metric, readMetric, scoreMetric } from "../compare/metric.ts";
import { differingKeys, pairVariants, variantIdentity } from "../compare/pair-variants.ts";
import { parseSelector, selectVariants, unknownSelector } from "../compare/select-variants.ts";
import type { Side } from "../compare/side.ts";
import { scorerDigest } from "../compare/side-builder.ts";
import { nearest } from "../diagnostics/nearest.ts";
import { UsageError } from "../errors.ts";
import { baselineFacts } from "./baseline-facts.ts";
import { DiagnosticsError } from "./diagnostics-error.ts";
import { type OpenedRun, openRun } from "./open-run.ts";
import { quantitiesOf, type SideQuantities, sideOfRun } from "./run-side.ts";
import type { Scoring } from "./scoring.ts";

/** What `promptgrid compare` is asked. */
export interface CompareOptions {
  readonly workingDirectory: string;
  /** A run directory or a baseline file; within one run, the run itself. */
  readonly base: string;
  /** null compares within one run. */
  readonly candidate: string | null;
  /** What both are called; absent is as they are named. */
  readonly names?: readonly [base: string, candidate: string];
  /** Two selectors or labels. */
  readonly variants: readonly [string, string] | null;
  readonly axis: string | null;
  /** The value of the axis that all others are compared with; null is all pairs. */
  readonly against: string | null;
  readonly vary: readonly string[];
  /** Names of metrics; empty for what there is. */
  readonly metrics: readonly string[];
  /** null is the default: 5 points between two runs, no verdict within one. */
  readonly maxDrop: number | null;
  readonly by: string | null;
}

/** Metrics besides pass rate and scores that are compared where nothing is named. */
const usualMetrics = [
  "latency_ms.p50",
  "ttft_ms.p50",
  "completion_tokens.mean",
  "cost.mean",
  "failure_rate",
] as const;

/** A comparison with what was compared. */
export interface ComparedRuns {
  readonly report: ComparisonReport;
  /** The base and the candidate, or the one run. */
  readonly sides: readonly Side[];
}

/** Compares two runs, a run and a baseline file, or variants of one run. Throws UsageError where there is nothing to compare. */
export function compareRuns(options: CompareOptions): ComparedRuns {
  return options.candidate === null ? withinRun(options) : acrossRuns(options, options.candidate);
}

function withinRun(options: CompareOptions): ComparedRuns {
  const source = openSource(options, options.base);
  const side = sideOf(source, wantedQuantities(options, scorerIds([source])), null);
  const pairs = options.variants !== null ? chosenPairs(side, options.variants) : axisArms(side, options);
  return { report: compared(pairs, options, options.maxDrop, [side]), sides: [side] };
}

function acrossRuns(options: CompareOptions, second: string): ComparedRuns {
  const [baseName, candidateName] = options.names ?? [options.base, second];
  const sources = [
    openSource(options, options.base, baseName),
    openSource(options, second, candidateName),
  ] as const;
  const wanted = wantedQuantities(options, scorerIds(sources));
  const [first, last] = sources;
  const candidate = sideOf(last, wanted, null);
  // Both are judged alike, so that a changed scorer does not look like a changed prompt.
  const scoring = last.kind === "run" ? last.opened.prepared.scoring : null;
  const base = sideOf(first, wanted, scoring);
  refuseUnknownKeys(options.vary, [base, candidate]);
  const { pairs, onlyBase, onlyCandidate, ambiguous } = pairVariants(base, candidate, options.vary);
  if (pairs.length === 0) throw nothingInCommon(base, candidate, ambiguous.length > 0);
  const arms = pairs.map(
    (pair): ArmPair => ({
      base: { side: base, variants: [pair.base] },
      candidate: { side: candidate, variants: [pair.candidate] },
    }),
  );
  const report = compared(arms, options, options.maxDrop ?? defaultMaxDrop, [base, candidate]);
  const left = (side: Side, positions: readonly number[]): readonly string[] =>
    positions.length === 0
      ? []
      : [`only in ${side.name}: ${positions.map((i) => variantAt(side, i).label).join("; ")}`];
  const rescored =
    first.kind === "run" &&
    last.kind === "run" &&
    differ(first.opened.prepared.scoring, last.opened.prepared.scoring);
  const warnings = [
    ...report.warnings,
    ...drift(first, last, candidate),
    ...left(base, onlyBase),
    ...left(candidate, [...onlyCandidate, ...ambiguous]),
    ...(rescored ? [`the scorers differ: both sides are judged by those of ${candidate.name}`] : []),
  ];
  return { report: { ...report, warnings }, sides: [base, candidate] };
}

/** What makes a baseline file doubtful for the run that is compared with it. */
function drift(first: Source, last: Source, side: Side): readonly string[] {
  if (first.kind !== "file" || last.kind !== "run") return [];
  const { run, prepared } = last.opened;
  return baselineWarnings(first, { side, facts: baselineFacts(run, prepared, "complete") });
}

/** Keys that no variant has are typing errors, which would change nothing in silence. */
function refuseUnknownKeys(vary: readonly string[], sides: readonly Side[]): void {
  const names = sides.flatMap(({ variants }) =>
    variants.flatMap(({ parameters }) => Object.keys(parameters)),
  );
  const known = [...new Set(["prompt", "provider", ...names])];
  const unknown = vary.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const close = nearest(unknown, known);
  throw new UsageError("compare/no-key", `variants have no key \`${unknown}\` that could vary`, {
    hint: close === null ? `keys: ${known.join(", ")}` : `did you mean \`${close}\`?`,
  });
}

function differ(one: Scoring, other: Scoring): boolean {
  const digests = ({ specs }: Scoring): string =>
    specs.map((spec) => `${spec.id} ${spec.required} ${scorerDigest(spec)}`).join("\n");
  return digests(one) !== digests(other);
}

function compared(
  pairs: readonly ArmPair[],
  options: CompareOptions,
  maxDrop: number | null,
  sides: readonly Side[],
): ComparisonReport {
  if (options.by !== null && sides.every((side) => side.column(0, options.by ?? "") === null))
    throw new UsageError("compare/no-column", `there is no column \`${options.by}\` in the dataset`, {
      hint: "a column of the dataset; of a baseline file those that were saved with it (`by` of its gates)",
    });
  const metrics = chosenMetrics(options, sides);
  const judged = metrics.some(({ quantity }) => quantity === "pass") ? maxDrop : null;
  return comparePairs(pairs, { metrics, maxDrop: judged, by: options.by, flips: allFlips });
}

function nothingInCommon(base: Side, candidate: Side, ambiguous: boolean): UsageError {
  const keys = differingKeys(base, candidate);
  const differing = keys.length === 0 ? "" : `: they differ in \`${keys.join("`, `")}\``;
  return new UsageError(
    "compare/nothing-in-common",
    ambiguous
      ? `several variants of ${base.name} would fit those of ${candidate.name}`
      : `${base.name} and ${candidate.name} have no variant in common${differing}`,
    {
      hint: ambiguous
        ? "compare within one run (`--axis`), or name fewer keys with `--vary`"
        : `variants pair by prompt id, provider and parameters; \`--vary ${keys.join(",") || "NAME"}\` lets them differ there`,
    },
  );
}

/**
 * The pairs that two selectors mean: one against one, or, where they leave something open, those that agree in everything
 * that neither of them names.
 */
function chosenPairs(side: Side, [first, second]: readonly [string, string]): readonly ArmPair[] {
  const [bases, candidates] = [pick(side, first), pick(side, second)];
  const arm = (position: number): Arm => ({ side, variants: [position] });
  const [base, candidate] = [bases[0] ?? 0, candidates[0] ?? 0];
  if (bases.length === 1 && candidates.length === 1) {
    if (base !== candidate) return [{ base: arm(base), candidate: arm(candidate) }];
    throw new UsageError("compare/same-variant", `\`${first}\` and \`${second}\` are the same variant`);
  }
  const named = { ...parseSelector(first), ...parseSelector(second) };
  const pairs = candidates.flatMap((position): readonly ArmPair[] => {
    const other = bases.find((one) => one !== position && agree(side, one, position, Object.keys(named)));
    return other === undefined ? [] : [{ base: arm(other), candidate: arm(position) }];
  });
  if (pairs.length > 0) return pairs;
  const [many, found] = bases.length > 1 ? [first, bases] : [second, candidates];
  const labels = found.slice(0, 5).map((position) => `\`${variantAt(side, position).label}\``);
  throw new UsageError("compare/several-variants", `\`${many}\` fits ${found.length} variants`, {
    hint: `say more: ${labels.join(", ")}`,
  });
}

function pick(side: Side, written: string): readonly number[] {
  const found = selectVariants(side.variants, written);
  if (found.length > 0) return found;
  const { message, hint } = unknownSelector(side.variants, written);
  throw new UsageError("compare/no-variant", message, { hint });
}

function agree(side: Side, one: number, other: number, except: readonly string[]): boolean {
  return variantIdentity(variantAt(side, one), except) === variantIdentity(variantAt(side, other), except);
}

function axisArms(side: Side, { axis, against }: CompareOptions): readonly ArmPair[] {
  const found = axisPairs(side.variants, axis ?? "", against);
  if ("problem" in found) throw new UsageError("compare/no-axis", found.problem, { hint: found.hint });
  return found.pairs.map(
    (pair): ArmPair => ({
      base: { side, variants: [pair.base] },
      candidate: { side, variants: [pair.candidate] },
    }),
  );
}

/** What a name on the command line stands for. */
type Source =
  | { readonly kind: "run"; readonly name: string; readonly directory: string; readonly opened: OpenedRun }
  | { readonly kind: "file"; readonly side: Side; readonly facts: BaselineFacts };

function openSource(options: CompareOptions, given: string, name: string = given): Source {
  const path = resolve(options.workingDirectory, given);
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined)
    throw new UsageError("compare/missing", `there is no run and no baseline \`${given}\``, {
      hint: "give a run directory, or a file that `promptgrid baseline save` wrote",
    });
  if (!found.isFile()) return { kind: "run", name, directory: path, opened: openRun(path) };
  const { side, facts, diagnostics } = decodeBaseline(readFileSync(path, "utf8"), name);
  if (side === null || facts === null)
    throw new DiagnosticsError(diagnostics, { read: () => readFileSync(path), list: () => [] });
  return { kind: "file", side, facts };
}

function sideOf(source: Source, wanted: SideQuantities, scoring: Scoring | null): Side {
  return source.kind === "file"
    ? source.side
    : sideOfRun(source.directory, source.opened, source.name, wanted, scoring);
}

function scorerIds(sources: readonly Source[]): readonly string[] {
  return sources.flatMap((source) =>
    source.kind === "file"
      ? [...source.side.scorers.keys()]
      : source.opened.prepared.scoring.columns.map(({ id }) => id),
  );
}

function wantedQuantities(options: CompareOptions, scorers: readonly string[]): SideQuantities {
  const metrics = (options.metrics.length > 0 ? options.metrics : usualMetrics).flatMap((name) => {
    const read = readMetric(name, scorers);
    return "metric" in read ? [read.metric] : [];
  });
  return quantitiesOf(metrics);
}

/** The metrics named, or those of which both sides know something. */
function chosenMetrics(options: CompareOptions, sides: readonly Side[]): readonly Metric[] {
  const scorers = [...new Set(sides.flatMap((side) => [...side.scorers.keys()]))];
  if (options.metrics.length > 0) {
    return options.metrics.map((name) => {
      const read = readMetric(name, scorers);
      if ("metric" in read) return read.metric;
      throw new UsageError("compare/no-metric", read.problem, { hint: read.hint });
    });
  }
  const judged = sides.some((side) => side.required.length > 0);
  const single = judged && scorers.length === 1 && sides.every((side) => side.required.length === 1);
  const usual = usualMetrics.flatMap((name) => {
    const read = readMetric(name, scorers);
    return "metric" in read ? [read.metric] : [];
  });
  const pass = readMetric("pass_rate", scorers);
  return [
    ...(judged && "metric" in pass ? [pass.metric] : []),
    // One required scorer is the pass rate over again.
    ...(single ? [] : scorers.map(scoreMetric)),
    ...usual.filter((metric) =>
      metric.quantity === "failed"
        ? sides.some((side) => hasData(side, metric))
        : sides.every((side) => hasData(side, metric)),
    ),
  ];
}

function hasData(side: Side, { quantity }: Metric): boolean {
  if (quantity === "failed") return side.variants.some(({ missing }) => missing.failed.size > 0);
  return side.variants.some(
    (variant) => variant.series.get(quantity)?.counts.some((count) => count > 0) === true,
  );
}
