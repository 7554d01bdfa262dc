import { isDeepStrictEqual } from "node:util";
import { decimalRange } from "./decimal-range.ts";

/** One value of an axis, with the name reports call it by when it was given one. */
export interface AxisValue {
  readonly value: unknown;
  readonly label: string | null;
}

export interface Axis {
  readonly name: string;
  readonly values: readonly AxisValue[];
}

/** One grid as it is written: axes in order, and what is taken out and put in. */
export interface GridSpec {
  readonly axes: readonly Axis[];
  readonly exclude: readonly Readonly<Record<string, unknown>>[];
  readonly include: readonly Readonly<Record<string, unknown>>[];
}

/** One combination of values. `labels` names values that were given a label; `origin` says where it came from. */
export interface Point {
  readonly values: Readonly<Record<string, unknown>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly origin: PointOrigin;
}

export type PointOrigin =
  | { readonly kind: "product"; readonly grid: number }
  | { readonly kind: "include"; readonly grid: number; readonly entry: number };

/** A problem of a grid; `path` leads to it from the grid's root. */
export interface GridProblem {
  readonly kind:
    | "empty-grid"
    | "empty-axis"
    | "repeated-value"
    | "bad-range"
    | "list-of-lists"
    | "empty-entry"
    | "unknown-axis"
    | "bad-entry"
    | "matches-nothing";
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly hint?: string;
}

/** Parameters whose value is itself a list, so that an axis of them is a list of lists. */
const listParameters: ReadonlySet<string> = new Set(["stop", "tools"]);

/** Reads a grid from its plain value (`grid:` of a matrix). Problems are returned beside whatever could be read. */
export function readGrid(value: Readonly<Record<string, unknown>>): {
  readonly grid: GridSpec;
  readonly problems: readonly GridProblem[];
} {
  const problems: GridProblem[] = [];
  const axes: Axis[] = [];
  for (const [name, written] of Object.entries(value)) {
    if (name === "include" || name === "exclude") continue;
    axes.push({ name, values: readAxis(name, written, problems) });
  }
  const exclude = readEntries("exclude", value.exclude, problems);
  const include = readEntries("include", value.include, problems);
  if (axes.length === 0 && include.length === 0 && problems.length === 0) {
    problems.push({
      kind: "empty-grid",
      path: [],
      message: "`grid` has no axis",
      hint: "write an axis such as `temperature: [0, 0.7]`, or leave `grid` out for one point",
    });
  }
  const names = new Set(axes.map((axis) => axis.name));
  exclude.forEach((entry, i) => {
    for (const key of Object.keys(entry)) {
      if (!names.has(key)) {
        problems.push({
          kind: "unknown-axis",
          path: ["exclude", i, key],
          message: `\`exclude\` names \`${key}\`, which is no axis of this grid`,
          hint: `axes: ${[...names].join(", ") || "none"}`,
        });
      }
    }
  });
  return { grid: { axes, exclude, include }, problems };
}

function readEntries(
  word: "include" | "exclude",
  written: unknown,
  problems: GridProblem[],
): readonly Readonly<Record<string, unknown>>[] {
  if (written === undefined) return [];
  const list = Array.isArray(written) ? (written as readonly unknown[]) : null;
  if (list === null || list.length === 0) {
    problems.push({
      kind: "bad-entry",
      path: [word],
      message: `\`${word}\` must be a list of maps`,
      hint: `\`${word}: [ { model: … } ]\``,
    });
    return [];
  }
  const entries: Readonly<Record<string, unknown>>[] = [];
  list.forEach((entry, i) => {
    if (!isMap(entry))
      problems.push({ kind: "bad-entry", path: [word, i], message: `an entry of \`${word}\` must be a map` });
    else if (Object.keys(entry).length === 0)
      problems.push({ kind: "empty-entry", path: [word, i], message: `an entry of \`${word}\` is empty` });
    else entries.push(entry);
  });
  return entries;
}

function readAxis(name: string, written: unknown, problems: GridProblem[]): readonly AxisValue[] {
  if (isRange(written)) {
    const range = decimalRange(written.from, written.to, written.step ?? 1);
    if (typeof range === "string")
      problems.push({ kind: "bad-range", path: [name], message: `axis \`${name}\`: ${range}` });
    else return range.map((value) => ({ value, label: null }));
    return [];
  }
  if (!Array.isArray(written)) return [readValue(written)];
  const list = written as readonly unknown[];
  if (list.length === 0) {
    problems.push({
      kind: "empty-axis",
      path: [name],
      message: `axis \`${name}\` is empty`,
      hint: "give it a value, or take it out",
    });
  }
  const values = list.map(readValue);
  if (listParameters.has(name)) {
    values.forEach(({ value }, i) => {
      if (Array.isArray(value) || value === null || (typeof value === "string" && value.includes("{{")))
        return;
      problems.push({
        kind: "list-of-lists",
        path: [name, i],
        message: `a value of \`${name}\` is a list, so the axis \`${name}\` must be a list of lists`,
        hint: `one value: \`${name}: [[…]]\`; two values: \`${name}: [[…], […]]\``,
      });
    });
  }
  values.forEach(({ value }, i) => {
    const first = values.findIndex((other) => isDeepStrictEqual(other.value, value));
    if (first < i) {
      problems.push({
        kind: "repeated-value",
        path: [name, i],
        message: `axis \`${name}\` holds the same value twice`,
        hint: "for several answers to the same request use `trials`",
      });
    }
  });
  return values;
}

