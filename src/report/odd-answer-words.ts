import type { SummaryTotals } from "../aggregate/summary-shape.ts";
import { plural } from "./number-words.ts";

/** What is odd about answers, a line for each kind; none where nothing is. */
export function oddAnswerNotes({
  odd_answers: odd,
  answered,
}: Pick<SummaryTotals, "odd_answers" | "answered">): readonly string[] {
  const notes: string[] = [];
  if (odd.thought_only > 0)
    notes.push(`${areEmpty(odd.thought_only)}, with all text in the reasoning: not scored`);
  if (odd.cut_in_thought > 0)
    notes.push(
      `${areEmpty(odd.cut_in_thought)}, because the reasoning used up the token limit: raise \`max_tokens\``,
    );
  if (odd.fewer_choices > 0)
    notes.push(`${plural(odd.fewer_choices, "request")} got fewer choices than \`n\` asks for`);
  if (odd.without_usage > 0) {
    const which =
      odd.without_usage === answered
        ? "no answer states its tokens"
        : `${plural(odd.without_usage, "answer")} without a count of tokens`;
    notes.push(
      `${which}, so that sums of tokens and cost lack them; a stream may have to be asked: \`stream_options: { include_usage: true }\``,
    );
  }
  return notes;
}

function areEmpty(count: number): string {
  return `${plural(count, "answer")} ${count === 1 ? "is" : "are"} empty`;
}
