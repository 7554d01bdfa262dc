import type { RunConfig } from "../config/run-config.ts";
import type { Dataset, Row } from "../dataset/dataset.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { nearest } from "../diagnostics/nearest.ts";
import { knownParameters } from "./known-parameters.ts";
import { MessageError } from "./messages.ts";
import { type Plan, type PlannedVariant, variablesOf } from "./plan.ts";
import { type CompiledValue, literalPlaceholderIn, TemplateError } from "./template.ts";

/** Variables that every row has besides its own columns. */
const builtIn: readonly string[] = ["row", "trial"];

/**
 * What a plan would trip over when its requests are made: placeholders that a row does not fill, literals that look
 * like placeholders, parameter names that look mistyped, columns that hide behind built-in names.
 */
export function checkPlan(plan: Plan, config: RunConfig, dataset: Dataset): readonly Diagnostic[] {
  return [
    ...unfilledPlaceholders(plan, config, dataset),
    ...literalPlaceholders(config),
    ...mistypedParameters(plan),
    ...reservedColumns(dataset),
  ];
}

/** One rendering part: a message list or the parameters of a variant. */
interface Part {
  readonly what: string;
  readonly value: CompiledValue;
  readonly render: (row: Row) => unknown;
}

function unfilledPlaceholders(plan: Plan, config: RunConfig, dataset: Dataset): readonly Diagnostic[] {
  const complained = new Map<string, { first: Diagnostic; rows: number }>();
  const everywhere = commonVariables(plan.rows);
  for (const { part, variant, rows } of partsOfPlan(plan)) {
    if (sureToFill(part.value, everywhere)) continue;
    for (const row of rows) {
      try {
        part.render(row);
      } catch (error) {
        note(error, part, variant, row);
      }
    }
  }
  return [...complained.values()].map(({ first, rows }) =>
    rows === 1
      ? first
      : { ...first, message: `${first.message} (and ${rows - 1} more row${rows === 2 ? "" : "s"})` },
  );

  function note(error: unknown, part: Part, variant: PlannedVariant, row: Row): void {
    if (!(error instanceof TemplateError || error instanceof MessageError)) throw error;
    const key = `${part.what}\n${error.message}`;
    const known = complained.get(key);
    if (known !== undefined) {
      known.rows++;
      return;
    }
    const at =
      row.line > 0 && dataset.file !== null
        ? `${dataset.file}:${row.line}, row \`${row.id}\``
        : `row \`${row.id}\``;
    const prompt = config.prompts.find(
      (candidate) =>
        candidate.id === variant.promptId && (candidate.rowId === null || candidate.rowId === row.id),
    );
    complained.set(key, { first: complaint(error, part, at, dataset, prompt?.place), rows: 1 });
  }
}

function complaint(
  error: TemplateError | MessageError,
  part: Part,
  at: string,
  dataset: Dataset,
  place: Diagnostic["place"],
): Diagnostic {
  const name = error instanceof TemplateError ? error.undefinedVariable : null;
  const where = place === undefined ? {} : { place };
  if (name === null) {
    return {
      code: "template/render",
      severity: "error",
      message: `${part.what}: ${error.message}, in ${at}`,
      ...where,
    };
  }
  const columns = dataset.columns;
  const close = nearest(name, [...columns, ...builtIn]);
  const hint =
    close !== null
      ? `did you mean \`{{ ${/^[A-Za-z_]\w*$/.test(close) ? close : `row["${close}"]`} }}\`?`
      : columns.length > 0
        ? `columns: ${columns.join(", ")}; for a variable that may be missing: \`{{ ${name} | default: "" }}\``
        : "the matrix has no `dataset` that could fill it";
  return {
    code: "template/undefined-variable",
    severity: "error",
    message: `${part.what}: nothing fills the placeholder \`${name}\` in ${at}`,
    hint,
    ...where,
  };
}

