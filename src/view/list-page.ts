import { escaped } from "../report/html-text.ts";
import { unknownWord } from "../report/number-words.ts";
import { printable } from "../report/text-table.ts";
import { type Page, page } from "./page.ts";
import type { RunLine } from "./run-line.ts";
import { answeredWords, failedWords, startedWords } from "./run-words.ts";

/** Columns after those of the choice: a key that the script knows cells by, a title, and whether it holds numbers. */
const columns: readonly (readonly [key: string, title: string, number: boolean])[] = [
  ["run", "run", false],
  ["state", "status", false],
  ["started", "started (UTC)", false],
  ["answered", "answered", true],
  ["failed", "failed", true],
  ["best", "best pass rate", false],
  ["cost", "cost", true],
  ["verdict", "verdict", false],
];

/** The list of runs; `folder` is how the results folder is called. */
export function listPage(folder: string, runs: readonly RunLine[]): Page {
  return page(
    folder,
    `<a class="skip" href="#main">to the runs</a>
<header><div class="title"><h1>Runs in ${escaped(folder)}</h1><div id="tools"></div></div></header>
<main id="main">
<p id="silence" class="mark bad" role="status"></p>
<p id="live" role="status"></p>
${runs.length === 0 ? empty : list(runs)}
</main>
<footer><p>This page is served from this machine only. Ctrl-C in the terminal ends it.</p></footer>`,
  );
}

const empty = `<div id="runs"><p class="message">There is no run yet. <code>promptgrid run</code> makes one; it appears here by itself.</p></div>`;

function list(runs: readonly RunLine[]): string {
  const { base, candidate } = firstChoice(runs);
  const chooses = base !== null && candidate !== null;
  const bar = `<p class="compare"><button type="submit">Compare</button> <span id="choice">the base and the candidate that are marked</span></p>`;
  const head = [
    ...(chooses ? ["base", "candidate"].map((title) => header(title, "choose")) : []),
    ...columns.map(([, title, number]) => header(title, number ? "number" : null)),
  ];
  const rows = runs.map((run) => row(run, chooses, run === base, run === candidate));
  return `<form id="runs" action="/compare" method="get">
${chooses ? bar : ""}
<div class="scroll"><table class="runs" role="table" aria-label="runs">
<thead role="rowgroup"><tr role="row">${head.join("")}</tr></thead>
<tbody role="rowgroup">
${rows.join("\n")}
</tbody></table></div>
</form>`;
}

/**
 * What is most likely compared: the newest run that is done and has an older one of the same name, with that one; else the
 * two newest.
 */
function firstChoice(runs: readonly RunLine[]): {
  readonly base: RunLine | null;
  readonly candidate: RunLine | null;
} {
  const all = runs.filter(canBeCompared);
  const done = all.filter(({ state }) => state !== "running");
  for (const [i, candidate] of done.entries()) {
    const base = done.slice(i + 1).find(({ title }) => title === candidate.title);
    if (base !== undefined) return { base, candidate };
  }
  return { base: all[1] ?? null, candidate: all[0] ?? null };
}

/** A name with characters that a form does not send as they are cannot be chosen. */
function canBeCompared({ state, name }: RunLine): boolean {
  return state !== "unreadable" && printable(name) === name;
}

function header(title: string, kind: string | null): string {
  return `<th role="columnheader" scope="col"${kind === null ? "" : ` class="${kind}"`}>${title}</th>`;
}

function row(run: RunLine, chooses: boolean, isBase: boolean, isCandidate: boolean): string {
  const choose = (field: string, checked: boolean): string =>
    canBeCompared(run)
      ? `<td role="cell" class="choose"><label><input type="radio" name="${field}" value="${escaped(run.name)}"${checked ? " checked" : ""} aria-label="${field}: ${escaped(run.name)}"><span aria-hidden="true">${field}</span></label></td>`
      : `<td role="cell" class="choose"></td>`;
  const cells = columns.map(([key, title, number]) => {
    if (key === "run") return `<th role="rowheader" scope="row">${nameCell(run)}</th>`;
    const shown = cell(key, run);
    const kinds = [...(number ? ["number"] : []), ...(shown === unknownWord ? ["unknown"] : [])].join(" ");
    return `<td role="cell" data-cell="${key}" data-title="${title}"${kinds === "" ? "" : ` class="${kinds}"`}>${shown}</td>`;
  });
  const choices = chooses ? [choose("base", isBase), choose("candidate", isCandidate)] : [];
  return `<tr role="row" class="${run.state}" data-run="${escaped(run.href)}">${[...choices, ...cells].join("")}</tr>`;
}

function nameCell(run: RunLine): string {
  const name = escaped(run.name);
  const opens = run.has_report || run.state === "running";
  const title = run.title !== null && !run.name.startsWith(run.title) ? run.title : null;
  return [
    opens ? `<a href="${escaped(run.href)}">${name}</a>` : name,
    ...(title === null ? [] : [`<span class="front">${escaped(title)}</span>`]),
    ...(run.simulated ? [`<span class="front">simulated answers</span>`] : []),
    ...(run.problem === null ? [] : [`<span class="front problem">${escaped(run.problem)}</span>`]),
  ].join("");
}

function cell(key: string, run: RunLine): string {
  switch (key) {
    case "state":
      return `<span class="word">${run.state}</span>${run.state === "running" ? progressBar(run) : ""}`;
    case "started":
      return escaped(startedWords(run));
    case "answered":
      return answeredWords(run);
    case "failed":
      return failedWords(run);
    case "best":
      return run.best === null
        ? unknownWord
        : `${escaped(run.best.words)}<span class="front">${escaped(run.best.variant).replaceAll(",", ",<wbr>")}</span>`;
    case "cost":
      return escaped(run.cost ?? unknownWord);
    default:
      return run.verdict === null
        ? unknownWord
        : `<span class="verdict ${escaped(run.verdict)}">${escaped(run.verdict)}</span>`;
  }
}

/** How far a run is. */
function progressBar({ name, answered, requests }: RunLine): string {
  return `<progress value="${answered ?? 0}" max="${Math.max(1, requests ?? 1)}" aria-label="answered of ${escaped(name)}"></progress>`;
}
