import { JournalLines } from "../journal/reader.ts";
import { journalVersion, type ModuleRecord } from "../journal/record.ts";
import { JournalWriter } from "../journal/writer.ts";
import { moduleTimeoutMs } from "../score/module.ts";
import { readModuleResult } from "../score/module-result.ts";
import type { JudgedPart } from "./judge-queue.ts";
import { type ModuleCall, moduleCall, modulesOf } from "./module-calls.ts";
import { type ModulePlaces, moduleFile, moduleName } from "./module-files.ts";
import { type ModuleAnswer, ModuleThread } from "./module-thread.ts";
import { resultAt } from "./results.ts";
import type { RunContext } from "./run-context.ts";

/** A side whose modules are to be called. */
export interface ModulePart extends JudgedPart {
  readonly places: ModulePlaces;
}

/** Lines of a module's own printing that are shown. */
const mostOutput = 20;

/**
 * Calls the modules of a side about every answer that they have not scored, and journals what they say. A call that fails
 * leaves its answer unscored and is made again the next time; its stack is told once for each kind of failure. Throws the
 * error of a disk that refuses. Gives whether it came to its end: a stop ends it between two calls.
 */
export async function scoreByModules(part: ModulePart, context: RunContext): Promise<boolean> {
  let diskError: Error | null = null;
  let journal: JournalWriter | null = null;
  const threads = new Map<string, ModuleThread>();
  const told = new Set<string>();
  try {
    for (const { call, ...identity } of wantedCalls(part)) {
      if (context.stop.aborted) return false;
      journal ??= new JournalWriter(
        part.journal,
        (error) => {
          diskError = error;
        },
        part.cutAt ?? null,
      );
      const answer = await ask(threadOf(call, part, threads, context), call);
      const record = recordOf(call, identity, answer);
      if (record.error !== undefined) tell(call, answer, record.error, told, context);
      journal.append(record);
      if (diskError !== null) throw diskError;
    }
    return true;
  } finally {
    journal?.close();
    await Promise.all([...threads.values()].map((thread) => thread.close()));
  }
}

type Identity = Pick<ModuleRecord, "variant_id" | "row_id" | "trial" | "choice">;

/** The calls that are wanted and have no score, in plan order, equal ones once. */
function* wantedCalls({
  prepared,
  index,
  journal,
}: ModulePart): Generator<Identity & { readonly call: ModuleCall }> {
  const { plan, scoring } = prepared;
  const seen = new Set<string>();
  const lines = new JournalLines(journal);
  try {
    for (let position = 0; position < plan.length; position++) {
      if (!index.isAnswered(position)) continue;
      const { variantIndex, rowIndex, trial } = plan.coordinates(position);
      const variant = plan.variant(variantIndex);
      const row = plan.row(rowIndex);
      const modules = modulesOf(scoring.forRow(row, trial, variant.promptId));
      if (modules.length === 0) continue;
      const result = resultAt(prepared, index, lines, position);
      const facts = {
        usage: result.answer?.usage ?? null,
        latencyMs: result.times.latencyMs,
        cost: result.cost,
      };
      const request = { messages: result.messages as never, row, trial };
      for (const { completion } of result.completions) {
        for (const scorer of modules) {
          const call = moduleCall(request, completion, facts, scorer);
          if (index.verdicts.has(call.key) || seen.has(call.key)) continue;
          seen.add(call.key);
          yield { call, variant_id: variant.id, row_id: row.id, trial, choice: completion.choice };
        }
      }
    }
  } finally {
    lines.close();
  }
}

function threadOf(
  { spec }: ModuleCall,
  { places }: ModulePart,
  threads: Map<string, ModuleThread>,
  { listener }: RunContext,
): ModuleThread | null {
  const name = moduleName(spec);
  const known = threads.get(name);
  if (known !== undefined) return known;
  const file = moduleFile(spec, places);
  if (file === null) return null;
  let lines = 0;
  const thread = new ModuleThread(file, (line) => {
    if (lines++ < mostOutput) listener({ kind: "notice", message: `${spec.id}: ${line}` });
  });
  threads.set(name, thread);
  return thread;
}

async function ask(thread: ModuleThread | null, { input, options }: ModuleCall): Promise<ModuleAnswer> {
  if (thread === null) return { kind: "failed", message: "its file is gone", stack: null };
  return thread.call(input, moduleTimeoutMs(options));
}

function recordOf({ key, spec }: ModuleCall, identity: Identity, answer: ModuleAnswer): ModuleRecord {
  const common = {
    v: journalVersion,
    kind: "score",
    source: "module",
    key,
    scorer: spec.id,
    ...identity,
  } as const;
  if (answer.kind === "failed") return { ...common, value: null, error: answer.message };
  const score = readModuleResult(answer.result);
  if (typeof score === "string") return { ...common, value: null, error: score };
  return {
    ...common,
    value: score.value,
    ...(score.reason === undefined ? {} : { reason: score.reason }),
    ...(score.details === undefined ? {} : { details: score.details }),
  };
}

/** Failures are told by kind: what only differs in its numbers is one. */
function tell(
  { spec }: ModuleCall,
  answer: ModuleAnswer,
  error: string,
  told: Set<string>,
  { listener }: RunContext,
): void {
  const kind = `${spec.id}\n${error.replace(/\d+/g, "#")}`;
  if (told.has(kind)) return;
  told.add(kind);
  const stack = answer.kind === "failed" && answer.stack !== null ? stackOf(answer.stack) : "";
  listener({ kind: "notice", message: `${spec.id}: the module failed: ${error}${stack}` });
}

function stackOf(stack: string): string {
  const lines = stack.split("\n").filter((line) => /^\s+at /.test(line));
  return lines.length === 0
    ? ""
    : ` (${lines
        .slice(0, 3)
        .map((line) => line.trim())
        .join(" ")})`;
}
