import { escaped } from "../report/html-text.ts";
import { messagePage, type Page, page } from "./page.ts";
import type { RunLine } from "./run-line.ts";
import { answeredWords } from "./run-words.ts";

/** The page of a run that goes on: a bar with how far it is, above the report of an earlier session where there is one. */
export function goingPage(run: RunLine): Page {
  const report = run.has_report
    ? `<iframe src="${escaped(run.href)}report.html" title="report of the run so far"></iframe>`
    : `<p class="message">The report appears here when the run ends.</p>`;
  return page(
    run.name,
    `<main class="going">
<div id="going" data-run="${escaped(run.href)}">
<h1>${escaped(run.name)}</h1>
<p><span id="going-words">goes on: ${answeredWords(run)} answered, ${run.failed ?? 0} failed</span>
<progress value="${run.answered ?? 0}" max="${Math.max(1, run.requests ?? 1)}" aria-label="answered"></progress>
<a href="/">All runs</a></p>
</div>
<p id="silence" class="mark bad" role="status"></p>
${report}
</main>`,
  );
}

/** The page of a run without a report. */
export function noReportPage(run: RunLine): Page {
  const hint = run.problem ?? "`promptgrid report DIR` makes it from the run's journal";
  return messagePage(run.name, "This run has no report.html.", hint);
}
