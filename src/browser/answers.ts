import type { Summary } from "../aggregate/summary-shape.ts";
import type { HtmlAnswer, HtmlAnswers, HtmlRow } from "../report/html-data.ts";
import { difference } from "./diff.ts";
import { choice, element, format } from "./dom.ts";

/** Rows that are shown before more are asked for. */
const pageSize = 50;

const states = [
  ["all", "all rows"],
  ["failed", "a request failed"],
  ["flips", "verdicts differ"],
  ["fails", "some answer does not pass"],
  ["passes", "all answers pass"],
  ["unscored", "some answer is not scored"],
] as const;

/** The browser of answers: search, filters, rows, and the answers of a row side by side. */
export function answersView(summary: Summary, { rows }: HtmlAnswers): readonly HTMLElement[] {
  const filter = { text: "", state: "all", variant: "all" };
  let shown = pageSize;
  const list = element("div", { class: "rows" });
  const count = element("p", { class: "count", role: "status" });
  const draw = (): void => {
    const found = rows.filter((row) => isWanted(row, filter));
    count.textContent = `${found.length} of ${rows.length} rows`;
    const items = found.slice(0, shown).map((row) => rowItem(row, summary, filter.variant));
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
  const search = element("input", { type: "search", placeholder: "in rows, answers, errors" });
  search.addEventListener("input", () => {
    filter.text = search.value.toLowerCase();
    changed();
  });
  const controls = element(
    "p",
    { class: "controls" },
    element("label", {}, "search ", search),
    choice("show", states, "all", (value) => {
      filter.state = value;
      changed();
    }),
    choice(
      "variant",
      [["all", "all"], ...summary.variants.map(({ variant }, i): [string, string] => [String(i), variant])],
      "all",
      (value) => {
        filter.variant = value;
        changed();
      },
    ),
  );
  draw();
  return [controls, count, list];
}

interface Filter {
  readonly text: string;
  readonly state: string;
  readonly variant: string;
}

function answersOf(row: HtmlRow, variant: string): readonly HtmlAnswer[] {
  return variant === "all" ? row.answers : row.answers.filter((one) => String(one.variant) === variant);
}

function isWanted(row: HtmlRow, { text, state, variant }: Filter): boolean {
  const answers = answersOf(row, variant);
  return (
    answers.length > 0 && fitsState(answers, state) && (text === "" || textOf(row, answers).includes(text))
  );
}

function fitsState(answers: readonly HtmlAnswer[], state: string): boolean {
  const some = (passed: boolean | null): boolean =>
    answers.some((one) => one.status === "ok" && one.passed === passed);
  switch (state) {
    case "failed":
      return answers.some(({ status }) => status === "failed");
    case "flips":
      return some(true) && some(false);
    case "fails":
      return some(false);
    case "passes":
      return answers.every(({ passed }) => passed === true);
    case "unscored":
      return some(null);
    default:
      return true;
  }
}

function textOf(row: HtmlRow, answers: readonly HtmlAnswer[]): string {
  return [
    row.row_id,
    JSON.stringify(row.variables),
    ...answers.flatMap(({ output, reasoning, error, reason }) => [
      output,
      reasoning,
      error ?? "",
      reason ?? "",
    ]),
  ]
    .join("\n")
    .toLowerCase();
}

/** A row as a line that opens; its answers are made when it does. */
function rowItem(row: HtmlRow, summary: Summary, variant: string): HTMLElement {
  const answers = answersOf(row, variant);
  const marks = element("span", { class: "marks" }, ...answers.slice(0, 40).map(mark));
  const preview = Object.values(row.variables)
    .map((value) => (typeof value === "string" ? value : JSON.stringify(value)))
    .join(" · ");
  const line = element(
    "summary",
    {},
    element("span", { class: "id" }, row.row_id),
    marks,
    element("span", { class: "preview" }, preview.slice(0, 160)),
  );
  const item = element("details", { class: "row" }, line);
  item.addEventListener("toggle", () => {
    if (item.open && item.childElementCount === 1) item.append(opened(row, answers, summary));
  });
  return item;
}

function mark(answer: HtmlAnswer): HTMLElement {
  const [sign, words] = stateOf(answer);
  return element("span", { class: `state ${words.replace(" ", "-")}`, title: words }, sign);
}

function stateOf({ status, passed }: HtmlAnswer): readonly [sign: string, words: string] {
  if (status === "failed") return ["!", "failed"];
  if (passed === null) return ["·", "not judged"];
  return passed ? ["✓", "passed"] : ["✗", "not passed"];
}

function opened(row: HtmlRow, answers: readonly HtmlAnswer[], summary: Summary): HTMLElement {
  let base: HtmlAnswer | null = null;
  const grid = element("div", { class: "answers" });
  const draw = (): void => grid.replaceChildren(...answers.map((one) => card(one, base, row, summary)));
  const against = choice(
    "mark differences from",
    [["none", "nothing"], ...answers.map((one, i): [string, string] => [String(i), nameOf(one, summary)])],
    "none",
    (value) => {
      base = value === "none" ? null : (answers[Number(value)] ?? null);
      draw();
    },
  );
  draw();
  const facts = element(
    "dl",
    { class: "variables" },
    ...Object.entries(row.variables).map(([name, value]) =>
      element(
        "div",
        {},
        element("dt", {}, name),
        element("dd", {}, block(typeof value === "string" ? value : JSON.stringify(value, null, 1))),
      ),
    ),
  );
  return element(
    "div",
    { class: "opened" },
    folded("row", facts),
    answers.length > 1 ? element("p", { class: "controls" }, against) : null,
    grid,
  );
}

function nameOf({ variant, trial, choice: which }: HtmlAnswer, { variants }: Summary): string {
  const name = variants[variant]?.variant ?? "";
  return `${name}${trial > 0 ? `, trial ${trial}` : ""}${which > 0 ? `, choice ${which}` : ""}`;
}

function card(answer: HtmlAnswer, base: HtmlAnswer | null, row: HtmlRow, summary: Summary): HTMLElement {
  const [sign, words] = stateOf(answer);
  const facts = [
    answer.latency_ms === null ? null : `${format(answer.latency_ms)} ms`,
    answer.completion_tokens === null ? null : `${format(answer.completion_tokens)} tokens`,
    answer.cost,
    answer.finish_reason === null || answer.finish_reason === "stop"
      ? null
      : `ended by ${answer.finish_reason}`,
  ].filter((one) => one !== null);
  const text =
    base === null || base === answer
      ? [document.createTextNode(answer.output)]
      : difference(base.output, answer.output);
  const scores = Object.entries(answer.scores).map(([id, { value, reason }]) =>
    element(
      "li",
      {},
      `${id}: ${value === null ? "not scored" : format(value)}${reason === undefined ? "" : ` (${reason})`}`,
    ),
  );
  const asked = { ...answer.parameters, messages: row.messages[answer.asked] };
  return element(
    "article",
    { class: "card" },
    element(
      "h3",
      {},
      element("span", { class: `state ${words.replace(" ", "-")}` }, sign),
      ...breakable(` ${nameOf(answer, summary)}`),
    ),
    element("p", { class: "facts-line" }, [words, ...facts].join(" · ")),
    answer.error === null ? null : element("p", { class: "error" }, answer.error),
    answer.output === "" ? null : element("pre", { class: "output", dir: "auto", tabindex: 0 }, ...text),
    answer.tool_calls.length === 0
      ? null
      : folded(
          `${answer.tool_calls.length} tool call${answer.tool_calls.length === 1 ? "" : "s"}`,
          ...answer.tool_calls.map(({ name, arguments: text }) => block(`${name}(${text})`)),
        ),
    answer.reasoning === "" ? null : folded("reasoning", block(answer.reasoning)),
    scores.length === 0 ? null : folded("scores", element("ul", {}, ...scores)),
    folded("request", block(JSON.stringify(asked, null, 1))),
  );
}

/** A label may break after its commas. */
function breakable(text: string): readonly (Node | string)[] {
  return text.split(/(?<=,)/).flatMap((part) => [part, element("wbr")]);
}

function folded(title: string, ...children: readonly HTMLElement[]): HTMLElement {
  return element("details", {}, element("summary", {}, title), ...children);
}

function block(text: string): HTMLElement {
  return element("pre", { dir: "auto", tabindex: 0 }, text);
}
