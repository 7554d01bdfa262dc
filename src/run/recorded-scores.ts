import type { Judging } from "../aggregate/result.ts";
import type { JournalLines } from "../journal/reader.ts";
import { type JudgeRecord, recordedAnswer, recordedUsage } from "../journal/record.ts";
import type { Completion } from "../outcome/completion.ts";
import type { PlannedRequest } from "../plan/plan.ts";
import { medianVerdict, readVerdict } from "../score/judge-verdict.ts";
import type { Score, ScoreInput } from "../score/scorer.ts";
import type { JournalIndex } from "./journal-index.ts";
import { judgeCall } from "./judge-calls.ts";
import { moduleCall } from "./module-calls.ts";
import type { Prepared } from "./prepare.ts";
import { usageCost } from "./price-of.ts";

type Recorded = NonNullable<ScoreInput["recorded"]>;

type ModuleFacts = Pick<ScoreInput, "usage" | "latencyMs" | "cost">;

/** What external scorers said of one completion, as the journal has it, and what their answers took. */
export class RecordedScores {
  readonly #prepared: Prepared;
  readonly #index: JournalIndex;
  readonly #lines: JournalLines;
  readonly #request: PlannedRequest;
  readonly #completion: Completion;
  readonly #facts: ModuleFacts;
  #judging: Judging | null = null;

  constructor(
    prepared: Prepared,
    index: JournalIndex,
    lines: JournalLines,
    request: PlannedRequest,
    completion: Completion,
    facts: ModuleFacts,
  ) {
    this.#prepared = prepared;
    this.#index = index;
    this.#lines = lines;
    this.#request = request;
    this.#completion = completion;
    this.#facts = facts;
  }

  /** What the judges took of those that were asked about this very completion; null for none. */
  get judging(): Judging | null {
    return this.#judging;
  }

  readonly recorded: Recorded = (scorer) =>
    scorer.spec.type === "judge" ? this.#judged(scorer) : this.#called(scorer);

  #called(scorer: Parameters<Recorded>[0]): Score {
    const { key } = moduleCall(this.#request, this.#completion, this.#facts, scorer);
    const placed = this.#index.verdicts.find(key);
    if (placed === null) return { value: null, reason: "not scored yet" };
    const record = this.#lines.read(placed.offset, placed.length);
    if (record.kind !== "score" || record.source !== "module")
      throw new Error(`the journal changed while it was read, at byte ${placed.offset}`);
    const { value, reason, details, error } = record;
    if (error !== undefined) return { value: null, reason: `the module failed: ${error}` };
    return {
      value,
      ...(reason === undefined ? {} : { reason }),
      ...(details === undefined ? {} : { details }),
    };
  }

  #judged(scorer: Parameters<Recorded>[0]): Score {
    const call = judgeCall(this.#prepared, this.#request, this.#completion, scorer);
    const votes = call.keys.map((key): Score => {
      const placed = this.#index.verdicts.find(key);
      if (placed === null) return { value: null, reason: "not judged yet" };
      const record = this.#lines.read(placed.offset, placed.length);
      if (record.kind !== "score" || record.source !== "judge")
        throw new Error(`the journal changed while it was read, at byte ${placed.offset}`);
      if (this.#isOwn(record, scorer.spec.id)) this.#count(record, this.#index.verdicts.failures(key));
      const answer = recordedAnswer(record);
      if (answer === null)
        return { value: null, reason: `the judge failed: ${record.failure?.message ?? "no answer"}` };
      const [choice] = answer.completions;
      return readVerdict(choice?.content ?? "", call.options);
    });
    return medianVerdict(votes);
  }

  /** Equal answers share a verdict; it was paid for once. */
  #isOwn(record: JudgeRecord, scorer: string): boolean {
    return (
      record.scorer === scorer &&
      record.variant_id === this.#request.variant.id &&
      record.row_id === this.#request.row.id &&
      record.trial === this.#request.trial &&
      record.choice === this.#completion.choice
    );
  }

  #count(record: JudgeRecord, failed: number): void {
    const usage = recordedUsage(record);
    const cost =
      usage === null ? null : usageCost(this.#prepared, record.provider, { model: record.model }, usage);
    const before = this.#judging;
    const answered = record.status === "ok" ? 1 : 0;
    this.#judging = {
      calls: (before?.calls ?? 0) + answered,
      failed: (before?.failed ?? 0) + failed,
      promptTokens: plus(before?.promptTokens, usage?.promptTokens),
      completionTokens: plus(before?.completionTokens, usage?.completionTokens),
      costs: [...(before?.costs ?? []), ...(answered === 1 ? [cost] : [])],
    };
  }
}

function plus(one: number | null | undefined, other: number | null | undefined): number | null {
  if (one === null || one === undefined) return other ?? null;
  return one + (other ?? 0);
}
