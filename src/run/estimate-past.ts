import { existsSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import type { PastVariant } from "../cost/estimate-evidence.ts";
import { outputLimits } from "../cost/expected-completion.ts";
import { UsageError } from "../errors.ts";
import { JournalLines } from "../journal/reader.ts";
import { type AttemptRecord, recordedAnswer } from "../journal/record.ts";
import type { Answer } from "../outcome/completion.ts";
import type { PlannedRequest, PlannedVariant } from "../plan/plan.ts";
import { permutation } from "../system/seeded-random.ts";
import { countedModel } from "./counted-model.ts";
import { type OpenedRun, openRun } from "./open-run.ts";
import type { Prepared } from "./prepare.ts";
import { runsIn } from "./reuse.ts";
import { runFiles } from "./run-directory.ts";

/** A request of an earlier run, and the prompt tokens that the server counted. */
export interface PastPrompt {
  /** The model to count for. */
  readonly model: string;
  readonly request: PlannedRequest;
  readonly promptTokens: number;
}

/** What an earlier run really used. */
export interface PastRun {
  /** As the user named it; the directory's name for `latest`. */
  readonly name: string;
  readonly variants: readonly PastVariant[];
  /** Some prompts with their true counts, a few hundred for each variant at most. */
  readonly prompts: readonly PastPrompt[];
  /** Keys of providers whose answers are simulated. */
  readonly simulated: readonly string[];
}

/** Prompts of one variant that are counted again to see how far our count is from the server's. */
const promptsPerVariant = 200;

/** Reads the run that `--from` names: a directory, or `latest`. Throws UsageError where there is none, or no answer in it. */
export function readPastRun(wanted: string, workingDirectory: string): PastRun {
  const directory = pastDirectory(wanted, workingDirectory);
  const name = wanted === "latest" ? `results/${directory.split(/[\\/]/).at(-1) ?? ""}` : wanted;
  if (statSync(directory, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw new UsageError("estimate/no-run", `there is no run directory \`${wanted}\``, {
      hint: "give the folder that `promptgrid run` printed, or `latest`",
    });
  const opened = openRun(directory);
  const { providers } = opened.run;
  const simulated = Object.keys(providers).filter((key) => providers[key]?.simulated === true);
  const read = readVariants(opened, join(directory, runFiles.journal));
  if (read.every(({ past }) => past.answerTokens.length === 0))
    throw new UsageError("estimate/no-usage", `\`${wanted}\` has no answer whose tokens are known`, {
      hint: "leave out `--from`, or name another run",
    });
  return {
    name,
    variants: read.map(({ past }) => past),
    prompts: read.flatMap(({ prompts }) => prompts),
    simulated,
  };
}

function pastDirectory(wanted: string, workingDirectory: string): string {
  if (wanted !== "latest" || existsSync(join(workingDirectory, wanted)))
    return resolve(workingDirectory, wanted);
  const [newest] = runsIn(join(workingDirectory, "results"));
  if (newest !== undefined) return newest;
  throw new UsageError("estimate/no-run", "there is no run in `results` to take numbers from", {
    hint: "leave out `--from`",
  });
}

interface ReadVariant {
  readonly past: PastVariant;
  readonly prompts: readonly PastPrompt[];
}

function readVariants({ prepared, index }: OpenedRun, journal: string): readonly ReadVariant[] {
  const lines = new JournalLines(journal);
  try {
    return prepared.plan.variants.map((variant) => {
      const tally = new PastTally(variant);
      for (let i = variant.offset; i < variant.offset + variant.requests; i++) {
        const deciding = index.isAnswered(i) ? index.deciding(i) : null;
        const record = deciding === null ? null : lines.read(deciding.offset, deciding.length);
        if (record?.kind === "attempt") tally.add(i, record);
      }
      return { past: tally.finish(), prompts: somePrompts(prepared, tally) };
    });
  } finally {
    lines.close();
  }
}

function somePrompts(prepared: Prepared, { variant, prompts }: PastTally): readonly PastPrompt[] {
  const places = permutation(prompts.length, "promptgrid").slice(0, promptsPerVariant);
  return [...places].flatMap((place) => {
    const known = prompts[place];
    if (known === undefined) return [];
    const request = prepared.plan.request(known.index);
    const model = countedModel(prepared, variant.provider, String(request.parameters.model));
    return [{ model, request, promptTokens: known.promptTokens }];
  });
}

/** Collects what the answers to one variant used. */
class PastTally {
  readonly prompts: { readonly index: number; readonly promptTokens: number }[] = [];
  readonly variant: PlannedVariant;
  readonly #answerTokens: number[] = [];
  readonly #rowIds: string[] = [];
  readonly #latencies: number[] = [];
  #cut = 0;
  #promptTokens = 0;
  #cachedTokens = 0;

  constructor(variant: PlannedVariant) {
    this.variant = variant;
  }

  add(index: number, record: AttemptRecord): void {
    const answer: Answer | null = recordedAnswer(record);
    if (answer === null) return;
    const { promptTokens, completionTokens, cachedTokens, estimated } = answer.usage;
    if (completionTokens !== null) {
      this.#answerTokens.push(completionTokens / Math.max(1, answer.completions.length));
      this.#rowIds.push(record.row_id);
      if (answer.completions.some(({ finishReason }) => finishReason === "length")) this.#cut++;
    }
    if (promptTokens !== null && !estimated) this.prompts.push({ index, promptTokens });
    if (promptTokens !== null && cachedTokens !== null) {
      this.#promptTokens += promptTokens;
      this.#cachedTokens += Math.min(cachedTokens, promptTokens);
    }
    if (record.reused_from === undefined) this.#latencies.push(record.latency_ms / 1_000);
  }

  finish(): PastVariant {
    return {
      variantId: this.variant.id,
      promptId: this.variant.promptId,
      provider: this.variant.provider,
      model: String(this.variant.parameters.model),
      thinks: outputLimits(this.variant.parameters).thinks,
      answerTokens: this.#answerTokens,
      cut: this.#cut,
      rowIds: this.#rowIds,
      latencies: this.#latencies,
      promptTokens: this.#promptTokens,
      cachedTokens: this.#cachedTokens,
    };
  }
}
