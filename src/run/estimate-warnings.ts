import type { CountedVariant } from "./estimate-prompts.ts";
import { judgeModels } from "./judge-calls.ts";
import type { Prepared } from "./prepare.ts";

/** Rows that are named before `…`. */
const namedRows = 5;

/** Prompts that do not fit into the context of their model, alone or with `max_tokens`, in words. */
export function lengthWarnings({ variant, tooLong, rowsCounted }: CountedVariant): readonly string[] {
  const { alone, withAnswer, context } = tooLong;
  const words = (rows: readonly string[], what: string): readonly string[] =>
    rows.length === 0
      ? []
      : [
          `${variant.label}: ${rows.length} of ${rowsCounted} prompts counted ${what} the model's context of ${context} tokens (row ${rows.slice(0, namedRows).join(", ")}${rows.length > namedRows ? " …" : ""})`,
        ];
  return [
    ...words(alone, rowsVerb(alone, "is longer than", "are longer than")),
    ...words(
      withAnswer,
      rowsVerb(withAnswer, "leaves no room for the answer in", "leave no room for the answer in"),
    ),
  ];
}

function rowsVerb(rows: readonly string[], one: string, several: string): string {
  return rows.length === 1 ? one : several;
}

/** Verdicts are asked for beside the answers, and what they take depends on those. */
export function judgeWarnings(prepared: Pick<Prepared, "scoring">): readonly string[] {
  const names = judgeModels(prepared).map(({ provider, model }) => `${provider}/${model}`);
  return names.length === 0
    ? []
    : [
        `the verdicts of ${names.join(", ")} come on top: their cost depends on the answers and is not in these figures`,
      ];
}
