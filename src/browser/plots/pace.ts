import { line, link } from "@observablehq/plot";
import type { HtmlData, Throughput } from "../../report/html-data.ts";
import { choice, element, numbers, section } from "../dom.ts";
import { figure, palette } from "../figure.ts";
import { legend, width } from "./layout.ts";

/** What a lane is limited in. */
type Unit = "requests" | "tokens";

const limitOf = { requests: "rpm", tokens: "tpm" } as const;

/** Requests or tokens a minute over the run, with the limits that are stated, and how the pace changed; null where nothing can be said. */
export function pace({ throughput, limits, summary }: HtmlData): HTMLElement | null {
  const place = element("div", {});
  const isLongEnough = throughput.lanes.some(({ requests }) => requests.length >= 3);
  const draw = (unit: Unit): void => place.replaceChildren(...rates(throughput, limits, unit));
  const controls = choice(
    "per minute",
    [
      ["requests", "requests"],
      ["tokens", "tokens"],
    ],
    "requests",
    (unit) => draw(unit as Unit),
  );
  if (isLongEnough) draw("requests");
  const steps = summary.run.pace.flatMap(({ lane, history }) =>
    history.map((step) => [step.at.slice(11, 19), lane, step.event, step.concurrency, step.reason]),
  );
  const changes =
    steps.length === 0
      ? []
      : [numbers("changes of the pace", ["at", "lane", "event", "at once", "why"], steps)];
  if (!isLongEnough && changes.length === 0) return null;
  const drawn = isLongEnough ? [element("p", { class: "controls" }, controls), place] : [];
  return section("pace", "Pace", ...drawn, ...changes);
}

function rates(
  { lanes, seconds }: Throughput,
  limits: HtmlData["limits"],
  unit: Unit,
): readonly HTMLElement[] {
  const perMinute = 60 / seconds;
  const colourOf = (i: number): string => palette[i % palette.length] ?? "currentColor";
  const points = lanes.flatMap((one, i) =>
    one[unit].map((count, k) => ({
      lane: one.lane,
      at: k * seconds,
      rate: count * perMinute,
      colour: colourOf(i),
    })),
  );
  const end = (points.at(-1)?.at ?? 0) + seconds;
  const stated = lanes.flatMap(({ lane }, i) => {
    const limit = limits[lane]?.[limitOf[unit]] ?? null;
    return limit === null ? [] : [{ limit, from: 0, to: end, colour: colourOf(i) }];
  });
  const drawn = figure(
    `${unit} per minute, by model${stated.length > 0 ? "; dashed: the limit that is stated" : ""}`,
    `${unit} per minute of ${lanes.map(({ lane }) => lane).join(", ")}`,
    {
      width,
      height: 260,
      marginLeft: 70,
      x: { label: "seconds since the start", grid: true },
      y: { label: `${unit} per minute`, grid: true, zero: true },
      marks: [
        line(points, {
          x: "at",
          y: "rate",
          z: "lane",
          stroke: "colour",
          strokeWidth: 1.6,
          title: "lane",
        }),
        link(stated, {
          x1: "from",
          x2: "to",
          y1: "limit",
          y2: "limit",
          stroke: "colour",
          strokeDasharray: "4 4",
        }),
      ],
      color: { type: "identity" },
    },
  );
  const table = numbers(
    `${unit} per minute`,
    ["seconds", ...lanes.map(({ lane }) => lane)],
    (lanes[0]?.[unit] ?? []).map((_, k) => [
      String(k * seconds),
      ...lanes.map((one) => (one[unit][k] ?? 0) * perMinute),
    ]),
  );
  return [drawn, legend(lanes.map(({ lane }) => lane)), table];
}
