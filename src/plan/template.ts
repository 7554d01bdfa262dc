import { Liquid, type Template as LiquidTemplate } from "liquidjs";

/** What a placeholder may see: the row's variables by name, `row` (all of them) and `trial`. */
export type Variables = Readonly<Record<string, unknown>>;

/** A value with placeholders in it, read once and rendered per row. */
export interface CompiledValue {
  /** Root names of the variables that it may ask for, without doubles. */
  readonly variables: readonly string[];
  /** Names used as `row["…"]` or `row.…`. */
  readonly rowMembers: readonly string[];
  /** True when nothing in it depends on a variable. */
  readonly constant: boolean;
  /** True when it holds filters, tags or members, so that only rendering shows whether it works. */
  readonly elaborate: boolean;
  /** The value filled from the variables. Throws TemplateError. */
  render(variables: Variables): unknown;
}

/** A placeholder that cannot be filled or a template that cannot be read. `line` and `column` count in its text, from 1. */
export class TemplateError extends Error {
  readonly line: number;
  readonly column: number;
  /** The variable that nothing fills; null for other faults. */
  readonly undefinedVariable: string | null;
  /** The text that holds the fault. */
  readonly template: string;

  constructor(
    message: string,
    template: string,
    line: number,
    column: number,
    undefinedVariable: string | null,
  ) {
    super(message);
    this.name = "TemplateError";
    this.template = template;
    this.line = line;
    this.column = column;
    this.undefinedVariable = undefinedVariable;
  }
}

const engine = new Liquid({
  strictVariables: true,
  strictFilters: true,
  lenientIf: true,
  ownPropertyOnly: true,
  // No file is ever read: `include`, `render` and `layout` find nothing but this empty map.
  templates: {},
  // A list or a map inside text is written as JSON.
  outputEscape: (value: unknown) =>
    (typeof value === "object" && value !== null ? JSON.stringify(value) : value) as string,
  parseLimit: 20_000_000,
  renderLimit: 5_000,
  memoryLimit: 500_000_000,
});

const singlePlaceholder = /^\s*\{\{-?((?:[^{}"']|"[^"]*"|'[^']*')*?)-?\}\}\s*$/;
const literalPlaceholder = /\{\{-?\s*(-?\d+(?:\.\d+)?|"[^"]*"|'[^']*')?\s*-?\}\}/;

/**
 * Reads a value: strings are templates, lists and maps are read through, everything else stands for itself. A string
 * that is exactly one placeholder keeps the type of what fills it. Throws TemplateError for a template that does not
 * parse.
 */
export function compileValue(value: unknown): CompiledValue {
  if (typeof value === "string") return compileString(value);
  if (Array.isArray(value)) {
    const items = value.map(compileValue);
    return combine(items, value, (variables) => items.map((item) => item.render(variables)));
  }
  if (typeof value === "object" && value !== null) {
    const members = Object.entries(value).map(([key, member]) => [key, compileValue(member)] as const);
    return combine(
      members.map(([, member]) => member),
      value,
      (variables) => Object.fromEntries(members.map(([key, member]) => [key, member.render(variables)])),
    );
  }
  return constant(value);
}

/** A value that is never expanded: data, or a prompt with `raw: true`. */
export function constant(value: unknown): CompiledValue {
  return { variables: [], rowMembers: [], constant: true, elaborate: false, render: () => value };
}

/** The first placeholder of a text that is a mere literal (such as LaTeX's `\frac{{1}}{2}`), or null. */
export function literalPlaceholderIn(
  text: string,
): { readonly text: string; readonly offset: number } | null {
  const match = literalPlaceholder.exec(text);
  return match === null ? null : { text: match[0], offset: match.index };
}

function combine(
  parts: readonly CompiledValue[],
  value: unknown,
  render: (variables: Variables) => unknown,
): CompiledValue {
  if (parts.every((part) => part.constant)) return constant(value);
  return {
    variables: [...new Set(parts.flatMap((part) => part.variables))],
    rowMembers: [...new Set(parts.flatMap((part) => part.rowMembers))],
    constant: false,
    elaborate: parts.some((part) => part.elaborate),
    render,
  };
}

function compileString(text: string): CompiledValue {
  if (!text.includes("{{") && !text.includes("{%")) return constant(text);
  const template = attempt(text, () => engine.parse(text));
  const segments = attempt(text, () =>
    engine.globalVariableSegmentsSync(template),
  ) as readonly (readonly unknown[])[];
  const variables = [...new Set(segments.map((path) => String(path[0])))];
  const rowMembers = [
    ...new Set(
      segments.filter((path) => path[0] === "row" && path.length > 1).map((path) => String(path[1])),
    ),
  ];
  const inner = singlePlaceholder.exec(text)?.[1];
  const elaborate = text.includes("{%") || /\{\{[^}]*[|.[]/.test(text);
  const name = inner?.trim();
  const render =
    name !== undefined && /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !literals.has(name)
      ? (scope: Variables): unknown => lookUp(name, text, scope)
      : inner !== undefined
        ? (scope: Variables): unknown => attempt(text, () => engine.evalValueSync(inner.trim(), scope))
        : textRenderer(text, template);
  return { variables, rowMembers, constant: false, elaborate, render };
}

const literals: ReadonlySet<string> = new Set(["true", "false", "nil", "null", "empty", "blank"]);

/** The common case of a single plain name, without an evaluation. */
function lookUp(name: string, text: string, scope: Variables): unknown {
  const value = Object.hasOwn(scope, name) ? scope[name] : undefined;
  if (value === undefined) {
    const offset = text.indexOf("{{");
    const before = text.slice(0, offset).split("\n");
    throw new TemplateError(
      `undefined variable: ${name}`,
      text,
      before.length,
      (before.at(-1)?.length ?? 0) + 1,
      name,
    );
  }
  return value;
}

/** Text around plain names is put together without an evaluation where strings fill them; the engine does the rest. */
function textRenderer(text: string, template: LiquidTemplate[]): (scope: Variables) => unknown {
  const parts = text.split(/\{\{ *([A-Za-z_][A-Za-z0-9_]*) *\}\}/); // every second one is a name
  const isPlain = parts.every((part, i) =>
    i % 2 === 1 ? !literals.has(part) : !/\{[{%]/.test(part) && !part.endsWith("{"),
  );
  if (!isPlain) return (scope) => renderText(text, template, scope);
  return (scope) => {
    let filled = parts[0] ?? "";
    for (let i = 1; i < parts.length; i += 2) {
      const name = parts[i] ?? "";
      const value = Object.hasOwn(scope, name) ? scope[name] : undefined;
      if (typeof value !== "string") return renderText(text, template, scope);
      filled += value + (parts[i + 1] ?? "");
    }
    return filled;
  };
}

function renderText(text: string, template: LiquidTemplate[], scope: Variables): string {
  return attempt(text, () => String(engine.renderSync(template, scope)));
}

function attempt<T>(text: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw templateError(error, text);
  }
}

function templateError(error: unknown, text: string): TemplateError {
  const message = error instanceof Error ? error.message : String(error);
  const at = /, line:(\d+), col:(\d+)/.exec(message);
  const bare = (message.split(", line:")[0] ?? message).replace(/, file:.*$/, "");
  const missing = /^undefined variable: (.+)$/.exec(bare)?.[1] ?? null;
  return new TemplateError(bare, text, Number(at?.[1] ?? 1), Number(at?.[2] ?? 1), missing);
}
