import { dot, line, text } from "@observablehq/plot";
import type { Summary, VariantSummary } from "../../aggregate/summary-shape.ts";
import { element, numbers, section } from "../dom.ts";
import { figure, palette } from "../figure.ts";
import { metricsOf } from "../metrics.ts";
import { width } from "./layout.ts";

/** Quality against cost, and against time; the front that nothing beats is joined. */
export function tradeOffs(summary: Summary): HTMLElement | null {
  const quality = metricsOf(summary).find(({ better }) => better === "higher");
  if (quality === undefined) return null;
  const front = new Set(summary.pareto?.variants.map((one) => one.variant_id) ?? []);
  const against: readonly (readonly [string, (one: VariantSummary) => number | null])[] = [
    ["cost of a request", (one) => one.cost_per_request],
    ["latency p50, ms", (one) => one.latency_ms.p50],
  ];
  const drawn = against.flatMap(([title, of]) => {
    const points = summary.variants.flatMap((one) => {
      const [x, y] = [of(one), quality.of(one)];
      return x === null || y === null ? [] : [{ x, y, name: one.variant, best: front.has(one.variant_id) }];
    });
    if (points.length < 2 || points.every(({ x }) => x === points[0]?.x)) return [];
    const best = points.filter(({ best: is }) => is).sort((a, b) => a.x - b.x);
    return [
      figure(
        `${quality.title} against ${title}; filled: no other variant is better in everything`,
        `${points.length} variants; on the front: ${best.map(({ name }) => name).join(", ")}`,
        {
          width,
          height: 320,
          marginLeft: 50,
          x: { label: title, grid: true, zero: true, nice: true },
          y: { label: quality.title, grid: true, domain: [0, 1] },
          marks: [
            line(best, { x: "x", y: "y", stroke: palette[1] ?? "currentColor", strokeDasharray: "3 3" }),
            dot(points, {
              x: "x",
              y: "y",
              r: 5,
              stroke: palette[0] ?? "currentColor",
              fill: ({ best: is }: { best: boolean }) => (is ? (palette[0] ?? "currentColor") : "none"),
              title: "name",
            }),
            text(best, {
              x: "x",
              y: "y",
              text: (_: unknown, i: number) => String(i + 1),
              dy: -13,
              fontWeight: 600,
              fill: "currentColor",
            }),
          ],
          color: { type: "identity" },
        },
      ),
      element("ol", { class: "front" }, ...best.map(({ name }) => element("li", {}, name))),
    ];
  });
  if (drawn.length === 0) return null;
  const table = numbers(
    "quality, cost and time",
    ["variant", quality.title, "cost of a request", "latency p50, ms", "on the front"],
    summary.variants.map((one) => [
      one.variant,
      quality.of(one),
      one.cost_per_request,
      one.latency_ms.p50,
      front.has(one.variant_id) ? "yes" : "",
    ]),
  );
  return section("tradeoffs", "Quality, cost and time", ...drawn, table);
}
