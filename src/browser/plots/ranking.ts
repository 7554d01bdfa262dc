import type { Summary } from "../../aggregate/summary-shape.ts";
import { numbers } from "../dom.ts";
import { intervals } from "./intervals.ts";

/** The variants by what they are judged by, best first; none where nothing is judged. */
export function ranking(summary: Summary): readonly HTMLElement[] {
  const judged = summary.variants.flatMap((one) => {
    const rate = one.pass_rate ?? Object.values(one.scores)[0] ?? null;
    return rate === null || rate.value === null ? [] : [{ name: one.variant, ...rate, value: rate.value }];
  });
  if (judged.length === 0) return [];
  const ranked = [...judged].sort((a, b) => b.value - a.value);
  const what = summary.variants.some(({ pass_rate: rate }) => rate !== null) ? "pass rate" : "score";
  const drawn = intervals(
    ranked.map((one) => ({ ...one, filled: true })),
    {
      caption: `${what} of each variant with its 95 % interval, best first`,
      axis: what,
      domain: [0, 1],
    },
  );
  const table = numbers(
    what,
    ["variant", what, "low", "high", "rows"],
    ranked.map(({ name, value, low, high, n }) => [name, value, low, high, n]),
  );
  return [drawn, table];
}
