import { dot, link, ruleX } from "@observablehq/plot";
import { format } from "../dom.ts";
import { figure, palette } from "../figure.ts";
import { label, room, rowHeight, width } from "./layout.ts";

/** A value with its interval; `name` is its line, and no two have the same. */
export interface Interval {
  readonly name: string;
  readonly value: number;
  readonly low: number | null;
  readonly high: number | null;
  /** A filled dot; else a ring. */
  readonly filled: boolean;
}

interface IntervalOptions {
  readonly caption: string;
  readonly axis: string;
  /** What the axis spans; absent fits the values, with 0 marked. */
  readonly domain?: readonly [number, number];
}

/** Values with their intervals, a line each. */
export function intervals(
  rows: readonly Interval[],
  { caption, axis, domain }: IntervalOptions,
): HTMLElement {
  const names = rows.map(({ name }) => name);
  const known = rows.filter(({ low, high }) => low !== null && high !== null);
  const told = rows.slice(0, 10).map(({ name, value }) => `${name} ${format(value)}`);
  return figure(caption, `${axis}: ${told.join(", ")}`, {
    width,
    height: 60 + rowHeight * rows.length,
    marginLeft: room(names),
    x: { label: axis, grid: true, ...(domain === undefined ? {} : { domain: [...domain] }) },
    y: { domain: names, label: null, tickFormat: label },
    marks: [
      ...(domain === undefined ? [ruleX([0], { stroke: "currentColor", strokeOpacity: 0.5 })] : []),
      link(known, {
        x1: "low",
        x2: "high",
        y1: "name",
        y2: "name",
        stroke: "currentColor",
        strokeOpacity: 0.6,
        strokeWidth: 2,
      }),
      dot(rows, {
        x: "value",
        y: "name",
        r: 4.5,
        stroke: palette[0] ?? "currentColor",
        fill: ({ filled }: Interval) => (filled ? (palette[0] ?? "currentColor") : "none"),
        title: "name",
      }),
    ],
    color: { type: "identity" },
  });
}
