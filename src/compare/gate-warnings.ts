import { type Arm, armValues, variantAt } from "./arm.ts";
import type { GateSpec } from "./gate.ts";
import type { GateCase } from "./gate-cases.ts";
import { countWords, rowWords } from "./gate-words.ts";
import type { Side } from "./side.ts";

/** A quantile far out is noise for fewer values than this. */
const fewestForTails = 200;

/** What makes the verdicts of a run doubtful, in words, each once. */
export function gateWarnings(
  { base, candidate }: { readonly base: Side | null; readonly candidate: Side },
  cases: readonly GateCase[],
): readonly string[] {
  const warnings = new Set<string>();
  for (const { spec, candidate: arm, base: other, rows, absent } of cases) {
    for (const warning of noise(spec, arm, other)) warnings.add(warning);
    if (rows.changed.length > 0 && other !== null && other.side !== arm.side)
      warnings.add(changedWords(rows.changed, other.side));
    if (!rows.verified && other !== null && other.side !== arm.side)
      warnings.add(`${other.side.name} does not tell whether the variables of its rows are the same`);
    if (absent !== null && base !== null && spec.against === null) {
      const labels = arm.variants.map((i) => variantAt(arm.side, i).label).join(", ");
      warnings.add(`${labels}: ${absent}${wayOut(spec)}`);
    }
  }
  const compared = cases.some(({ base: other }) => other !== null && other.side !== candidate);
  if (base !== null && compared) for (const warning of sideWarnings(base, cases)) warnings.add(warning);
  return [...warnings];
}

/** Rows that were asked something else on the other side. */
function changedWords(ids: readonly string[], base: Side): string {
  const shown = ids.slice(0, 10).join(", ");
  const more = ids.length > 10 ? ` and ${rowWords(ids.length - 10)} more` : "";
  return `${countWords(ids.length, "row")} left out, since the variables differ from those of ${base.name}: ${shown}${more}`;
}

/** A renamed prompt, or another model, is no longer the same variant. */
function wayOut({ vary }: GateSpec): string {
  return vary.length === 0 ? " (a gate's `vary: prompt` or `vary: model` pairs what was renamed)" : "";
}

function noise(spec: GateSpec, arm: Arm, other: Arm | null): readonly string[] {
  const { metric } = spec;
  if (metric.scale !== "relative") return [];
  const found: string[] = [];
  const tail = ["p90", "p95", "p99", "max"].includes(metric.statistic);
  if (tail) {
    const values = armValues(arm, metric, { promptFailuresCount: false, missing: [] });
    let count = 0;
    for (let row = 0; row < arm.side.rows.length && count < fewestForTails; row++)
      if (!Number.isNaN(values.means[row] ?? Number.NaN)) count += values.values(row).length;
    if (count < fewestForTails)
      found.push(`${metric.name} of ${count} values is mostly noise: it takes ${fewestForTails}`);
  }
  const timed = metric.quantity.endsWith("_ms");
  if (timed && other !== null && other.side !== arm.side && !sameDay(other.side, arm.side)) {
    found.push(
      `${metric.name} is compared with ${other.side.name}, which was measured on another day: a server's speed changes more from day to day than most gates allow (\`run --against REF\` measures both sides at once)`,
    );
  }
  return found;
}

function sameDay(base: Side, candidate: Side): boolean {
  if (base.startedAt === null || candidate.startedAt === null) return false;
  const apart = Math.abs(Date.parse(base.startedAt) - Date.parse(candidate.startedAt));
  return apart < 12 * 3_600_000;
}

/** Variants of the base that nothing is compared with. */
function sideWarnings(base: Side, cases: readonly GateCase[]): readonly string[] {
  const used = new Set(cases.flatMap(({ base: arm }) => (arm?.side === base ? arm.variants : [])));
  const left = base.variants.filter((_, i) => !used.has(i)).map(({ label }) => label);
  const shown = left.slice(0, 5).join(", ");
  const more = left.length > 5 ? ` and ${left.length - 5} more` : "";
  return left.length === 0 ? [] : [`only in ${base.name}, compared with nothing: ${shown}${more}`];
}
