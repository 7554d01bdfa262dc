import { barX, ruleX } from "@observablehq/plot";
import type { Summary } from "../../aggregate/summary-shape.ts";
import { numbers, section } from "../dom.ts";
import { figure, palette } from "../figure.ts";
import { label, legend, room, rowHeight, width } from "./layout.ts";

/** Failed requests by variant and kind; null where none failed. */
export function failures({ variants, totals }: Summary): HTMLElement | null {
  if (totals.failed === 0) return null;
  const kinds = Object.keys(totals.failures);
  const bars = variants.flatMap((one) =>
    kinds.flatMap((kind, i) => {
      const count = one.failures[kind] ?? 0;
      return count === 0 ? [] : [{ name: one.variant, kind, count, colour: palette[i % palette.length] }];
    }),
  );
  const names = [...new Set(bars.map(({ name }) => name))];
  const drawn = figure(
    "failed requests by kind",
    bars.map(({ name, kind, count }) => `${name}: ${count} ${kind}`).join(", "),
    {
      width,
      height: 60 + rowHeight * names.length,
      marginLeft: room(names),
      x: { label: "failed requests", grid: true },
      y: { domain: names, label: null, tickFormat: label },
      marks: [barX(bars, { x: "count", y: "name", fill: "colour", title: "kind" }), ruleX([0])],
      color: { type: "identity" },
    },
  );
  const table = numbers(
    "failures",
    ["variant", ...kinds],
    variants.map((one) => [one.variant, ...kinds.map((kind) => one.failures[kind] ?? 0)]),
  );
  return section("failures", "What failed", drawn, legend(kinds), table);
}
