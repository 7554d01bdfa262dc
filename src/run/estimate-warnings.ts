import type { CountedVariant } from "./estimate-prompts.ts";

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
