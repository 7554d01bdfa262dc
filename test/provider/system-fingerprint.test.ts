import { expect, test } from "vitest";
import { type AttemptRecord, outcomeFields, recordedAnswer } from "../../src/journal/record.ts";
import type { Answer } from "../../src/outcome/completion.ts";
import { AnswerDecoder } from "../../src/provider/answer-decoder.ts";
import { decodeResponse } from "../../src/provider/response-decoder.ts";
import { delta, event } from "./test-server.ts";

const url = "http://127.0.0.1/v1/chat/completions";

function unstreamed(more: object): Answer {
  const choices = [{ index: 0, message: { content: "a" }, finish_reason: "stop" }];
  const decoded = decodeResponse(JSON.stringify({ choices, ...more }), url);
  if (decoded.status !== "ok") throw new Error(decoded.failure.message);
  return decoded.answer;
}

function streamed(more: object): Answer {
  const decoder = new AnswerDecoder("text/event-stream", url);
  const events = [delta({ content: "a" }, null, more), delta({}, "stop", more), event("[DONE]")];
  const decoded = decoder.write(Buffer.from(events.join(""))) ?? decoder.end(null);
  if (decoded.status !== "ok") throw new Error(decoded.failure.message);
  return decoded.answer;
}

test("a system fingerprint is kept as a digest, the same from a stream and from a whole answer", () => {
  const given = { system_fingerprint: "fp_8802369eaa_prod" };
  const { systemFingerprint } = unstreamed(given);
  expect(systemFingerprint).toMatch(/^[0-9a-f]{12}$/);
  expect(streamed(given).systemFingerprint).toBe(systemFingerprint);
  expect(unstreamed({ system_fingerprint: "fp_other" }).systemFingerprint).not.toBe(systemFingerprint);
});

test("an empty or absent fingerprint is none", () => {
  for (const more of [
    {},
    { system_fingerprint: "" },
    { system_fingerprint: null },
    { system_fingerprint: 7 },
  ]) {
    expect(unstreamed(more)).not.toHaveProperty("systemFingerprint");
    expect(streamed(more)).not.toHaveProperty("systemFingerprint");
  }
});

test("a key that a server echoes as its fingerprint does not reach the answer", () => {
  expect(JSON.stringify(unstreamed({ system_fingerprint: "sk-very-secret-key" }))).not.toContain(
    "very-secret",
  );
});

test("the journal gives the digest back", () => {
  for (const answer of [unstreamed({ system_fingerprint: "fp_1" }), unstreamed({})]) {
    const fields = outcomeFields({
      status: "ok",
      answer,
      times: { latencyMs: 1, ttftMs: null },
      httpStatus: 200,
      traceId: null,
      hints: null,
    });
    const record = JSON.parse(JSON.stringify(fields)) as AttemptRecord;
    expect(recordedAnswer(record)).toEqual(answer);
  }
});
