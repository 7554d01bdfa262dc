import type { RunConfig } from "../config/run-config.ts";
import type { Dataset, Row } from "../dataset/dataset.ts";
import type { Diagnostic, Place } from "../diagnostics/diagnostic.ts";
import { nearest } from "../diagnostics/nearest.ts";
import { MessageError } from "./messages.ts";
import { type Plan, type PlannedVariant, variablesOf } from "./plan.ts";
import { type CompiledValue, TemplateError, type Variables } from "./template.ts";
import { placeOfFault, placeOfText } from "./template-fault.ts";

/** Variables that every row has besides its own columns. */
export const builtInVariables: readonly string[] = ["row", "trial"];

/** One rendering part: the message list or the parameters of a variant. */
interface Part {
  readonly kind: "prompt" | "parameters";
  readonly value: CompiledValue;
  readonly render: (row: Row) => unknown;
}

/** A fault as it was met first, and the number of rows that have it. */
interface Complaint {
  readonly error: TemplateError | MessageError;
  readonly part: Part;
  readonly variant: PlannedVariant;
  readonly row: Row;
  rows: number;
}

/** Placeholders of prompts and parameters that a row does not fill, each once, with the first row and their number. */
export function unfilledPlaceholders(plan: Plan, config: RunConfig, dataset: Dataset): readonly Diagnostic[] {
  const complaints = new Map<string, Complaint>();
  const everywhere = commonVariables(plan.rows);
  for (const { part, variant, rows } of partsOfPlan(plan)) {
    if (sureToFill(part.value, everywhere)) continue;
    for (const row of rows) {
      for (const error of faultsOf(part, row)) {
        const owner = part.kind === "prompt" ? variant.promptId : "";
        const key = `${part.kind}\n${owner}\n${error.message}`;
        const known = complaints.get(key);
        if (known === undefined) complaints.set(key, { error, part, variant, row, rows: 1 });
        else known.rows++;
      }
    }
  }
  return [...complaints.values()].map((complaint) => unfilled(complaint, config, dataset));
}

const mostFaults = 20;

/** All variables that a row does not fill, or the other fault that rendering it meets first. */
function faultsOf(part: Part, row: Row): readonly (TemplateError | MessageError)[] {
  const faults: (TemplateError | MessageError)[] = [];
  let tried = row;
  while (faults.length < mostFaults) {
    try {
      part.render(tried);
      return faults;
    } catch (error) {
      if (!(error instanceof TemplateError || error instanceof MessageError)) throw error;
      const name = error instanceof TemplateError ? error.undefinedVariable : null;
      const missing = name === null ? null : ownName(name);
      // Once a variable is made up, only others that are missing tell something new.
      const isNew = missing !== null && !Object.hasOwn(tried.variables, missing);
      if (faults.length === 0 || isNew) faults.push(error);
      if (!isNew) return faults;
      tried = { ...tried, variables: { ...tried.variables, [missing]: "" } };
    }
  }
  return faults;
}

/** The variable of the row that a name asks for: `row.Ticket Id` asks for `Ticket Id`, `customer.name` for `customer`. */
function ownName(name: string): string {
  return name.startsWith("row.") ? name.slice("row.".length) : (name.split(".")[0] ?? name);
}

function unfilled(complaint: Complaint, config: RunConfig, dataset: Dataset): Diagnostic {
  const { error, row, rows } = complaint;
  const { what, place } = whereIn(complaint, config);
  const at =
    row.line > 0 && dataset.file !== null
      ? `${dataset.file}:${row.line}, row \`${row.id}\``
      : `row \`${row.id}\``;
  const more = rows === 1 ? "" : ` (and ${rows - 1} more row${rows === 2 ? "" : "s"})`;
  const name = error instanceof TemplateError ? error.undefinedVariable : null;
  const common = { severity: "error", ...(place === undefined ? {} : { place }) } as const;
  return name === null
    ? { ...common, code: "template/render", message: `${what}: ${error.message}, in ${at}${more}` }
    : {
        ...common,
        code: "template/undefined-variable",
        message: `${what}: nothing fills the placeholder \`${name}\` in ${at}${more}`,
        hint: variableHint(name, config, dataset),
      };
}

