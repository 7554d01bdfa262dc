import { scorerSpec } from "../config/scorer-spec.ts";
import type { Dataset, Row } from "../dataset/dataset.ts";
import type { Diagnostic, Place } from "../diagnostics/diagnostic.ts";
import { variablesOf } from "../plan/plan.ts";
import { type CompiledValue, compileValue, TemplateError } from "../plan/template.ts";
import { scorerTypes } from "../score/registry.ts";
import type { RenderedScorer } from "../score/score-completion.ts";
import type { ScorerSpec } from "../score/scorer.ts";
import { checkedOptions, unknownOptions } from "./scorer-options.ts";

/** A list of scorers that a column of the dataset holds, as the matrix names it. */
export interface RowScorerList {
  /** One placeholder. */
  readonly template: string;
  readonly place: Place | null;
}

/**
 * The scorers that rows bring along: a cell holds a list of them, as JSON or as a value, and may be empty. They are data:
 * placeholders in them are not filled.
 */
export class RowScorers {
  /** One scorer for each id, type and options that differ. */
  readonly specs: readonly ScorerSpec[];
  readonly variables: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
  readonly #lists: readonly CompiledValue[];

  constructor(lists: readonly RowScorerList[], dataset: Dataset) {
    this.#lists = lists.map(({ template }) => compileValue(template));
    this.variables = this.#lists.flatMap((list) => [...list.variables, ...list.rowMembers]);
    const { specs, diagnostics } = lists.length === 0 ? nothing : this.#readAll(dataset, lists[0]?.place);
    this.specs = specs;
    this.diagnostics = diagnostics;
  }

  /** The scorers of a row, ready. Entries that cannot be read were reported, and are left out. */
  forRow(row: Row): readonly RenderedScorer[] {
    if (this.#lists.length === 0) return [];
    return this.#specsOf(row).flatMap((spec) =>
      typeof spec === "string" ? [] : [checkedOptions(spec, spec.options)],
    );
  }

  /** The scorers in a row's cells; a text says what is wrong with one. */
  #specsOf(row: Row): readonly (ScorerSpec | string)[] {
    const ids = new Set<string>();
    return this.#lists.flatMap((list) => {
      let value: unknown;
      try {
        value = list.render(variablesOf(row, 0));
      } catch (error) {
        if (!(error instanceof TemplateError)) throw error;
        const name = error.undefinedVariable;
        return [name === null ? error.message : `nothing fills the placeholder \`${name}\``];
      }
      const entries = entriesOf(value);
      if (typeof entries === "string") return [entries];
      return entries.map((entry): ScorerSpec | string => {
        const spec = readEntry(entry);
        if (typeof spec === "string") return spec;
        if (ids.has(spec.id)) return `two scorers of the row have the id \`${spec.id}\``;
        ids.add(spec.id);
        return spec;
      });
    });
  }

  #readAll(dataset: Dataset, place: Place | null | undefined): typeof nothing {
    const specs = new Map<string, ScorerSpec>();
    const problems = new Map<string, { row: Row; rows: number }>();
    for (const row of dataset.rows) {
      for (const spec of this.#specsOf(row)) {
        if (typeof spec !== "string") {
          const { id, required, weight } = spec;
          // Options differ from row to row: what tells the columns apart is enough.
          const key = `${id}\n${spec.type}\n${required}\n${weight}`;
          if (!specs.has(key)) specs.set(key, { ...spec, options: {} });
          continue;
        }
        const known = problems.get(spec);
        if (known === undefined) problems.set(spec, { row, rows: 1 });
        else known.rows++;
      }
    }
    const diagnostics = [...problems].map(([problem, { row, rows }]): Diagnostic => {
      const at = row.line > 0 && dataset.file !== null ? `${dataset.file}:${row.line}, row` : "row";
      const more = rows > 1 ? ` and ${rows - 1} more row${rows === 2 ? "" : "s"}` : "";
      return {
        code: "score/row-scorers",
        severity: "error",
        message: `the scorers of ${at} \`${row.id}\`${more}: ${problem}`,
        hint: 'a cell holds a JSON list such as `[{"type":"contains","expected":"Paris"}]`, or nothing',
        ...(place === null || place === undefined ? {} : { place }),
      };
    });
    return { specs: [...specs.values()], diagnostics };
  }
}

const nothing: {
  readonly specs: readonly ScorerSpec[];
  readonly diagnostics: readonly Diagnostic[];
} = { specs: [], diagnostics: [] };

function entriesOf(value: unknown): readonly unknown[] | string {
  if (value === null || value === undefined) return [];
  if (typeof value === "string") {
    if (value.trim() === "") return [];
    try {
      return entriesOf(JSON.parse(value));
    } catch {
      return "they are not JSON";
    }
  }
  if (Array.isArray(value)) return value as readonly unknown[];
  return typeof value === "object" ? [value] : "they are no list";
}

function readEntry(entry: unknown): ScorerSpec | string {
  const spec = scorerSpec(entry);
  if (typeof spec === "string") return spec;
  const type = scorerTypes[spec.type];
  if (type === undefined) return `there is no type \`${spec.type}\``;
  if (type.external !== undefined)
    return `a \`${spec.type}\` cannot come from a row: put it into the matrix, where limits and prices are found for it`;
  const [unknown] = unknownOptions(spec);
  return unknown === undefined ? spec : `\`${spec.id}\` (${spec.type}): unknown option \`${unknown}\``;
}
