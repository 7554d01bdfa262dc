import { isDeepStrictEqual } from "node:util";
import type { Diagnostic, Place } from "../diagnostics/diagnostic.ts";
import { nearest } from "../diagnostics/nearest.ts";
import { expandGrid, type GridProblem, type GridSpec, type Point, readGrid } from "../plan/grid.ts";
import { permutation } from "../system/seeded-random.ts";
import type { GridFile, MatrixFile } from "./matrix-file.ts";
import type { PlacedPoint } from "./run-config.ts";
import type { Path, YamlSource } from "./yaml-source.ts";

const mostPoints = 100_000;
const warnings: ReadonlySet<GridProblem["kind"]> = new Set(["matches-nothing"]);

/** All points of a matrix: each grid expanded, the lists joined, `grid_sample` drawn; in the order written. */
export function readPoints(
  matrix: MatrixFile,
  source: YamlSource,
): { readonly points: readonly PlacedPoint[]; readonly diagnostics: readonly Diagnostic[] } {
  const { grid } = matrix;
  if (grid === undefined) {
    const point: Point = { values: {}, labels: {}, origin: { kind: "product", grid: 0 } };
    // A grid that is not there has no place but the file's.
    return { points: [{ point, place: { ...source.place([]), length: 1 } }], diagnostics: [] };
  }
  const diagnostics: Diagnostic[] = [];
  const several = Array.isArray(grid);
  const grids = (several ? grid : [grid]) as readonly GridFile[];
  const points = grids.flatMap((written, i): readonly PlacedPoint[] => {
    const base: Path = several ? ["grid", i] : ["grid"];
    const read = readGrid(written);
    diagnostics.push(
      ...oncePerList(read.problems).map((problem) => toDiagnostic(problem, base, source, written)),
    );
    if (read.problems.length > 0) return [];
    const size = cells(read.grid);
    if (size > mostPoints) {
      diagnostics.push({
        code: "grid/too-large",
        severity: "error",
        message: `the grid has ${size} points, more than ${mostPoints}`,
        hint: "shorten an axis, or split the matrix",
        place: source.keyPlace(base),
      });
      return [];
    }
    const expanded = expandGrid(read.grid, i);
    diagnostics.push(...expanded.problems.map((problem) => toDiagnostic(problem, base, source, written)));
    return expanded.points.map((point) => ({ point, place: pointPlace(point, base, source) }));
  });
  if (points.length === 0 && diagnostics.every((diagnostic) => diagnostic.severity !== "error")) {
    diagnostics.push({
      code: "grid/no-points",
      severity: "error",
      message: "`exclude` leaves no point of the grid",
      hint: "an entry takes out every point that agrees with all of its keys",
      place: source.keyPlace(several ? ["grid"] : ["grid", "exclude"]),
    });
  }
  return { points: sample(points, matrix, source, diagnostics), diagnostics };
}

function sample(
  points: readonly PlacedPoint[],
  matrix: MatrixFile,
  source: YamlSource,
  diagnostics: Diagnostic[],
): readonly PlacedPoint[] {
  const wanted = matrix.grid_sample;
  if (wanted === undefined || points.length === 0) return points;
  if (wanted.n >= points.length) {
    diagnostics.push({
      code: "grid/sample-all",
      severity: "notice",
      message: `\`grid_sample\` asks for ${wanted.n} points and the grid has ${points.length}: all are taken`,
      place: source.keyPlace(["grid_sample"]),
    });
    return points;
  }
  const drawn = [...permutation(points.length, wanted.seed ?? 0)].slice(0, wanted.n).sort((a, b) => a - b);
  return drawn.flatMap((i) => points[i] ?? []);
}

function cells(grid: GridSpec): number {
  return grid.axes.reduce((product, axis) => product * axis.values.length, grid.axes.length === 0 ? 0 : 1);
}

/** Of the items of one axis that ought to be lists, the first. */
function oncePerList(problems: readonly GridProblem[]): readonly GridProblem[] {
  const axes = new Set<unknown>();
  return problems.filter(({ kind, path: [axis] }) => {
    if (kind !== "list-of-lists") return true;
    const first = !axes.has(axis);
    axes.add(axis);
    return first;
  });
}

function toDiagnostic(problem: GridProblem, base: Path, source: YamlSource, grid: GridFile): Diagnostic {
  const { kind, message } = problem;
  const path = [...base, ...(kind === "list-of-lists" ? problem.path.slice(0, 1) : problem.path)];
  const onValue = kind === "bad-range" || kind === "list-of-lists" || typeof path.at(-1) === "number";
  const hint = hintOf(problem, grid);
  const twin = kind === "repeated-value" ? twinOf(problem, grid) : null;
  return {
    code: `grid/${kind}`,
    severity: warnings.has(kind) ? "warning" : "error",
    message,
    ...(hint === null ? {} : { hint }),
    place: onValue ? source.place(path) : source.keyPlace(path),
    ...(twin === null ? {} : { related: source.place([...base, ...twin]) }),
  };
}

function hintOf({ kind, path, hint }: GridProblem, grid: GridFile): string | null {
  if (kind === "bad-range") {
    return "both ends are values: `{ from: 0, to: 1, step: 0.25 }`; a falling range has a negative `step`";
  }
  if (kind === "unknown-axis") {
    const axes = Object.keys(grid).filter((name) => name !== "include" && name !== "exclude");
    const close = nearest(String(path.at(-1)), axes);
    if (close !== null) return `did you mean \`${close}\`?`;
  }
  if (kind === "empty-entry") return "an entry without a key would match every point";
  return hint ?? null;
}

/** Where the value stands that a repeated one equals. */
function twinOf({ path: [axis, index] }: GridProblem, grid: GridFile): Path | null {
  const values = grid[String(axis)];
  if (axis === undefined || !Array.isArray(values)) return null;
  const bare = (value: unknown): unknown =>
    typeof value === "object" && value !== null && "label" in value && "value" in value ? value.value : value;
  const wanted = bare(values[Number(index)]);
  return [axis, values.findIndex((value) => isDeepStrictEqual(bare(value), wanted))];
}

function pointPlace(point: Point, base: Path, source: YamlSource): Place {
  return point.origin.kind === "include"
    ? source.place([...base, "include", point.origin.entry])
    : source.keyPlace(base);
}
