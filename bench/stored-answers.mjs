import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { noOverrides } from "../dist/config/overrides.js";
import { encodeRecord } from "../dist/journal/record.js";
import { bodyId } from "../dist/plan/plan.js";
import { planFacts } from "../dist/run/describe-run.js";
import { prepare } from "../dist/run/prepare.js";
import { keepInputs, runFiles, writeRunFile } from "../dist/run/run-directory.js";
import { DiskFiles } from "../dist/system/input-files.js";

const variants = 10;
const at = "2026-01-01T00:00:00.000Z";

/**
 * Writes the directory of a run of `count` requests that are all answered, without sending any, and gives its path. Ten
 * variants answer each row with a small JSON object, one in four of them wrongly. The journal has the order in which a run
 * sends: row by row. `words` random words follow each answer, so that it is as hard to compress as prose.
 */
export function writeStoredAnswers(folder, count, scorers, words = 0) {
  const rows = Math.ceil(count / variants);
  const lines = Array.from({ length: rows }, (_, i) => {
    const cell = answerText(i + 1, `r${i}`).replaceAll('"', '""');
    return `r${i},What is ${i} plus one?,${i + 1},"${cell}"\n`;
  });
  writeFileSync(join(folder, "rows.csv"), `id,question,expected,answer\n${lines.join("")}`);
  writeFileSync(
    join(folder, "m.yaml"),
    `provider: simulator
prompts: [{ id: p, user: "{{ question }} Answer as JSON." }]
dataset: rows.csv
grid: { model: [sim/strong, sim/weak], temperature: [0, 0.25, 0.5, 0.75, 1] }
scorers: ${JSON.stringify(scorers)}
`,
  );
  const files = new DiskFiles(folder);
  const { prepared, diagnostics } = prepare("m.yaml", noOverrides, files);
  if (prepared === null) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
  const directory = join(folder, "out");
  mkdirSync(join(directory, runFiles.inputs), { recursive: true });
  writeRunFile(directory, runFile(prepared, keepInputs(directory, files.recorded(), [])));
  writeJournal(join(directory, runFiles.journal), prepared.plan, words);
  return directory;
}

function runFile({ plan }, inputs) {
  return {
    schema_version: 1,
    id: "stored-answers",
    name: "stored-answers",
    promptgrid_version: "0",
    node_version: process.versions.node,
    git_revision: null,
    status: "complete",
    reason: null,
    started_at: at,
    ended_at: at,
    matrix: { file: "m.yaml", overrides: noOverrides },
    inputs,
    providers: {},
    plan: planFacts(plan),
    resolved: {},
    reports: { csv_vars: "used", safe_csv: false },
    scoring: null,
    set_aside: 0,
    role: "run",
    against: null,
    confirmation: null,
  };
}

function writeJournal(path, plan, words) {
  const fd = openSync(path, "w");
  const session = {
    v: 1,
    kind: "session",
    session: "s",
    at,
    promptgrid_version: "0",
    node_version: process.versions.node,
  };
  let pending = [encodeRecord({ ...session, event: "start" })];
  for (let rowIndex = 0; rowIndex < plan.rows.length; rowIndex++) {
    for (let variantIndex = 0; variantIndex < plan.variants.length; variantIndex++) {
      const request = plan.request(plan.indexOf({ variantIndex, rowIndex, trial: 0 }));
      pending.push(encodeRecord(answered(request, words)));
    }
    if (pending.length < 10_000) continue;
    writeSync(fd, pending.join(""));
    pending = [];
  }
  pending.push(encodeRecord({ ...session, event: "end", wall_seconds: 1, status: "complete", reason: null }));
  writeSync(fd, pending.join(""));
  closeSync(fd);
}

function answerText(answer, id) {
  return `{"answer": ${answer}, "name": "row ${id} of the stored answers"}`;
}

/** Words of a vocabulary of 4096, as they fall. */
function prose(seed, words) {
  let state = (seed * 2_654_435_761 + 1) >>> 0;
  let text = "";
  for (let i = 0; i < words; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    text += ` ${(state >>> 20).toString(36)}${"aeiou"[state % 5]}n`;
  }
  return text;
}

function answered(request, words) {
  const { index, row } = request;
  const answer = (request.variantIndex + request.rowIndex) % 4 === 0 ? 0 : row.variables.expected;
  const content = answerText(answer, row.id) + prose(index, words);
  return {
    v: 1,
    kind: "attempt",
    request_id: request.requestId,
    variant_id: request.variant.id,
    row_id: row.id,
    trial: request.trial,
    attempt: 1,
    body_id: bodyId(request),
    started_at: at,
    queued_ms: 0.5,
    total_ms: 500 + (index % 100),
    status: "ok",
    http_status: 200,
    trace_id: null,
    latency_ms: 450 + (index % 100),
    ttft_ms: 100 + (index % 50),
    response_model: "sim",
    usage: {
      prompt_tokens: 20,
      completion_tokens: 15,
      reasoning_tokens: null,
      cached_tokens: null,
      total_tokens: 35,
    },
    choices: [{ choice: 0, content, finish_reason: "stop", finish_reason_raw: "stop" }],
  };
}
