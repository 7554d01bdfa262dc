import { appendFileSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import { JournalLines, scanJournal } from "../../src/journal/reader.ts";
import {
  type AttemptOutline,
  type AttemptRecord,
  decodeOutline,
  decodeRecord,
  encodeRecord,
  type JournalRecord,
  outcomeFields,
  recordedAnswer,
  recordedUsage,
} from "../../src/journal/record.ts";
import { JournalWriter } from "../../src/journal/writer.ts";
import type { AttemptOutcome } from "../../src/outcome/attempt.ts";
import { type Answer, type Usage, unknownUsage } from "../../src/outcome/completion.ts";
import { tempFolder } from "../support/temp-folder.ts";

function attempt(trial: number, content = `answer ${trial}`): AttemptRecord {
  return {
    v: 1,
    kind: "attempt",
    request_id: String(trial).padStart(32, "0"),
    variant_id: "v",
    row_id: "r — ü 😀",
    trial,
    attempt: 1,
    body_id: "b",
    status: "ok",
    started_at: "2026-01-01T00:00:00.000Z",
    queued_ms: 0,
    latency_ms: 1.5,
    ttft_ms: null,
    total_ms: 2,
    http_status: 200,
    trace_id: null,
    choices: [{ choice: 0, content, finish_reason: "stop", finish_reason_raw: "stop" }],
  };
}

function write(path: string, records: readonly JournalRecord[], cutAt: number | null = null): void {
  const writer = new JournalWriter(
    path,
    (error) => {
      throw error;
    },
    cutAt,
  );
  for (const record of records) writer.append(record);
  writer.close();
}

function read(path: string): { records: JournalRecord[]; scan: ReturnType<typeof scanJournal> } {
  const records: JournalRecord[] = [];
  const scan = scanJournal(path, (record) => records.push(record));
  return { records, scan };
}

const text = fc.oneof(fc.string(), fc.string({ unit: "grapheme" }), fc.constant(',"reused_from":"x"}'));
const someRecord = fc.record({
  row: text,
  content: text,
  requestId: fc.stringMatching(/^[0-9a-f]{32}$/),
  latency: fc.double({ min: 0, max: 1e6, noNaN: true }),
  trace: fc.option(text),
  model: fc.option(fc.oneof(fc.constant("m"), text)),
  usage: fc.record({
    prompt: fc.option(fc.nat()),
    cost: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
  }),
  reusedFrom: fc.option(fc.stringMatching(/^[0-9a-f]{16}$/)),
  isFailed: fc.boolean(),
});

describe("the outline of a line", () => {
  it("says the same as the whole line, whatever stands in it", () => {
    let fast = 0;
    fc.assert(
      fc.property(
        someRecord,
        ({ row, content, requestId, latency, trace, model, usage, reusedFrom, isFailed }) => {
          const tokens: Usage = {
            ...unknownUsage,
            promptTokens: usage.prompt,
            ...(usage.cost === null ? {} : { statedCost: usage.cost }),
          };
          const common = {
            httpStatus: 200,
            traceId: trace,
            hints: null,
            times: { latencyMs: latency, ttftMs: null },
          };
          const completion = {
            choice: 0,
            content,
            reasoning: "",
            toolCalls: [],
            refusal: null,
            finishReason: null,
            finishReasonRaw: null,
          };
          const failure = {
            kind: "truncated_stream",
            message: content,
            code: null,
            retryable: true,
            maybeBilled: true,
          } as const;
          const outcome: AttemptOutcome = isFailed
            ? { ...common, status: "failed", usage: tokens, failure }
            : {
                ...common,
                status: "ok",
                answer: { completions: [completion], responseId: null, responseModel: model, usage: tokens },
              };
          const record: AttemptRecord = {
            v: 1,
            kind: "attempt",
            request_id: requestId,
            variant_id: "0123456789",
            row_id: row,
            trial: 3,
            attempt: 1,
            body_id: requestId,
            started_at: "2026-01-01T00:00:00.000Z",
            queued_ms: 0.5,
            total_ms: 1,
            ...outcomeFields(outcome),
            ...(reusedFrom === null ? {} : { reused_from: reusedFrom }),
          };
          const line = Buffer.from(encodeRecord(record).trimEnd());
          const outline = decodeOutline(line) as AttemptOutline;
          const whole = decodeRecord(line) as AttemptRecord;
          if (!("v" in outline)) fast++;
          for (const name of [
            "kind",
            "request_id",
            "variant_id",
            "row_id",
            "trial",
            "body_id",
            "status",
            "started_at",
            "latency_ms",
            "reused_from",
          ] as const)
            expect([name, outline[name]]).toEqual([name, whole[name]]);
          expect(outline.failure).toEqual(whole.failure);
          expect(recordedUsage(outline)).toEqual(recordedUsage(whole));
          line[line.length - 3] = (line[line.length - 3] ?? 0) ^ 1;
          expect(decodeOutline(line)).toBe("checksum does not agree");
        },
      ),
    );
    expect(fast).toBeGreaterThan(0);
  });
});

describe("a journal", () => {
  it("gives back what was appended, over sessions, and finds single lines again", () => {
    const path = join(tempFolder(), "j");
    const records = [attempt(0), attempt(1, 'line\nbreak \u2028 and "quotes"'), attempt(2)];
    write(path, records.slice(0, 1));
    write(path, records.slice(1));
    const places: [number, number][] = [];
    scanJournal(path, (_, offset, length) => places.push([offset, length]));
    expect(read(path).records).toEqual(records);
    const lines = new JournalLines(path);
    expect(places.map(([offset, length]) => lines.read(offset, length))).toEqual(records);
    lines.close();
  });

  it("gives single lines in any order, also those longer than its blocks", () => {
    const path = join(tempFolder(), "j");
    const records = Array.from({ length: 300 }, (_, i) =>
      attempt(i, "ü".repeat(i % 97 === 5 ? 400_000 : (i * 37) % 5_000)),
    );
    write(path, records);
    const places: [number, number][] = [];
    scanJournal(path, (_, offset, length) => places.push([offset, length]));
    const lines = new JournalLines(path);
    onTestFinished(() => lines.close());
    const agree = (i: number): void => {
      const [offset, length] = places[i] ?? [0, 0];
      expect(lines.read(offset, length)).toEqual(records[i]);
    };
    const all = records.map((_, i) => i);
    for (const i of [...all, ...all.toReversed()]) agree(i);
    fc.assert(
      fc.property(fc.array(fc.nat({ max: records.length - 1 }), { minLength: 20 }), (order) =>
        order.forEach(agree),
      ),
      {
        numRuns: 30,
      },
    );
  });

  it("gives lines that came after others were read", () => {
    const path = join(tempFolder(), "j");
    write(path, [attempt(0)]);
    const lines = new JournalLines(path);
    onTestFinished(() => lines.close());
    for (let i = 0; i < 20; i++) {
      const places: [number, number][] = [];
      scanJournal(path, (_, offset, length) => places.push([offset, length]));
      for (const [n, [offset, length]] of places.entries())
        expect(lines.read(offset, length)).toEqual(attempt(n));
      write(path, [attempt(i + 1)]);
    }
  });

  it("says so when a line is not there any more, or is another", () => {
    const path = join(tempFolder(), "j");
    write(path, [attempt(0), attempt(1)]);
    const size = readFileSync(path).length;
    const lines = new JournalLines(path);
    onTestFinished(() => lines.close());
    expect(() => lines.read(size - 10, 100)).toThrow("journal changed while it was read");
    expect(() => lines.read(size + 10, 100)).toThrow("journal changed while it was read");
    expect(() => lines.read(1, 100)).toThrow("journal changed while it was read");
  });

  it("cut at any byte of its last record keeps all others, and goes on", () => {
    const path = join(tempFolder(), "j");
    const whole = [attempt(0), attempt(1)].map(encodeRecord);
    const first = Buffer.byteLength(whole[0] ?? "");
    const total = first + Buffer.byteLength(whole[1] ?? "");
    for (let cut = first; cut < total; cut++) {
      writeFileSync(path, whole.join(""));
      truncateSync(path, cut);
      const { scan, records } = read(path);
      expect([records.length, scan.goodBytes, scan.tornBytes, scan.corrupt]).toEqual([
        1,
        first,
        cut - first,
        [],
      ]);
      write(path, [attempt(7)], scan.goodBytes);
      expect(read(path).records).toEqual([attempt(0), attempt(7)]);
    }
  });

  it("with a flipped byte anywhere says which line is lost and keeps the others", () => {
    const path = join(tempFolder(), "j");
    const text = [attempt(0), attempt(1), attempt(2)].map(encodeRecord).join("");
    const bytes = Buffer.from(text);
    const [one = ""] = text.split("\n");
    const start = Buffer.byteLength(one) + 1;
    const end = bytes.indexOf("\n", start);
    for (let at = start; at < end; at++) {
      const damaged = Buffer.from(bytes);
      damaged[at] = (damaged[at] ?? 0) ^ 0x04;
      writeFileSync(path, damaged);
      const { records, scan } = read(path);
      expect(records).toEqual([attempt(0), attempt(2)]);
      expect(scan.corrupt[0]?.line).toBe(2);
    }
  });

  it("writes what was appended in a turn of the event loop before the next", async () => {
    const path = join(tempFolder(), "j");
    const writer = new JournalWriter(path, (error) => {
      throw error;
    });
    writer.append(attempt(0));
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    expect(readFileSync(path, "utf8")).toBe(encodeRecord(attempt(0)));
    writer.close();
  });

  it("reads lines longer than its block", () => {
    const path = join(tempFolder(), "j");
    const long = attempt(0, "x".repeat(5_000_000));
    write(path, [long, attempt(1)]);
    expect(read(path).records).toEqual([long, attempt(1)]);
  });

  it("refuses a line of a newer version and what is no record", () => {
    const path = join(tempFolder(), "j");
    write(path, [attempt(0)]);
    appendFileSync(path, "hello\n");
    appendFileSync(path, encodeRecord({ ...attempt(1), v: 2 as never }));
    expect(read(path).scan.corrupt).toEqual([
      { line: 2, reason: "not a journal record" },
      { line: 3, reason: "written by a newer version (v2)" },
    ]);
  });

  it("keeps an answer whole", () => {
    const answer: Answer = {
      completions: [
        {
          choice: 0,
          content: "c",
          reasoning: "r",
          toolCalls: [{ id: null, name: "f", arguments: "{" }],
          refusal: "no",
          finishReason: "tool_calls",
          finishReasonRaw: "tool_calls",
        },
        {
          choice: 1,
          content: "",
          reasoning: "",
          toolCalls: [],
          refusal: null,
          finishReason: null,
          finishReasonRaw: null,
        },
      ],
      usage: {
        promptTokens: 1,
        completionTokens: null,
        reasoningTokens: 0,
        cachedTokens: null,
        totalTokens: 3,
        statedCost: 0.25,
        estimated: true,
      },
      responseId: "id",
      responseModel: null,
    };
    const fields = outcomeFields({
      status: "ok",
      answer,
      times: { latencyMs: 1, ttftMs: null },
      httpStatus: 200,
      traceId: null,
      hints: null,
    });
    const line = encodeRecord({ ...attempt(0), ...fields });
    const record = decodeRecord(Buffer.from(line.slice(0, -1)));
    expect(typeof record === "string" ? record : recordedAnswer(record as AttemptRecord)).toEqual(answer);
  });

  it("keeps what the server had said of its use before an attempt broke", () => {
    const failure = {
      kind: "truncated_stream",
      message: "cut",
      code: null,
      retryable: true,
      maybeBilled: true,
    } as const;
    const usage: Usage = { ...unknownUsage, promptTokens: 7, completionTokens: 3, totalTokens: 10 };
    const kept = (stated: { usage?: Usage }): AttemptRecord => {
      const times = { latencyMs: 1, ttftMs: null };
      const exchange = { times, httpStatus: 200, traceId: null, hints: null };
      const { choices: _, ...record } = attempt(0);
      const fields = outcomeFields({ status: "failed", failure, ...exchange, ...stated });
      const line = encodeRecord({ ...record, ...fields });
      return decodeRecord(Buffer.from(line.slice(0, -1))) as AttemptRecord;
    };
    expect(recordedUsage(kept({ usage }))).toEqual(usage);
    expect(recordedAnswer(kept({ usage }))).toBeNull();
    expect(kept({})).not.toHaveProperty("usage");
  });
});
