import { variantAt } from "./arm.ts";
import type { BaselineFacts } from "./baseline-facts.ts";
import { missingOf } from "./baseline-missing.ts";
import { defaultMaxMissing } from "./gate.ts";
import { percentWords } from "./gate-words.ts";
import { pairVariants } from "./pair-variants.ts";
import type { Side } from "./side.ts";

/** A baseline file as it was read. */
export interface BaselineState {
  readonly side: Side;
  readonly facts: BaselineFacts;
}

/** A run that is compared with a baseline. */
export interface CandidateState {
  readonly side: Side;
  readonly facts: Pick<BaselineFacts, "promptgridVersion" | "simulated" | "dataset">;
}

const dayMs = 86_400_000;
const freshDays = 7;

/**
 * What makes a baseline doubtful for a run, in words: age, another version, other models behind the same names, simulated
 * against real, other data, an incomplete run. Times are those of the two runs, never the clock's.
 */
export function baselineWarnings(base: BaselineState, candidate: CandidateState): readonly string[] {
  const { name } = base.side;
  return [
    ...ageWarnings(base.side, candidate.side),
    ...versionWarnings(name, base.facts.promptgridVersion, candidate.facts.promptgridVersion),
    ...simulationWarnings(name, base.facts.simulated, candidate.facts.simulated),
    ...modelWarnings(base.side, candidate.side),
    ...datasetWarnings(name, base, candidate),
    ...completenessWarnings(base),
  ];
}

function ageWarnings(base: Side, candidate: Side): readonly string[] {
  if (base.startedAt === null || candidate.startedAt === null) return [];
  const days = (Date.parse(candidate.startedAt) - Date.parse(base.startedAt)) / dayMs;
  if (!(Math.abs(days) > freshDays)) return [];
  const age = days > 0 ? `${Math.floor(days)} days ago` : `${Math.floor(-days)} days later`;
  return [
    `${base.name} was saved from a run of ${age}: a hosted model may have changed since (\`run --against REF\` asks both sides at once)`,
  ];
}

function versionWarnings(name: string, before: string, now: string): readonly string[] {
  const [old, current] = [before, now].map((version) => version.split(".").slice(0, 2).join("."));
  return old === current
    ? []
    : [`${name} was saved from a run of promptgrid ${before}, this run is of ${now}`];
}

function simulationWarnings(
  name: string,
  before: readonly string[],
  now: readonly string[],
): readonly string[] {
  if (before.length > 0 === now.length > 0) return [];
  const words = (simulated: readonly string[]): string => (simulated.length > 0 ? "simulated" : "real");
  return [`the answers of ${name} are ${words(before)}, those of this run ${words(now)}`];
}

/** Variants that are the same on both sides and were answered by other models. */
function modelWarnings(base: Side, candidate: Side): readonly string[] {
  const changes = new Map<string, string[]>();
  for (const pair of pairVariants(base, candidate, []).pairs) {
    const before = variantAt(base, pair.base).models;
    const { models: now, label } = variantAt(candidate, pair.candidate);
    if (before.length === 0 || now.length === 0 || before.join("\n") === now.join("\n")) continue;
    const change = `answered by ${before.join(", ")} in ${base.name} and by ${now.join(", ")} in this run`;
    changes.set(change, [...(changes.get(change) ?? []), label]);
  }
  return [...changes].map(([change, labels]) => {
    const shown = labels.slice(0, 3).join("; ");
    return `${shown}${labels.length > 3 ? ` and ${labels.length - 3} more` : ""}: ${change}`;
  });
}

function datasetWarnings(name: string, base: BaselineState, candidate: CandidateState): readonly string[] {
  const [before, now] = [base.facts.dataset, candidate.facts.dataset];
  if (before === null || now === null || before.sha256 === now.sha256) return [];
  return [
    `the dataset \`${now.file}\` is not that of ${name}: only rows whose variables are the same are compared`,
  ];
}

function completenessWarnings({ side, facts }: BaselineState): readonly string[] {
  const found: string[] = [];
  if (facts.status !== "complete") found.push(`${side.name} was saved from a run that is ${facts.status}`);
  const { share, missing, requests } = missingOf(side);
  if (share > defaultMaxMissing && requests > 0)
    found.push(`${missing} of ${requests} requests of ${side.name} are missing (${percentWords(share)})`);
  return found;
}