/** Everything that is rendered, once, with the rows that fill it. */
function partsOfPlan(plan: Plan): Iterable<{ part: Part; variant: PlannedVariant; rows: readonly Row[] }> {
  const found = new Map<CompiledValue, { part: Part; variant: PlannedVariant; rows: Row[] }>();
  for (const variant of plan.variants) {
    if (variant.rowIndices === null) {
      for (const part of partsOf(variant, 0)) {
        if (!found.has(part.value)) found.set(part.value, { part, variant, rows: [...plan.rows] });
      }
      continue;
    }
    for (const rowIndex of variant.rowIndices) {
      for (const part of partsOf(variant, rowIndex)) {
        const known = found.get(part.value);
        if (known === undefined) found.set(part.value, { part, variant, rows: [plan.row(rowIndex)] });
        else known.rows.push(plan.row(rowIndex));
      }
    }
  }
  return found.values();
}

function partsOf(variant: PlannedVariant, rowIndex: number): readonly Part[] {
  const messages = variant.messagesFor(rowIndex);
  return [
    {
      what: `prompt \`${variant.promptId}\``,
      value: messages.parts,
      render: (row) => messages.render(variablesOf(row, 0)),
    },
    {
      what: "`parameters`",
      value: variant.parametersTemplate,
      render: (row) => variant.parametersTemplate.render(variablesOf(row, 0)),
    },
  ];
}

/** Names that every row has. */
function commonVariables(rows: readonly Row[]): ReadonlySet<string> {
  const [first] = rows;
  const common = new Set<string>(first === undefined ? [] : Object.keys(first.variables));
  for (const row of rows)
    for (const name of common) if (!Object.hasOwn(row.variables, name)) common.delete(name);
  return new Set([...common, ...builtIn]);
}

/** Whether plain names that every row has are all that a value asks for, so that it need not be tried on each row. */
function sureToFill(value: CompiledValue, everywhere: ReadonlySet<string>): boolean {
  return value.constant || (!value.elaborate && value.variables.every((name) => everywhere.has(name)));
}

function literalPlaceholders(config: RunConfig): readonly Diagnostic[] {
  return config.prompts
    .filter((prompt) => !prompt.raw)
    .flatMap((prompt) => {
      const found = texts(prompt.messages)
        .map(literalPlaceholderIn)
        .find((literal) => literal !== null);
      if (found === undefined || found === null) return [];
      return [
        {
          code: "template/literal",
          severity: "warning" as const,
          message: `prompt \`${prompt.id}\`: \`${found.text}\` is a placeholder for a literal, so the braces will vanish`,
          hint: "`raw: true` keeps every byte; for one text write `{% raw %}…{% endraw %}`",
          place: prompt.place,
        },
      ];
    });
}

/** Every text in a value. */
function texts(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  if (Array.isArray(value)) return value.flatMap(texts);
  if (typeof value === "object" && value !== null) return Object.values(value).flatMap(texts);
  return [];
}

function mistypedParameters(plan: Plan): readonly Diagnostic[] {
  const names = new Set(plan.variants.flatMap((variant) => Object.keys(variant.parameters)));
  return [...names].flatMap((name): readonly Diagnostic[] => {
    if (knownParameters.includes(name)) return [];
    const close = nearest(name, knownParameters);
    return [
      {
        code: "plan/unknown-parameter",
        severity: "warning",
        message: `\`${name}\` is no parameter we know; it is sent as written`,
        ...(close === null ? {} : { hint: `did you mean \`${close}\`?` }),
      },
    ];
  });
}

function reservedColumns(dataset: Dataset): readonly Diagnostic[] {
  return dataset.columns
    .filter((column) => builtIn.includes(column))
    .map((column) => ({
      code: "plan/reserved-column",
      severity: "warning",
      message: `the column \`${column}\` hides behind the variable of that name`,
      hint: `write \`{{ row["${column}"] }}\` for the column`,
    }));
}