function readValue(written: unknown): AxisValue {
  if (isMap(written)) {
    const keys = Object.keys(written);
    if (keys.length === 2 && "label" in written && "value" in written && typeof written.label === "string") {
      return { value: written.value, label: written.label };
    }
  }
  return { value: written, label: null };
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isRange(value: unknown): value is { from: unknown; to: unknown; step?: unknown } {
  return (
    isMap(value) &&
    "from" in value &&
    "to" in value &&
    Object.keys(value).every((key) => ["from", "to", "step"].includes(key))
  );
}

/**
 * All points of one grid, by the published rule of GitHub Actions: axes crossed in the order written, the first
 * slowest; `exclude` takes out every cell it agrees with; then each `include` entry, matched by its keys that are
 * axes, adds its other keys to the cells it agrees with, or becomes a cell of its own at the end. Different on
 * purpose: equality is typed and case-sensitive, and what matches nothing is reported.
 */
export function expandGrid(
  grid: GridSpec,
  index = 0,
): { readonly points: readonly Point[]; readonly problems: readonly GridProblem[] } {
  const problems: GridProblem[] = [];
  const axisNames = new Set(grid.axes.map((axis) => axis.name));
  let cells: Cell[] = grid.axes.length === 0 ? [] : product(grid.axes);
  grid.exclude.forEach((entry, i) => {
    const left = cells.filter(
      (cell) => !Object.entries(entry).every(([key, value]) => matches(cell, key, value)),
    );
    if (left.length === cells.length) {
      problems.push({
        kind: "matches-nothing",
        path: ["exclude", i],
        message: "this `exclude` entry matches no point",
        hint: "values are compared with their type and case",
      });
    }
    cells = left;
  });
  const alone: Point[] = [];
  grid.include.forEach((entry, i) => {
    const filter = Object.entries(entry).filter(([key]) => axisNames.has(key));
    const additions = Object.entries(entry).filter(([key]) => !axisNames.has(key));
    const matching = cells.filter((cell) => filter.every(([key, value]) => matches(cell, key, value)));
    for (const cell of matching) for (const [key, value] of additions) put(cell, key, value);
    if (matching.length === 0) {
      const cell: Cell = { values: {}, labels: {} };
      for (const [key, value] of Object.entries(entry)) put(cell, key, value);
      alone.push({ ...cell, origin: { kind: "include", grid: index, entry: i } });
    } else if (additions.length === 0) {
      problems.push({
        kind: "matches-nothing",
        path: ["include", i],
        message: "this `include` entry adds nothing: its point is in the grid already",
      });
    }
  });
  const points: Point[] = cells.map((cell) => ({ ...cell, origin: { kind: "product", grid: index } }));
  return { points: [...points, ...alone], problems };
}

interface Cell {
  readonly values: Record<string, unknown>;
  readonly labels: Record<string, string>;
}

function put(cell: Cell, key: string, written: unknown): void {
  const { value, label } = readValue(written);
  cell.values[key] = value;
  if (label === null) delete cell.labels[key];
  else cell.labels[key] = label;
}

function product(axes: readonly Axis[]): Cell[] {
  return axes.reduce<Cell[]>(
    (cells, axis) =>
      cells.flatMap((cell) =>
        axis.values.map(({ value, label }) => ({
          values: { ...cell.values, [axis.name]: value },
          labels: label === null ? { ...cell.labels } : { ...cell.labels, [axis.name]: label },
        })),
      ),
    [{ values: {}, labels: {} }],
  );
}

/** Whether a cell has the value that an entry asks for, by the value or by its label. */
function matches(cell: Cell, key: string, wanted: unknown): boolean {
  return agrees(cell.values[key], wanted) || (typeof wanted === "string" && cell.labels[key] === wanted);
}

/** Whether a cell's value agrees with what an entry asks: typed; of maps and lists, the entry may name some leaves. */
function agrees(actual: unknown, wanted: unknown): boolean {
  const { value } = readValue(wanted);
  if (Array.isArray(value)) {
    return (
      Array.isArray(actual) &&
      actual.length === value.length &&
      value.every((item, i) => agrees(actual[i], item))
    );
  }
  if (isMap(value))
    return isMap(actual) && Object.entries(value).every(([key, leaf]) => agrees(actual[key], leaf));
  return Object.is(actual, value) || actual === value;
}
