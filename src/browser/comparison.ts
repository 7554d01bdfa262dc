import type { ComparisonData, ComparisonFlips } from "../report/comparison-data.ts";
import { difference } from "./diff.ts";
import { choice, element, format, numbers, section } from "./dom.ts";
import { afterFirstPaint, deflatedData, markReady, textOf } from "./embedded.ts";
import { flipsView } from "./flips.ts";
import { effectFigures } from "./plots/effects.ts";
import { intervals } from "./plots/intervals.ts";
import { themeButton } from "./theme.ts";

/** Fills the page of a comparison. */
function start(): void {
  const data = JSON.parse(textOf("data")) as ComparisonData;
  document.getElementById("tools")?.append(themeButton());
  document.getElementById("differences")?.append(...differences(data));
  afterFirstPaint(() => {
    document.getElementById("plots")?.append(...prompts(data), ...axisEffects(data));
    void showFlips(data);
  });
}

async function showFlips(data: ComparisonData): Promise<void> {
  const place = document.getElementById("flips");
  try {
    const flips = (await deflatedData()) as ComparisonFlips;
    place?.replaceChildren(...flipsView(data, flips));
  } catch (error) {
    place?.replaceChildren(element("p", {}, `The rows cannot be shown: ${String(error)}`));
  }
  markReady();
}

/** The differences of one metric, a line a pair; the metric is chosen. */
function differences({ comparisons }: ComparisonData): readonly HTMLElement[] {
  const metrics = [...new Set(comparisons.map(({ metric }) => metric))].filter((metric) =>
    comparisons.some((one) => one.metric === metric && one.difference.value !== null),
  );
  const [first] = metrics;
  if (first === undefined) return [];
  const place = element("div", {});
  const draw = (metric: string): void => {
    const rows = comparisons.filter((one) => one.metric === metric && one.difference.value !== null);
    const unit = rows.every(({ relative }) => relative) ? "%" : "points";
    const scaled = (value: number | null): number | null => (value === null ? null : 100 * value);
    const drawn = intervals(
      rows.map((one) => ({
        name: one.pair,
        value: scaled(one.difference.value) ?? 0,
        low: scaled(one.difference.low),
        high: scaled(one.difference.high),
        filled: (one.p_adjusted ?? one.p_value ?? 1) < 0.05,
      })),
      {
        caption: `${metric}: candidate − base in ${unit}, with 95 % intervals; filled: p < 0.05 after Holm`,
        axis: `change in ${unit}`,
      },
    );
    const table = numbers(
      metric,
      ["pair", "base", "candidate", `change, ${unit}`, "low", "high", "p", "p, adjusted", "rows"],
      rows.map((one) => [
        one.pair,
        one.base_value,
        one.candidate_value,
        scaled(one.difference.value),
        scaled(one.difference.low),
        scaled(one.difference.high),
        one.p_value,
        one.p_adjusted,
        one.n,
      ]),
    );
    place.replaceChildren(drawn, table);
  };
  draw(first);
  const chosen = choice(
    "metric",
    metrics.map((metric) => [metric, metric]),
    first,
    draw,
  );
  return [...(metrics.length > 1 ? [element("p", { class: "controls" }, chosen)] : []), place];
}

/** What changed in the prompts, word by word. */
function prompts({ prompts: changed }: ComparisonData): readonly HTMLElement[] {
  if (changed.length === 0) return [];
  const items = changed.map(({ prompt_id: id, base, candidate }) =>
    element(
      "details",
      { class: "row", open: changed.length === 1 },
      element("summary", {}, element("span", { class: "id" }, id)),
      element("pre", { dir: "auto", tabindex: 0 }, ...difference(base, candidate)),
    ),
  );
  return [section("prompts", "Prompts that changed", ...items)];
}

/** What each axis does, on both sides. */
function axisEffects({ sides, effects }: ComparisonData): readonly HTMLElement[] {
  const drawn = effects.flatMap((own, i) => {
    const figures = effectFigures(own);
    if (figures.length === 0) return [];
    return effects.length === 1 ? figures : [element("h3", {}, sides[i] ?? ""), ...figures];
  });
  const changes = effects.length === 2 ? changesOf(effects) : [];
  return drawn.length === 0 ? [] : [section("effects", "What each axis does", ...changes, ...drawn)];
}

/** The mean of each value of each axis on both sides, and by how many points it moved. */
function changesOf(effects: ComparisonData["effects"]): readonly HTMLElement[] {
  const [before = [], now = []] = effects;
  const rows = now.flatMap((one) => {
    const old = before.find(({ axis, value }) => axis === one.axis && value === one.value);
    if (old === undefined || old.value_mean === null || one.value_mean === null) return [];
    const moved = 100 * (one.value_mean - old.value_mean);
    return [
      [
        `${one.axis} = ${one.value ?? "(not sent)"}`,
        old.value_mean,
        one.value_mean,
        `${moved > 0 ? "+" : ""}${format(moved)}`,
      ],
    ];
  });
  return rows.length === 0
    ? []
    : [numbers("both sides", ["value", "base", "candidate", "points"], rows, "both sides in numbers")];
}

start();