/** The prompt or parameter that a fault stands in, and its place there. */
function whereIn(
  { error, part, variant, row }: Complaint,
  config: RunConfig,
): { what: string; place?: Place } {
  const { prompts, sources } = config;
  const located = (what: string, place: Place | null | undefined): { what: string; place?: Place } =>
    place == null ? { what } : { what, place };
  if (part.kind === "prompt") {
    const prompt = prompts.find(
      ({ id, rowId }) => id === variant.promptId && (rowId === null || rowId === row.id),
    );
    const excerpts = prompt?.excerpt == null ? [] : [prompt.excerpt];
    const splice = /^`(\{\{.*?\}\})`/.exec(error.message)?.[1];
    const found =
      error instanceof TemplateError
        ? placeOfFault(error, excerpts)
        : splice === undefined
          ? null
          : placeOfText(splice, excerpts);
    return located(`prompt \`${variant.promptId}\``, found ?? prompt?.place);
  }
  const name = Object.entries(variant.parameters).find(
    ([, value]) => error instanceof TemplateError && holdsText(value, error.template),
  )?.[0];
  if (name === undefined || !(error instanceof TemplateError)) return located("`parameters`", null);
  const written = [...(sources?.axes.get(name) ?? []), ...(sources?.parameters.get(name) ?? [])];
  return located(`parameter \`${name}\``, placeOfFault(error, written) ?? written[0]?.place);
}

function holdsText(value: unknown, text: string): boolean {
  if (typeof value === "object" && value !== null)
    return Object.values(value).some((inner) => holdsText(inner, text));
  return value === text;
}

/** What to do about a placeholder that nothing fills. */
export function variableHint(
  name: string,
  config: Pick<RunConfig, "inlineRows">,
  dataset: Pick<Dataset, "columns">,
): string {
  const { columns } = dataset;
  const own = ownName(name);
  const lenient = `for a variable that may be missing: \`{{ ${reference(own)} | default: "" }}\``;
  if (columns.includes(own)) {
    return name === own || name.startsWith("row.")
      ? lenient
      : `text has no members: name the column \`${own}\` in the dataset's \`json_columns\` where it holds JSON`;
  }
  const close = nearest(own, [...columns, ...builtInVariables]);
  if (close !== null) return `did you mean \`{{ ${reference(close)} }}\`?`;
  if (config.inlineRows !== null) return `a column \`var.${own}\` would fill it`;
  return columns.length > 0
    ? `columns: ${columns.join(", ")}; ${lenient}`
    : "the matrix has no `dataset` that could fill it";
}

/** How a template asks for a variable. */
function reference(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : `row["${name}"]`;
}

/** Everything that is rendered, once, with the rows that fill it. */
function partsOfPlan(plan: Plan): Iterable<{ part: Part; variant: PlannedVariant; rows: readonly Row[] }> {
  const mostTrials = Math.max(...plan.variants.map((variant) => variant.trials));
  const found = new Map<CompiledValue, { part: Part; variant: PlannedVariant; rows: Row[] }>();
  for (const variant of plan.variants) {
    if (variant.rowIndices === null) {
      for (const part of partsOf(variant, 0, mostTrials)) {
        if (!found.has(part.value)) found.set(part.value, { part, variant, rows: [...plan.rows] });
      }
      continue;
    }
    for (const rowIndex of variant.rowIndices) {
      for (const part of partsOf(variant, rowIndex, mostTrials)) {
        const known = found.get(part.value);
        if (known === undefined) found.set(part.value, { part, variant, rows: [plan.row(rowIndex)] });
        else known.rows.push(plan.row(rowIndex));
      }
    }
  }
  return found.values();
}

function partsOf(variant: PlannedVariant, rowIndex: number, mostTrials: number): readonly Part[] {
  const messages = variant.messagesFor(rowIndex);
  const { parametersTemplate } = variant;
  const everyTrial = (value: CompiledValue, render: (variables: Variables) => unknown) => (row: Row) => {
    const trials = value.variables.includes("trial") ? mostTrials : 1;
    for (let trial = 0; trial < trials; trial++) render(variablesOf(row, trial));
  };
  return [
    { kind: "prompt", value: messages.parts, render: everyTrial(messages.parts, messages.render) },
    {
      kind: "parameters",
      value: parametersTemplate,
      render: everyTrial(parametersTemplate, parametersTemplate.render),
    },
  ];
}

/** Names that every row has. */
function commonVariables(rows: readonly Row[]): ReadonlySet<string> {
  const [first] = rows;
  const common = new Set<string>(first === undefined ? [] : Object.keys(first.variables));
  for (const row of rows)
    for (const name of common) if (!Object.hasOwn(row.variables, name)) common.delete(name);
  return new Set([...common, ...builtInVariables]);
}

/** Whether plain names that every row has are all that a value asks for, so that it need not be tried on each row. */
function sureToFill(value: CompiledValue, everywhere: ReadonlySet<string>): boolean {
  return value.constant || (!value.elaborate && value.variables.every((name) => everywhere.has(name)));
}
