import type { Diagnostic, Place } from "../diagnostics/diagnostic.ts";
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
    return { points: [{ point, place: source.place([]) }], diagnostics: [] };
  }
  const diagnostics: Diagnostic[] = [];
  const several = Array.isArray(grid);
  const grids = (several ? grid : [grid]) as readonly GridFile[];
  const points = grids.flatMap((written, i): readonly PlacedPoint[] => {
    const base: Path = several ? ["grid", i] : ["grid"];
    const read = readGrid(written);
    diagnostics.push(...read.problems.map((problem) => toDiagnostic(problem, base, source)));
    if (read.problems.length > 0) return [];
    const size = cells(read.grid);
    if (size > mostPoints) {
      diagnostics.push({
        code: "grid/too-large",
        severity: "error",
        message: `the grid has ${size} points, more than ${mostPoints}`,
        hint: "shorten an axis, or split the matrix",
        place: source.place(base),
      });
      return [];
    }
    const expanded = expandGrid(read.grid, i);
    diagnostics.push(...expanded.problems.map((problem) => toDiagnostic(problem, base, source)));
    return expanded.points.map((point) => ({ point, place: pointPlace(point, base, source) }));
  });
  if (points.length === 0 && diagnostics.every((diagnostic) => diagnostic.severity !== "error")) {
    diagnostics.push({
      code: "grid/no-points",
      severity: "error",
      message: "`exclude` leaves no point of the grid",
      place: source.keyPlace(["grid"]),
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

function toDiagnostic(problem: GridProblem, base: Path, source: YamlSource): Diagnostic {
  const onKey = typeof problem.path.at(-1) === "string";
  const path = [...base, ...problem.path];
  return {
    code: `grid/${problem.kind}`,
    severity: warnings.has(problem.kind) ? "warning" : "error",
    message: problem.message,
    ...(problem.hint === undefined ? {} : { hint: problem.hint }),
    place: onKey ? source.keyPlace(path) : source.place(path),
  };
}

function pointPlace(point: Point, base: Path, source: YamlSource): Place {
  return point.origin.kind === "include"
    ? source.place([...base, "include", point.origin.entry])
    : source.keyPlace(base);
}
