import { line, ruleX } from "@observablehq/plot";
import type { HtmlData, VariantTimes } from "../../report/html-data.ts";
import { numbers, section } from "../dom.ts";
import { figure, palette } from "../figure.ts";
import { legend, width } from "./layout.ts";

const mostLines = 8;

/** How the times of each variant are distributed; null where nothing was timed. */
export function times({ summary, times: all }: HtmlData): HTMLElement | null {
  const kinds: readonly (readonly [keyof VariantTimes, string])[] = [
    ["latency_ms", "latency"],
    ["ttft_ms", "time to the first token"],
  ];
  const drawn = kinds.flatMap(([key, title]) => {
    const variants = summary.variants.flatMap((one, i) => {
      const quantiles = all[i]?.[key] ?? [];
      return quantiles.length === 0 ? [] : [{ name: one.variant, quantiles }];
    });
    if (variants.length === 0) return [];
    const shown = variants.slice(0, mostLines);
    const points = shown.flatMap(({ name, quantiles }, i) =>
      quantiles.map((ms, k) => ({
        name,
        ms,
        share: k / (quantiles.length - 1),
        colour: palette[i % palette.length],
      })),
    );
    const rest = variants.length - shown.length;
    return [
      figure(
        `${title}: share of the answers that came within so many milliseconds${rest > 0 ? `; the first ${mostLines} of ${variants.length} variants` : ""}`,
        `distribution of ${title} of ${shown.length} variants`,
        {
          width,
          height: 300,
          marginLeft: 50,
          x: { label: "ms", grid: true, zero: true },
          y: { label: "share", domain: [0, 1], grid: true },
          marks: [
            line(points, {
              x: "ms",
              y: "share",
              z: "name",
              stroke: "colour",
              strokeWidth: 1.8,
              title: "name",
            }),
            ruleX([0]),
          ],
          color: { type: "identity" },
        },
      ),
      legend(shown.map(({ name }) => name)),
    ];
  });
  if (drawn.length === 0) return null;
  const table = numbers(
    "times",
    ["variant", "p50", "p90", "p95", "p99", "max", "first token p50", "p95"],
    summary.variants.map(({ variant, latency_ms: latency, ttft_ms: ttft }) => [
      variant,
      latency.p50,
      latency.p90,
      latency.p95,
      latency.p99,
      latency.max,
      ttft.p50,
      ttft.p95,
    ]),
  );
  return section("times", "How long answers take", ...drawn, table);
}
