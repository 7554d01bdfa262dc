import type { Summary } from "../aggregate/summary-shape.ts";
import { countWords, plural } from "./number-words.ts";
import { paidSums } from "./spending-words.ts";
import { printable } from "./text-table.ts";

/** What the judges took, in a line; none where none was asked. */
export function judgingNotes({ totals: { judging } }: Summary): readonly string[] {
  if (judging === null) return [];
  const cost = paidSums(judging.cost);
  const parts = [
    `judged by ${plural(judging.verdicts, "verdict")}`,
    ...(judging.failed > 0 ? [`${countWords(judging.failed)} attempts failed`] : []),
    ...(judging.prompt_tokens === null ? [] : [`${countWords(judging.prompt_tokens)} tokens in`]),
    ...(judging.completion_tokens === null ? [] : [`${countWords(judging.completion_tokens)} out`]),
    ...(cost === null ? [] : [cost === "free" ? cost : `cost ${cost} beside that of the answers`]),
  ];
  return [parts.join(", ")];
}

/** What could not be scored, by scorer: it enters no rate. */
export function unscoredNotes({ variants }: Summary): readonly string[] {
  const counts = new Map<string, number>();
  for (const { scores } of variants)
    for (const [id, { unscored }] of Object.entries(scores))
      if (unscored > 0) counts.set(id, (counts.get(id) ?? 0) + unscored);
  return [...counts].map(
    ([id, count]) =>
      `${plural(count, "answer")} could not be scored by \`${printable(id)}\`, and ${count === 1 ? "counts" : "count"} nowhere; completions.jsonl says why`,
  );
}
