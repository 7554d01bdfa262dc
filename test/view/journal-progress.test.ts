import { appendFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type AttemptRecord, encodeRecord } from "../../src/journal/record.ts";
import { JournalProgress } from "../../src/view/journal-progress.ts";
import { tempFolder } from "../support/temp-folder.ts";

function line(id: number, status: "ok" | "failed"): Buffer {
  const record: AttemptRecord = {
    v: 1,
    kind: "attempt",
    request_id: String(id).padStart(32, "0"),
    variant_id: "v",
    row_id: `r${id}`,
    trial: 0,
    attempt: 1,
    body_id: "b",
    status,
    started_at: "2026-01-01T00:00:00.000Z",
    queued_ms: 0,
    latency_ms: 1,
    ttft_ms: null,
    total_ms: 1,
    http_status: status === "ok" ? 200 : 500,
    trace_id: null,
    ...(status === "ok"
      ? { choices: [{ choice: 0, content: "é", finish_reason: "stop", finish_reason_raw: "stop" }] }
      : {
          failure: {
            kind: "server",
            message: "no",
            code: null,
            retryable: true,
            maybe_billed: false,
          },
        }),
  };
  return Buffer.from(encodeRecord(record));
}

describe("JournalProgress", () => {
  it("counts what is added, also where a line comes in parts or a request is asked again", () => {
    const path = join(tempFolder(), "journal.jsonl");
    const progress = new JournalProgress(path);
    expect(progress.look()).toBeNull();
    writeFileSync(path, Buffer.concat([line(1, "ok"), line(2, "failed")]));
    expect(progress.look()).toMatchObject({ answered: 1, failed: 1 });
    const third = line(3, "ok");
    appendFileSync(path, third.subarray(0, 40));
    expect(progress.look()).toMatchObject({ answered: 1, failed: 1 });
    appendFileSync(path, third.subarray(40));
    expect(progress.look()).toMatchObject({ answered: 2, failed: 1 });
    appendFileSync(path, Buffer.concat([line(2, "ok"), line(1, "failed")]));
    expect(progress.look()).toMatchObject({ answered: 3, failed: 0 });
  });

  it("begins anew where the file is another one or shorter", () => {
    const folder = tempFolder();
    const path = join(folder, "journal.jsonl");
    const progress = new JournalProgress(path);
    writeFileSync(path, Buffer.concat([line(1, "ok"), line(2, "ok")]));
    expect(progress.look()).toMatchObject({ answered: 2 });
    writeFileSync(path, line(1, "failed"));
    expect(progress.look()).toMatchObject({ answered: 0, failed: 1 });
    const other = join(folder, "other");
    writeFileSync(other, Buffer.concat([line(1, "ok"), line(2, "ok"), line(3, "ok")]));
    renameSync(other, path);
    expect(progress.look()).toMatchObject({ answered: 3, failed: 0 });
  });
});
