import { join } from "node:path";
import type { Summary } from "../aggregate/summary-shape.ts";
import { extraTrials, suspicionOf } from "./confirmation.ts";
import { planFacts } from "./describe-run.ts";
import { indexJournal } from "./journal-index.ts";
import type { DescribedPart } from "./judge-run.ts";
import { copiesOf } from "./known-answers.ts";
import { prepareKept } from "./open-run.ts";
import type { RunContext } from "./run-context.ts";
import { runFiles, writeRunFile } from "./run-directory.ts";
import type { Confirmation, RunFile } from "./run-file.ts";
import type { Work } from "./send.ts";
import { findShared } from "./shared-requests.ts";

/**
 * The work that confirms what a complete run suspects: the plans of both sides with further trials of the suspected
 * variants. Null where nothing is suspected, where the matrix does not want that, or where it was done before. What is
 * asked is written into `run.json` first (the base's before the run's own), so that a resume goes on with it.
 */
export function confirmSuspicions<Given extends Work & Sides>(
  work: Given,
  summary: Summary,
  context: RunContext,
): Given | null {
  const { candidate, base } = work;
  const { confirm, gates } = candidate.prepared.config;
  if (confirm === null || candidate.run.confirmation !== null) return null;
  const plans = [candidate.prepared.plan, base?.prepared.plan ?? null] as const;
  const suspicion = suspicionOf(summary.gates, gates, confirm.trials, ...plans);
  if (suspicion === null) return null;
  const { labels, bothSides } = suspicion;
  context.listener({ kind: "confirming", variants: labels, trials: confirm.trials, bothSides });
  const other = base === null ? null : grown(base, suspicion.base);
  const own = grown(candidate, suspicion.candidate);
  const shared =
    other === null
      ? null
      : findShared(
          { plan: own.prepared.plan, providers: own.providers },
          { plan: other.prepared.plan, providers: other.providers },
        );
  const known = { ...copiesOf(own, other, shared), reused: 0 };
  return { ...work, candidate: own, base: other, shared, known };
}

interface Sides {
  readonly candidate: DescribedPart;
  readonly base: DescribedPart | null;
}

/** A side with further trials, as its directory describes it from now on. */
function grown(part: DescribedPart, confirmation: Confirmation | null): DescribedPart {
  const { directory } = part;
  const wanted: RunFile = { ...part.run, confirmation, status: "running" };
  const prepared = extraTrials(confirmation).size === 0 ? part.prepared : prepareKept(directory, wanted);
  const run: RunFile = { ...wanted, plan: planFacts(prepared.plan) };
  writeRunFile(directory, run);
  const { index } = indexJournal(join(directory, runFiles.journal), prepared.plan, run.set_aside > 0);
  return { ...part, run, prepared, index, cutAt: null };
}
