import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { type BaselineFacts, baselineVersion } from "./baseline-facts.ts";
import { type BaselineHead, readBaselineHead } from "./baseline-head.ts";
import { type ReadVariant, readOutcomes } from "./baseline-outcomes.ts";
import {
  isObject,
  type JsonObject,
  parseBaselineText,
  rowPlaces,
  saveAnew,
  shownFindings,
} from "./baseline-text.ts";
import { rowDigest } from "./row-digest.ts";
import type { Side, SideRow } from "./side.ts";

/** What a baseline file came to: `side` and `facts` are null when there are errors. */
export interface DecodedBaseline {
  readonly side: Side | null;
  readonly facts: BaselineFacts | null;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads the text of a baseline file back into a side; `file` names it for people. It holds row means, not single values:
 * quantiles of rows with several trials are those of their means.
 */
export function decodeBaseline(text: string, file: string): DecodedBaseline {
  const { value, diagnostics } = parseBaselineText(text, file);
  if (value === null) return { side: null, facts: null, diagnostics };
  const versions = versionProblem(value.promptgrid_baseline, value, file);
  if (versions !== null) return { side: null, facts: null, diagnostics: [versions] };
  const read = readBaselineHead(value);
  if ("problems" in read)
    return { side: null, facts: null, diagnostics: read.problems.map((one) => badHead(one, file)) };
  const { side, problems } = readSide(read.head, text, file);
  return problems.length > 0
    ? { side: null, facts: null, diagnostics: shownFindings(problems) }
    : { side, facts: read.head.facts, diagnostics: [] };
}

function versionProblem(version: unknown, value: JsonObject, file: string): Diagnostic | null {
  if (version === baselineVersion) return null;
  if (typeof version !== "number" || !(version > baselineVersion))
    return badHead(`\`promptgrid_baseline\` must be ${baselineVersion}`, file);
  const run = isObject(value.run) ? value.run.promptgrid_version : null;
  const writer = typeof run === "string" ? ` (promptgrid ${run})` : "";
  return {
    code: "baseline/newer",
    severity: "error",
    message: `\`${file}\` was written by a newer version of promptgrid${writer}: its format is ${version}, this one reads ${baselineVersion}`,
    hint: "use that version, or save the baseline anew with this one",
    place: { file, line: 0, column: 0 },
  };
}

function badHead(problem: string, file: string): Diagnostic {
  return {
    code: "baseline/bad-head",
    severity: "error",
    message: `\`${file}\` is damaged: ${problem}`,
    hint: saveAnew,
    place: { file, line: 0, column: 0 },
  };
}

/** The rows as they stand in `rows`, with what pairing needs of each. */
interface ReadRows {
  readonly rows: SideRow[];
  readonly rowOfId: Map<string, number>;
  readonly vars: (string | null)[];
  readonly columns: JsonObject[];
}

function readSide(
  head: BaselineHead,
  text: string,
  file: string,
): { readonly side: Side; readonly problems: readonly Diagnostic[] } {
  const problems: Diagnostic[] = [];
  const total = head.rows.length + head.variants.reduce((sum, { outcomes }) => sum + outcomes.length, 0);
  const placeOf = rowPlaces(text, file, total);
  const complain = (position: number, problem: string, twice: boolean): void => {
    const place = placeOf(position);
    const rest = { severity: "error", message: problem, hint: saveAnew, place } as const;
    problems.push(
      twice ? { code: "baseline/duplicate-row", ...rest } : { code: "baseline/bad-row", ...rest },
    );
  };
  const table = readRows(head.rows, (position, problem, twice) =>
    complain(position, problem, twice ?? false),
  );
  let offset = head.rows.length;
  const variants: ReadVariant[] = [];
  for (const variant of head.variants) {
    const start = offset;
    offset += variant.outcomes.length;
    variants.push(
      readOutcomes(variant, table.rowOfId, head.scorers.keys(), (position, problem, twice) =>
        complain(start + position, problem, twice ?? false),
      ),
    );
  }
  return { side: sideOf(head, table, variants, file), problems };
}

function readRows(
  lines: readonly unknown[],
  complain: (position: number, problem: string, twice?: true) => void,
): ReadRows {
  const table: ReadRows = { rows: [], rowOfId: new Map(), vars: [], columns: [] };
  lines.forEach((line, position) => {
    const { row: id, cluster = null, vars = null, columns = {} } = isObject(line) ? line : {};
    if (typeof id !== "string") complain(position, "it must be an object with a `row`");
    else if (cluster !== null && typeof cluster !== "string") complain(position, "`cluster` must be a text");
    else if (vars !== null && typeof vars !== "string") complain(position, "`vars` must be a text");
    else if (!isObject(columns) || Object.values(columns).some((value) => typeof value !== "string"))
      complain(position, "`columns` must hold texts");
    else if (table.rowOfId.has(id)) complain(position, `row \`${id}\` is there twice`, true);
    else {
      table.rowOfId.set(id, table.rows.length);
      table.rows.push({ id, cluster });
      table.vars.push(vars);
      table.columns.push(columns);
    }
  });
  return table;
}

function sideOf(head: BaselineHead, table: ReadRows, variants: readonly ReadVariant[], file: string): Side {
  const { variables } = head;
  return {
    name: file,
    startedAt: head.startedAt,
    endedAt: head.endedAt,
    rows: table.rows,
    rowOfId: table.rowOfId,
    variants: variants.map(({ variant }) => variant),
    variables,
    digest: (row, names) => {
      if (names.length === 0) return rowDigest({}, []);
      const all = names.length === variables.length && variables.every((name) => names.includes(name));
      return all ? (table.vars[row] ?? null) : null;
    },
    column: (row, name) => {
      if (!head.columns.includes(name)) return null;
      const value = table.columns[row]?.[name];
      return typeof value === "string" ? value : "";
    },
    prompts: head.prompts,
    scorers: head.scorers,
    required: head.required,
    clustered: head.clustered,
    output: (variant, row) => variants[variant]?.outputs.get(row) ?? null,
    requestId: () => null,
  };
}
