import { cell, text } from "@observablehq/plot";
import type { Summary } from "../../aggregate/summary-shape.ts";
import { choice, element, format, numbers, section } from "../dom.ts";
import { figure } from "../figure.ts";
import { axesOf, metricsOf, type PageAxis, type PageMetric } from "../metrics.ts";
import { label, room } from "./layout.ts";

/** In the place of an axis: everything in one line. */
const undivided: PageAxis = { name: "(all)", values: ["all"], of: () => "all" };

/** Pixels of a column. */
const leastColumn = 90;
const mostColumn = 170;

/** Any two axes by any metric, a cell each; null where there is one variant. */
export function heatMap(summary: Summary): HTMLElement | null {
  const axes = axesOf(summary);
  const metrics = metricsOf(summary);
  const [first, second = undivided] = axes;
  const [metric] = metrics;
  if (first === undefined || metric === undefined || summary.variants.length < 2) return null;
  const state = { x: second, y: first, metric };
  const place = element("div", {});
  const draw = (): void => place.replaceChildren(...mapOf(summary, state.x, state.y, state.metric));
  const axisChoice = (key: "x" | "y", words: string): HTMLElement =>
    choice(
      words,
      [...axes, undivided].map(({ name }) => [name, name]),
      state[key].name,
      (name) => {
        state[key] = axes.find((axis) => axis.name === name) ?? undivided;
        draw();
      },
    );
  const metricChoice = choice(
    "metric",
    metrics.map(({ id, title }) => [id, title]),
    metric.id,
    (id) => {
      state.metric = metrics.find((one) => one.id === id) ?? state.metric;
      draw();
    },
  );
  draw();
  const controls = element(
    "p",
    { class: "controls" },
    metricChoice,
    axisChoice("y", "down"),
    axisChoice("x", "across"),
  );
  return section("map", "Two axes at once", controls, place);
}

function mapOf(summary: Summary, x: PageAxis, y: PageAxis, metric: PageMetric): readonly HTMLElement[] {
  const cells = y.values.flatMap((down) =>
    x.values.flatMap((across) => {
      const found = summary.variants
        .filter((one) => x.of(one) === across && y.of(one) === down)
        .flatMap((one) => metric.of(one) ?? []);
      if (found.length === 0) return [];
      return [
        { down, across, value: found.reduce((sum, one) => sum + one, 0) / found.length, n: found.length },
      ];
    }),
  );
  const values = cells.map(({ value }) => value);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  // Better is darker; the text on a cell is chosen by how dark that is.
  const share = (value: number): number => {
    const up = high === low ? 0.5 : (value - low) / (high - low);
    return metric.better === "higher" ? up : 1 - up;
  };
  const shade = (value: number): string => `hsl(205 70% ${Math.round(92 - 58 * share(value))}%)`;
  const drawn = figure(
    `${metric.title}, the mean of the variants in a cell; darker is better`,
    `${metric.title} by ${y.name} and ${x.name}`,
    {
      width: Math.max(280, Math.min(960, room(y.values) + columnWidth(x.values) * x.values.length)),
      height: 50 + 34 * y.values.length,
      marginLeft: room(y.values),
      marginTop: 40,
      marginBottom: 10,
      x: {
        domain: [...x.values],
        label: x === undivided ? null : x.name,
        axis: "top",
        type: "band",
        tickFormat: shortLabel,
      },
      y: { domain: [...y.values], label: y === undivided ? null : y.name, type: "band", tickFormat: label },
      marks: [
        cell(cells, {
          x: "across",
          y: "down",
          fill: ({ value }: { value: number }) => shade(value),
          inset: 1,
        }),
        text(cells, {
          x: "across",
          y: "down",
          text: ({ value }: { value: number }) => format(value),
          fill: ({ value }: { value: number }) => (share(value) > 0.45 ? "white" : "black"),
        }),
      ],
      color: { type: "identity" },
    },
  );
  const table = numbers(
    metric.title,
    [y.name, x.name, metric.title, "variants"],
    cells.map(({ down, across, value, n }) => [down, across, value, n]),
  );
  return [drawn, table];
}

function columnWidth(names: readonly string[]): number {
  const longest = Math.max(...names.map((one) => shortLabel(one).length));
  return Math.min(mostColumn, Math.max(leastColumn, 16 + 7 * longest));
}

/** A name above a column. */
function shortLabel(name: string): string {
  return name.length <= 21 ? name : `${name.slice(0, 10)}…${name.slice(-10)}`;
}
