import { JournalLines } from "../journal/reader.ts";
import { recordedAnswer } from "../journal/record.ts";
import { emptiedByThought } from "../outcome/emptied-by-thought.ts";
import type { JournalIndex } from "./journal-index.ts";
import { type JudgeCall, type JudgeModel, judgeCall, judgesOf } from "./judge-calls.ts";
import type { Prepared } from "./prepare.ts";

/** A side of a run whose answers are to be judged. */
export interface JudgedPart {
  readonly prepared: Prepared;
  readonly index: JournalIndex;
  /** Path of its journal. */
  readonly journal: string;
  /** Length of the good part of the journal when a torn tail must be cut off. */
  readonly cutAt?: number | null;
}

/** One vote that is wanted of a judge. */
export interface WantedVote {
  readonly part: number;
  readonly call: JudgeCall;
  readonly vote: number;
  readonly key: string;
  /** The completion that it is about. */
  readonly variantId: string;
  readonly rowId: string;
  readonly trial: number;
  readonly choice: number;
  /** Position of the request in its plan. */
  readonly position: number;
}

/**
 * The votes that are wanted of some judges and not recorded, in the order of the plans, none of them made before it is
 * asked for. `asked` are keys that are on their way already: equal material is asked about once.
 */
export function* wantedVotes(
  parts: readonly JudgedPart[],
  wants: (model: JudgeModel) => boolean,
  asked: Set<string>,
): Generator<WantedVote> {
  for (const [number, part] of parts.entries()) {
    const lines = new JournalLines(part.journal);
    try {
      for (const vote of votesOf(part, number, lines)) {
        if (!wants(vote.call)) continue;
        const key = `${number}:${vote.key}`;
        if (asked.has(key)) continue;
        asked.add(key);
        yield vote;
      }
    } finally {
      lines.close();
    }
  }
}

function* votesOf({ prepared, index }: JudgedPart, part: number, lines: JournalLines): Generator<WantedVote> {
  const { plan, scoring } = prepared;
  for (let position = 0; position < plan.length; position++) {
    const deciding = index.isAnswered(position) ? index.deciding(position) : null;
    if (deciding === null) continue;
    const { variantIndex, rowIndex, trial } = plan.coordinates(position);
    const variant = plan.variant(variantIndex);
    const row = plan.row(rowIndex);
    const judges = judgesOf(scoring.forRow(row, trial, variant.promptId));
    if (judges.length === 0) continue;
    const record = lines.read(deciding.offset, deciding.length);
    if (record.kind !== "attempt") continue;
    const request = plan.request(position);
    for (const completion of recordedAnswer(record)?.completions ?? []) {
      for (const judge of judges) {
        // It has no answer to judge.
        if (judge.spec.target === "answer" && emptiedByThought(completion) === "thought_only") continue;
        const call = judgeCall(prepared, request, completion, judge);
        for (const [vote, key] of call.keys.entries()) {
          if (index.verdicts.has(key)) continue;
          const identity = { variantId: variant.id, rowId: row.id, trial, choice: completion.choice };
          yield { part, call, vote, key, position, ...identity };
        }
      }
    }
  }
}
