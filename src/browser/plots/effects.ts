import type { AxisEffect } from "../../compare/effects.ts";
import { numbers } from "../dom.ts";
import { intervals } from "./intervals.ts";

/** What each value of each axis does, drawn and in numbers; none where nothing can be said. */
export function effectFigures(all: readonly AxisEffect[]): readonly HTMLElement[] {
  const known = all.filter(({ balanced, difference }) => balanced && difference.value !== null);
  if (known.length === 0) return [];
  const nameOf = ({ axis, value }: AxisEffect): string => `${axis} = ${value ?? "(not sent)"}`;
  const points = (share: number | null): number | null => (share === null ? null : 100 * share);
  const drawn = intervals(
    known.map((one) => ({
      name: nameOf(one),
      value: points(one.difference.value) ?? 0,
      low: points(one.difference.low),
      high: points(one.difference.high),
      filled: one.p_adjusted !== null && one.p_adjusted < 0.05,
    })),
    {
      caption:
        "points against the mean of the other values of the axis, with 95 % intervals; filled: significant after Holm",
      axis: "points",
    },
  );
  const table = numbers(
    "effects",
    ["value", "mean", "points", "low", "high", "p, adjusted", "rows"],
    known.map((one) => [
      nameOf(one),
      one.value_mean,
      points(one.difference.value),
      points(one.difference.low),
      points(one.difference.high),
      one.p_adjusted,
      one.n,
    ]),
  );
  return [drawn, table];
}
