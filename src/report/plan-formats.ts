import type { Plan } from "../plan/plan.ts";
import { markdownTable, markdownText } from "./markdown.ts";
import { countWords, productWords } from "./number-words.ts";
import { renderFlatCsv } from "./summary-csv.ts";
import { type TextColumn, type TextTableOptions, textTable } from "./text-table.ts";

/** A plan and what was noticed of it. */
export interface PlanView {
  readonly plan: Plan;
  /** The largest number of trials of any variant. */
  readonly trials: number;
  readonly warnings: readonly string[];
}

const columns: readonly TextColumn[] = [
  { title: "variant", align: "left", flexible: true },
  { title: "requests", align: "right" },
  { title: "provider", align: "left" },
  { title: "parameters", align: "left", flexible: true },
];

/** A plan in each form of `--format`, as text. */
export const planFormats: Readonly<Record<string, (view: PlanView, options: TextTableOptions) => string>> = {
  table: (view, options) => `${textTable(columns, rows(view.plan), options)}\n${totals(view)}\n`,
  json: (view) => `${JSON.stringify(planJson(view), null, 2)}\n`,
  csv: (view) => renderFlatCsv(planJson(view).variants),
  markdown: (view) => `${markdownTable(columns, rows(view.plan))}\n${markdownText(totals(view))}\n`,
};

function rows(plan: Plan): readonly (readonly string[])[] {
  return plan.variants.map((variant) => [
    variant.label,
    countWords(variant.requests),
    variant.provider,
    Object.entries(variant.parameters)
      .map(([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`)
      .join(" "),
  ]);
}

function totals({ plan }: PlanView): string {
  return productWords(plan.length, plan.variants.length, plan.rows.length);
}

function planJson({ plan, trials, warnings }: PlanView): {
  readonly requests: number;
  readonly rows: number;
  readonly trials: number;
  readonly variants: readonly object[];
  readonly warnings: readonly string[];
} {
  return {
    requests: plan.length,
    rows: plan.rows.length,
    trials,
    variants: plan.variants.map((variant) => ({
      variant_id: variant.id,
      variant: variant.label,
      prompt_id: variant.promptId,
      provider: variant.provider,
      parameters: variant.parameters,
      requests: variant.requests,
    })),
    warnings,
  };
}
