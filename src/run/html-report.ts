import { join } from "node:path";
import type { Summary } from "../aggregate/summary-shape.ts";
import { JournalLines } from "../journal/reader.ts";
import type { HtmlData, HtmlRow } from "../report/html-data.ts";
import { renderHtml } from "../report/html-page.ts";
import { HtmlRowBuilder } from "../report/html-row.ts";
import { type HtmlTally, interests } from "../report/html-tally.ts";
import { writeAtomically } from "../system/write-atomically.ts";
import type { JournalIndex } from "./journal-index.ts";
import { fitsPattern } from "./lanes.ts";
import type { Prepared } from "./prepare.ts";
import { resultAt } from "./results.ts";
import { runFiles } from "./run-directory.ts";

/** Characters of rows and answers that the page holds: what deflates badly still makes less than 15 MB. */
const mostCharacters = 8_000_000;
/** Rows that are looked at for the page. */
const mostRows = 5_000;

/** Writes `report.html`: the summary with plots, and the rows that are most worth a look. */
export function writeHtml(
  directory: string,
  prepared: Prepared,
  index: JournalIndex,
  summary: Summary,
  tally: HtmlTally,
): void {
  const rows = sampledRows(directory, prepared, index, tally);
  const data: HtmlData = {
    summary,
    times: tally.times(prepared.plan.variants.length),
    throughput: tally.throughput(),
    sample: {
      rows: rows.length,
      of: prepared.plan.rows.length,
      completions: rows.reduce((sum, row) => sum + row.answers.length, 0),
      of_completions: tally.completions,
    },
    limits: statedLimits(prepared),
  };
  writeAtomically(join(directory, "report.html"), renderHtml(data, { rows }));
}

/** Rows with all their answers, the most interesting first, until the page is full. */
function sampledRows(
  directory: string,
  prepared: Prepared,
  index: JournalIndex,
  tally: HtmlTally,
): readonly HtmlRow[] {
  const lines = new JournalLines(join(directory, runFiles.journal));
  const rows: HtmlRow[] = [];
  let room = mostCharacters;
  try {
    for (const row of byInterest(prepared.plan.rows.length, tally)) {
      const built = rowOf(row, prepared, index, lines, room);
      if (built === null) break;
      room -= built.characters;
      const answered = built.build();
      if (answered.answers.length > 0) rows.push(answered);
    }
  } finally {
    lines.close();
  }
  return rows;
}

function byInterest(count: number, tally: HtmlTally): readonly number[] {
  const order: number[] = [];
  for (const wanted of Object.values(interests).sort((a, b) => b - a)) {
    for (let row = 0; row < count && order.length < mostRows; row++)
      if (tally.interest(row) === wanted) order.push(row);
  }
  return order;
}

/** All answers of a row; null when they do not fit. */
function rowOf(
  row: number,
  prepared: Prepared,
  index: JournalIndex,
  lines: JournalLines,
  room: number,
): HtmlRowBuilder | null {
  const { plan } = prepared;
  const { id, variables } = plan.row(row);
  const builder = new HtmlRowBuilder(id, variables);
  for (const [variantIndex, { trials }] of plan.variants.entries()) {
    for (let trial = 0; trial < trials; trial++) {
      const position = plan.indexOf({ variantIndex, rowIndex: row, trial });
      if (position < 0) continue;
      builder.add(resultAt(prepared, index, lines, position));
      if (builder.characters > room) return null;
    }
  }
  return builder;
}

/** What the matrix states for the models of the plan, the narrower over the wider. */
function statedLimits({ config, plan }: Prepared): HtmlData["limits"] {
  const { limits } = config;
  const models = new Set(plan.variants.map(({ parameters }) => String(parameters.model)));
  return Object.fromEntries(
    [...models].map((model) => {
      const fitting = Object.entries(limits.models).filter(([pattern]) => fitsPattern(pattern, model));
      const stated = (axis: "rpm" | "tpm"): number | null =>
        fitting.reduce<number | null>((last, [, limit]) => limit[axis] ?? last, limits[axis]);
      return [model, { rpm: stated("rpm"), tpm: stated("tpm") }];
    }),
  );
}
