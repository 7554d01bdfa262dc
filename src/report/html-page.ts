import type { Summary } from "../aggregate/summary-shape.ts";
import { bestLine } from "./effects-table.ts";
import { otherReasons, verdictSentence, worstGates } from "./gate-words.ts";
import type { HtmlAnswers, HtmlData } from "./html-data.ts";
import { htmlDocument, htmlTable } from "./html-document.ts";
import { escaped } from "./html-text.ts";
import { summaryNotes, summaryTable } from "./summary-table.ts";

/** Gates that stand in the page; summary.json has all. */
const mostGates = 200;
const mostReasons = 20;

/** `report.html`: what ran, the verdict and the variants stand in it as text; the script adds plots and answers. */
export function renderHtml(data: HtmlData, answers: HtmlAnswers): string {
  const { summary } = data;
  const main = `${verdict(summary)}
<section aria-labelledby="variants-title">
<h2 id="variants-title">Variants</h2>
<div id="ranking"></div>
<div id="variants">
${htmlTable("variants", summaryTable(summary))}
</div>
${notes(summary)}
</section>
<div id="plots"></div>
<section aria-labelledby="answers-title">
<h2 id="answers-title">Answers</h2>
<p>${sampleWords(data)}</p>
<div id="answers"><noscript><p>The answers are shown by a script, which this browser does not run.</p></noscript></div>
</section>`;
  const footer = `<p>All numbers: <a href="summary.json">summary.json</a>, <a href="summary.csv">summary.csv</a>. All answers: <a href="completions.csv">completions.csv</a>, <a href="completions.jsonl">completions.jsonl</a>. Made by promptgrid ${escaped(summary.run.promptgrid_version)}.</p>`;
  const title = summary.run.name;
  return htmlDocument({
    title,
    script: "report",
    header: header(summary),
    main,
    footer,
    data,
    later: answers,
  });
}

function header({ run, totals }: Summary): string {
  const facts: readonly (readonly [string, string])[] = [
    ["answered", `${totals.answered} of ${totals.requests}`],
    ...(totals.failed > 0 ? [["failed", String(totals.failed)] as const] : []),
    ...(totals.pending > 0 ? [["not asked", String(totals.pending)] as const] : []),
    ["took", `${totals.wall_seconds} s`],
    ...totals.cost.map(
      ({ amount, currency, complete }) => ["cost", `${complete ? "" : "≥ "}${amount} ${currency}`] as const,
    ),
    ...(run.started_at === null ? [] : [["started", run.started_at.replace("T", " ").slice(0, 19)] as const]),
    ...(run.git_revision === null ? [] : [["revision", run.git_revision.slice(0, 12)] as const]),
  ];
  const list = facts.map(([name, value]) => `<div><dt>${name}</dt><dd>${escaped(value)}</dd></div>`).join("");
  const simulated =
    run.simulated.length === 0
      ? ""
      : `<p class="mark">simulated answers: ${escaped(run.simulated.join(", "))}</p>`;
  const status =
    run.status === "complete"
      ? ""
      : `<p class="mark bad">${escaped(`${run.status}${run.reason === null ? "" : `: ${run.reason}`}`)}</p>`;
  return `<header><div class="title"><h1>${escaped(run.name)}</h1><div id="tools"></div></div>${status}${simulated}<dl class="facts">${list}</dl></header>`;
}

function verdict(summary: Summary): string {
  if (summary.gates.length === 0) return "";
  const { table: shown, more } = worstGates(summary.gates, mostGates);
  const reasons = otherReasons(summary, mostReasons).map((reason) => `<li>${escaped(reason)}</li>`);
  return `<section aria-labelledby="verdict-title">
<h2 id="verdict-title">Verdict: <strong class="verdict ${summary.verdict}">${summary.verdict}</strong></h2>
<p>${escaped(verdictSentence(summary))}</p>
${reasons.length === 0 ? "" : `<ul>${reasons.join("")}</ul>`}
${htmlTable("gates", shown)}
${more === null ? "" : `<p>${escaped(more)}</p>`}
${summary.base === null ? "" : `<p><a href="comparison.html">Row by row against ${escaped(summary.base.name)}</a></p>`}
</section>`;
}

function notes(summary: Summary): string {
  const best = bestLine(summary.best);
  const lines = [
    ...(best === null ? [] : [best]),
    ...summary.warnings.map((warning) => `warning: ${warning}`),
    ...summaryNotes(summary),
  ];
  return `<ul class="notes">${lines.map((line) => `<li>${escaped(line)}</li>`).join("")}</ul>`;
}

function sampleWords({ sample }: HtmlData): string {
  if (sample.rows === sample.of) return `All ${sample.completions} answers to ${sample.of} rows.`;
  return `${sample.completions} of ${sample.of_completions} answers: ${sample.rows} of ${sample.of} rows, those with failed requests and with different verdicts first. <a href="completions.csv">completions.csv</a> has all.`;
}
