import type { ComparisonReport } from "../compare/comparison.ts";
import { type CompareTable, compareTables } from "./compare-cells.ts";
import { compareNotes } from "./compare-notes.ts";
import { verdictWords } from "./compare-verdict.ts";
import type { ComparisonData, ComparisonFlips } from "./comparison-data.ts";
import { htmlDocument, htmlTable } from "./html-document.ts";
import { escaped } from "./html-text.ts";

/** Reasons that stand open. */
const mostReasons = 4;

/**
 * `comparison.html`: the verdict and the tables of a comparison stand in it as text; the script adds the plots of its
 * differences, what changed in the prompts, and the rows that changed sides.
 */
export function renderComparisonPage(
  report: ComparisonReport,
  data: ComparisonData,
  flips: ComparisonFlips,
): string {
  const title = data.sides.join(" → ");
  const { base, candidate, tables } = compareTables(report.comparisons);
  const shared = [
    ...(base === null ? [] : [["base", base] as const]),
    ...(candidate === null ? [] : [["candidate", candidate] as const]),
  ].map(([name, value]) => `<div><dt>${name}</dt><dd>${escaped(value)}</dd></div>`);
  const facts = shared.length === 0 ? "" : `<dl class="facts">${shared.join("")}</dl>`;
  const main = `${verdict(report)}
<section aria-labelledby="differences-title">
<h2 id="differences-title">Differences</h2>
<div id="differences"></div>
${tables.map(metricTable).join("\n")}
<ul class="notes">${compareNotes(report)
    .map((note) => `<li>${escaped(note)}</li>`)
    .join("")}</ul>
</section>
<div id="plots"></div>
<section aria-labelledby="flips-title">
<h2 id="flips-title">Rows that changed sides</h2>
<p>${flipWords(data)}</p>
<div id="flips"><noscript><p>The rows are shown by a script, which this browser does not run.</p></noscript></div>
</section>`;
  return htmlDocument({
    title,
    script: "comparison",
    header: `<header><div class="title"><h1>${escaped(title)}</h1><div id="tools"></div></div>${facts}</header>`,
    main,
    footer: "<p>A comparison made by promptgrid.</p>",
    data,
    later: flips,
  });
}

/** The tables of the first metric are open, the others fold. */
function metricTable(one: CompareTable, i: number): string {
  const { title } = one;
  if (title === null) return htmlTable("differences", one);
  const open = i === 0 ? " open" : "";
  return `<details class="fold"${open}><summary>${escaped(title)}</summary>${htmlTable(title, one)}</details>`;
}

function verdict(report: ComparisonReport): string {
  const { verdict: name, sentence, details, more } = verdictWords(report);
  const reasons = details.map(
    ({ verdict: one, text }) => `<li><strong>${one}</strong> ${escaped(text)}</li>`,
  );
  const [first, rest] = [reasons.slice(0, mostReasons), reasons.slice(mostReasons)];
  return `<section aria-labelledby="verdict-title">
<h2 id="verdict-title">Verdict: <strong class="verdict ${report.verdict}">${escaped(name)}</strong></h2>
<p>${escaped(sentence)}</p>
${first.length === 0 ? "" : `<ul>${first.join("")}</ul>`}
${rest.length === 0 ? "" : `<details class="fold"><summary>${rest.length} more</summary><ul>${rest.join("")}</ul></details>`}
${more === 0 ? "" : `<p>${more} more, in the tables below</p>`}
</section>`;
}

function flipWords({ flips: { shown, of } }: ComparisonData): string {
  if (of === 0) return "No row changed sides.";
  return shown === of
    ? `All ${of}, regressions first.`
    : `${shown} of ${of}, regressions first; <code>promptgrid compare --format json</code> has all.`;
}
