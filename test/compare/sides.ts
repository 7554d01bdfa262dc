import { rowDigest } from "../../src/compare/row-digest.ts";
import type { Series, Side, SideVariant } from "../../src/compare/side.ts";

/** What a row's trials gave: one value, several, or none. */
export type Cell = number | readonly number[] | null;

/** A row of a handmade side; a name alone is a row without cluster and variables. */
export interface TestRow {
  readonly id: string;
  readonly cluster?: string | null;
  readonly variables?: Readonly<Record<string, unknown>>;
}

/** A variant of a handmade side. Lists have one entry for each row; what is left out is none. */
export interface TestVariant {
  readonly variantId?: string;
  /** The variant's name is its prompt id where none is stated. */
  readonly promptId?: string;
  readonly provider?: string;
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly pass?: readonly Cell[];
  readonly scores?: Readonly<Record<string, readonly Cell[]>>;
  /** Any other quantity by name: `latency_ms`, `completion_tokens`, `cost`. */
  readonly series?: Readonly<Record<string, readonly Cell[]>>;
  readonly failed?: Readonly<Record<string, readonly number[]>>;
  readonly pending?: readonly number[];
  /** Planned requests; where not stated, as many as there are answers, failures and pending ones. */
  readonly requests?: readonly number[];
  /** Choices of the answers; where not stated, one for each answer. */
  readonly completions?: readonly number[];
  readonly outputs?: readonly (string | null)[];
  readonly requestIds?: readonly (string | null)[];
  readonly models?: readonly string[];
  readonly currencies?: readonly string[];
}

/** A handmade side: `testSide({ rows: 3, variants: { v1: { pass: [1, 0, [1, 0]] } } })`. */
export interface TestSide {
  readonly name?: string;
  readonly startedAt?: string | null;
  readonly endedAt?: string | null;
  /** A number gives rows `r1`, `r2`, … */
  readonly rows: number | readonly (string | TestRow)[];
  readonly variants: Readonly<Record<string, TestVariant>>;
  /** Names of the variables that prompts and scorers use; where not stated, all there are. */
  readonly variables?: readonly string[];
  readonly prompts?: Readonly<Record<string, string>>;
  readonly scorers?: Readonly<Record<string, string>>;
  readonly required?: readonly string[];
  readonly clustered?: boolean;
}

/** A `Side` as a run would give it, from numbers written by hand. */
export function testSide(given: TestSide): Side {
  const rows = rowsOf(given.rows);
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row.variables)))];
  const named = Object.entries(given.variants);
  const scorers = Object.keys(Object.assign({}, ...named.map(([, variant]) => variant.scores ?? {})));
  return {
    name: given.name ?? "a run",
    startedAt: given.startedAt === undefined ? "2026-03-01T09:00:00.000Z" : given.startedAt,
    endedAt: given.endedAt === undefined ? "2026-03-01T09:05:00.000Z" : given.endedAt,
    rows: rows.map(({ id, cluster }) => ({ id, cluster })),
    rowOfId: new Map(rows.map(({ id }, i) => [id, i])),
    variants: named.map(([name, variant]) => variantOf(name, variant, rows.length)),
    variables: given.variables ?? columns,
    digest: (row, names) =>
      names.every((name) => columns.includes(name)) ? rowDigest(rows[row]?.variables ?? {}, names) : null,
    column: (row, name) => (columns.includes(name) ? cellText(rows[row]?.variables[name]) : null),
    prompts: new Map(
      Object.entries(given.prompts ?? Object.fromEntries(named.map(([name]) => [name, `user: ${name}`]))),
    ),
    scorers: new Map(
      Object.entries(given.scorers ?? Object.fromEntries(scorers.map((id) => [id, `digest-${id}`]))),
    ),
    required: given.required ?? (scorers.length > 0 ? scorers : ["correct"]),
    clustered: given.clustered ?? false,
    output: (variant, row) => named[variant]?.[1].outputs?.[row] ?? null,
    requestId: (variant, row) => named[variant]?.[1].requestIds?.[row] ?? null,
  };
}

function rowsOf(given: TestSide["rows"]): readonly Required<TestRow>[] {
  const all = typeof given === "number" ? Array.from({ length: given }, (_, i) => `r${i + 1}`) : given;
  return all.map((row) => ({
    cluster: null,
    variables: {},
    ...(typeof row === "string" ? { id: row } : row),
  }));
}

function variantOf(name: string, given: TestVariant, size: number): SideVariant {
  const pass = given.pass ?? [];
  const main = given.pass ?? Object.values({ ...given.scores, ...given.series })[0] ?? [];
  const answers = perRow(size, (row) => given.completions?.[row] ?? cellValues(main[row] ?? null).length);
  const failed = new Map(
    Object.entries(given.failed ?? {}).map(([kind, counts]) => [
      kind,
      perRow(size, (row) => counts[row] ?? 0),
    ]),
  );
  const pending = given.pending === undefined ? null : perRow(size, (row) => given.pending?.[row] ?? 0);
  const lost = (row: number): number =>
    [...failed.values()].reduce((sum, counts) => sum + (counts[row] ?? 0), 0) + (pending?.[row] ?? 0);
  const promptId = given.promptId ?? name;
  return {
    variantId: given.variantId ?? `id-${name}`,
    label: `prompt=${promptId}`,
    promptId,
    provider: given.provider ?? "lab",
    parameters: given.parameters ?? { model: "m" },
    requests: perRow(size, (row) => given.requests?.[row] ?? (answers[row] ?? 0) + lost(row)),
    completions: answers,
    series: new Map([
      ["pass", seriesOf(pass, size)],
      ...Object.entries(given.scores ?? {}).map(
        ([id, cells]) => [`scores.${id}`, seriesOf(cells, size)] as const,
      ),
      ...Object.entries(given.series ?? {}).map(([id, cells]) => [id, seriesOf(cells, size)] as const),
    ]),
    missing: { failed, pending },
    models: given.models ?? [],
    currencies: given.currencies ?? [],
  };
}

/** The series of some cells, as a side has it: mean, count and single values of each row. */
export function seriesOf(cells: readonly Cell[], size: number = cells.length): Series {
  const all = Array.from({ length: size }, (_, row) => cellValues(cells[row] ?? null));
  return {
    means: Float64Array.from(all, (values) => values.reduce((sum, value) => sum + value, 0) / values.length),
    counts: Int32Array.from(all, (values) => values.length),
    values: (row) => Float64Array.from(all[row] ?? []),
  };
}

function cellValues(cell: Cell): readonly number[] {
  if (cell === null) return [];
  return typeof cell === "number" ? [cell] : cell;
}

function perRow(size: number, value: (row: number) => number): Int32Array {
  return Int32Array.from({ length: size }, (_, row) => value(row));
}

function cellText(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}
