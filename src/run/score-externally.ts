import type { Environment } from "./environment.ts";
import { journalOf, judgeParts, readAgain, type ScoredPart } from "./judge-answers.ts";
import { hasJudges } from "./judge-calls.ts";
import { type ModulePlaces, moduleSpecs } from "./module-files.ts";
import type { RunContext } from "./run-context.ts";
import type { RunFile } from "./run-file.ts";
import { scoreByModules } from "./score-by-modules.ts";
import type { SessionEnd } from "./session.ts";

/** A side whose answers are complete, with what its modules and judges need. */
export type ExternalPart = ScoredPart & { readonly run: Pick<RunFile, "inputs" | "scoring"> };

/**
 * Asks modules, then judges, for what they have not said of the answers; null where nothing went wrong and no judge was
 * asked.
 */
export async function scoreExternally(
  parts: readonly ExternalPart[],
  environment: Environment,
  graceMs: number,
  context: RunContext,
): Promise<SessionEnd | null> {
  for (const part of parts) {
    if (moduleSpecs(part.prepared).length === 0) continue;
    const done = await callModules(part, context);
    if (done !== null) return done;
  }
  const judged = parts.filter(({ prepared }) => hasJudges(prepared));
  return judged.length === 0 ? null : judgeParts(judged.map(readAgain), environment, graceMs, context);
}

/** Null when all was said, else how it ended. */
async function callModules(part: ExternalPart, context: RunContext): Promise<SessionEnd | null> {
  const opened = readAgain(part);
  const base = { status: "failed", reason: null, interruptedBy: null, diskError: null, lost: 0 } as const;
  try {
    if (
      await scoreByModules({ ...opened, journal: journalOf(part), places: placesOf(part, context) }, context)
    )
      return null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return { ...base, diskError: error as Error };
  }
  const signal = String(context.stop.reason);
  return { ...base, status: "interrupted", reason: `interrupted by ${signal}`, interruptedBy: signal };
}

/** Where the modules of a side are. */
function placesOf({ directory, run }: ExternalPart, { workingDirectory }: RunContext): ModulePlaces {
  return { workingDirectory, directory, inputs: [...run.inputs, ...(run.scoring?.inputs ?? [])] };
}
