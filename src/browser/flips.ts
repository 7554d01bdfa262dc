import type { ComparisonData, ComparisonFlips, FlippedRow, HtmlFlip } from "../report/comparison-data.ts";
import { difference } from "./diff.ts";
import { choice, element } from "./dom.ts";

/** Rows that are shown before more are asked for. */
const pageSize = 50;

/** The rows that changed sides: search, filters, and both answers of each pair with what differs marked. */
export function flipsView(
  { comparisons }: ComparisonData,
  { rows }: ComparisonFlips,
): readonly HTMLElement[] {
  if (rows.length === 0) return [];
  const filter = { text: "", kind: "all", comparison: "all" };
  let shown = pageSize;
  const list = element("div", { class: "rows" });
  const count = element("p", { class: "count", role: "status" });
  const pairOf = ({ comparison }: HtmlFlip): string => comparisons[comparison]?.pair ?? "";
  const draw = (): void => {
    const found = rows.flatMap((row) => {
      const flips = row.flips.filter((flip) => isWanted(flip, filter));
      return flips.length > 0 && holds(row, flips, filter.text) ? [{ ...row, flips }] : [];
    });
    count.textContent = `${found.length} of ${rows.length} rows`;
    const items = found.slice(0, shown).map((row) => item(row, pairOf));
    const more = element(
      "button",
      { type: "button" },
      `show ${Math.min(pageSize, found.length - shown)} more`,
    );
    more.addEventListener("click", () => {
      shown += pageSize;
      draw();
    });
    list.replaceChildren(...items, ...(found.length > shown ? [more] : []));
  };
  const changed = (): void => {
    shown = pageSize;
    draw();
  };
  const search = element("input", { type: "search", placeholder: "in rows and answers" });
  search.addEventListener("input", () => {
    filter.text = search.value.toLowerCase();
    changed();
  });
  const pairs = [...new Set(rows.flatMap(({ flips }) => flips.map(({ comparison }) => comparison)))].sort(
    (a, b) => a - b,
  );
  const controls = element(
    "p",
    { class: "controls" },
    element("label", {}, "search ", search),
    choice("show", kinds, "all", (value) => {
      filter.kind = value;
      changed();
    }),
    pairs.length < 2
      ? null
      : choice(
          "pair",
          [["all", "all"], ...pairs.map((at): [string, string] => [String(at), comparisons[at]?.pair ?? ""])],
          "all",
          (value) => {
            filter.comparison = value;
            changed();
          },
        ),
  );
  draw();
  return [controls, count, list];
}

const kinds = [
  ["all", "all"],
  ["worse", "what got worse"],
  ["better", "what got better"],
] as const;

interface Filter {
  readonly text: string;
  readonly kind: string;
  readonly comparison: string;
}

function isWanted({ regressed, comparison: at }: HtmlFlip, { kind, comparison }: Filter): boolean {
  return (
    (kind === "all" || regressed === (kind === "worse")) &&
    (comparison === "all" || String(at) === comparison)
  );
}

function holds({ row_id: id, variables }: FlippedRow, flips: readonly HtmlFlip[], text: string): boolean {
  if (text === "") return true;
  const answers = flips.flatMap(({ base, candidate }) => [base ?? "", candidate ?? ""]);
  return [id, ...Object.values(variables), ...answers].some((one) => one.toLowerCase().includes(text));
}

/** A row as a line that opens; its answers are made when it does. */
function item(row: FlippedRow, pairOf: (flip: HtmlFlip) => string): HTMLElement {
  const marks = row.flips
    .slice(0, 40)
    .map((flip) => element("span", { class: stateOf(flip), title: flip.turn }, flip.regressed ? "↓" : "↑"));
  const line = element(
    "summary",
    {},
    element("span", { class: "id" }, row.row_id),
    element("span", { class: "marks" }, ...marks),
    element("span", { class: "preview" }, Object.values(row.variables).join(" · ").slice(0, 200)),
  );
  const made = element("details", { class: "row" }, line);
  made.addEventListener("toggle", () => {
    if (made.open && made.childElementCount === 1) made.append(opened(row, pairOf));
  });
  return made;
}

function stateOf({ regressed }: HtmlFlip): string {
  return `state ${regressed ? "not-passed" : "passed"}`;
}

function opened({ variables, flips }: FlippedRow, pairOf: (flip: HtmlFlip) => string): HTMLElement {
  const facts = Object.entries(variables).map(([name, value]) =>
    element(
      "div",
      {},
      element("dt", {}, name),
      element("dd", {}, element("pre", { dir: "auto", tabindex: 0 }, value)),
    ),
  );
  return element(
    "div",
    { class: "opened" },
    element(
      "details",
      { class: "fold" },
      element("summary", {}, "row"),
      element("dl", { class: "variables" }, ...facts),
    ),
    ...flips.flatMap((flip) => [
      element(
        "h3",
        { class: "pair" },
        element("span", { class: stateOf(flip) }, flip.turn),
        ` ${pairOf(flip)}`,
      ),
      bothAnswers(flip),
    ]),
  );
}

const notKept = "the answer was not kept";

function bothAnswers({ base, candidate }: HtmlFlip): HTMLElement {
  const side = (title: string, nodes: readonly (Node | string)[]): HTMLElement =>
    element(
      "article",
      { class: "card" },
      element("h4", {}, title),
      element("pre", { class: "output", dir: "auto", tabindex: 0 }, ...nodes),
    );
  const changed = base === null || candidate === null ? [candidate ?? notKept] : difference(base, candidate);
  return element("div", { class: "answers" }, side("base", [base ?? notKept]), side("candidate", changed));
}
