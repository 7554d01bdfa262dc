import type { HtmlData } from "../report/html-data.ts";
import { section } from "./dom.ts";
import { effectFigures } from "./plots/effects.ts";
import { failures } from "./plots/failures.ts";
import { heatMap } from "./plots/heat-map.ts";
import { pace } from "./plots/pace.ts";
import { times } from "./plots/times.ts";
import { tradeOffs } from "./plots/trade-offs.ts";

/** Every plot that has something to show, each in a section. */
export function plotsOf(data: HtmlData): readonly HTMLElement[] {
  const { summary } = data;
  const effects = effectFigures(summary.effects);
  return [
    heatMap(summary),
    tradeOffs(summary),
    times(data),
    effects.length === 0 ? null : section("effects", "What each axis does", ...effects),
    failures(summary),
    pace(data),
  ].flatMap((one) => (one === null ? [] : [one]));
}
