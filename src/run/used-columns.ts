import type { Dataset } from "../dataset/dataset.ts";
import type { Plan } from "../plan/plan.ts";
import type { Scoring } from "./scoring.ts";

/** Columns that prompts, parameters and scorers use, in the order of the dataset: the `var.` columns of the CSV. */
export function usedColumns(plan: Plan, scoring: Scoring, dataset: Dataset): readonly string[] {
  const names = new Set(scoring.variables);
  for (const variant of plan.variants) {
    const rows = variant.rowIndices ?? [0];
    for (const row of rows) {
      const { parts } = variant.messagesFor(row);
      for (const name of [...parts.variables, ...parts.rowMembers]) names.add(name);
    }
    for (const name of [...variant.parametersTemplate.variables, ...variant.parametersTemplate.rowMembers])
      names.add(name);
  }
  return dataset.columns.filter((column) => names.has(column));
}
