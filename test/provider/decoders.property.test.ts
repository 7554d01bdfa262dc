import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Decoded } from "../../src/provider/answer-builder.ts";
import { AnswerDecoder } from "../../src/provider/answer-decoder.ts";

const url = "http://127.0.0.1/v1/chat/completions";

const text = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 30 }),
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.constantFrom(
    "",
    "<think>",
    "<think>\nhm\n</think>\n\nfour",
    " <think>open",
    "data: [DONE]\n\n",
    "a\r\nb\r",
    "\uFEFF",
  ),
);
const call = fc.record({
  id: fc.string({ minLength: 1, maxLength: 8 }),
  name: fc.string({ minLength: 1 }),
  arguments: text,
});
const choice = fc.record({
  content: fc.option(text),
  reasoning_content: fc.option(text),
  refusal: fc.option(text),
  calls: fc.uniqueArray(call, { maxLength: 3, selector: (one) => one.id }),
  finish_reason: fc.constantFrom("stop", "length", "eos", "tool_calls", "content_filter", "odd", "", null),
});
const usage = fc.option(
  fc.record({
    prompt_tokens: fc.nat(),
    completion_tokens: fc.nat(),
    total_tokens: fc.nat(),
    completion_tokens_details: fc.record({ reasoning_tokens: fc.nat() }),
  }),
);
const answer = fc.record({
  id: fc.string(),
  model: fc.string(),
  choices: fc.array(choice, { minLength: 1, maxLength: 3 }),
  usage,
});
type Answer = typeof answer extends fc.Arbitrary<infer T> ? T : never;

/** How a stream is put on the wire: nothing in it may change the answer. */
const wire = fc.record({
  pieces: fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 5 }),
  lineEnd: fc.constantFrom("\n", "\r\n", "\r"),
  space: fc.boolean(),
  bom: fc.boolean(),
  comments: fc.boolean(),
  usageEverywhere: fc.boolean(),
  lastBlankLine: fc.boolean(),
  interleaved: fc.boolean(),
  cuts: fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 6 }),
});
type Wire = typeof wire extends fc.Arbitrary<infer T> ? T : never;

function asJson({ id, model, choices, usage: counts }: Answer): string {
  return JSON.stringify({
    id,
    model,
    choices: choices.map(({ calls, finish_reason, ...message }, index) => ({
      index,
      finish_reason,
      message: {
        role: "assistant",
        ...message,
        ...(calls.length === 0 ? {} : { tool_calls: calls.map(asCall) }),
      },
    })),
    usage: counts,
  });
}

const asCall = ({
  id,
  name,
  arguments: written,
}: {
  id: string;
  name: string;
  arguments: string;
}): object => ({
  id,
  type: "function",
  function: { name, arguments: written },
});

function pieces(whole: string, sizes: readonly number[]): readonly string[] {
  const out: string[] = [];
  for (let at = 0, i = 0; at < whole.length; i++) {
    const size = sizes[i % sizes.length] ?? 1;
    out.push(whole.slice(at, at + size));
    at += size;
  }
  return out;
}

function deltas(one: Answer["choices"][number], index: number, how: Wire): readonly object[] {
  const parts: object[] = [{ role: "assistant", content: null, reasoning_content: "" }];
  for (const field of ["reasoning_content", "content", "refusal"] as const) {
    for (const piece of pieces(one[field] ?? "", how.pieces)) parts.push({ [field]: piece });
  }
  one.calls.forEach(({ id, name, arguments: written }, at) => {
    const fragments = ["", ...pieces(written, how.pieces)];
    fragments.forEach((fragment, nth) => {
      const named = nth === 0 ? { id, type: "function" } : { id: nth % 2 === 0 ? null : "" };
      const called = nth === 0 ? { name, arguments: fragment } : { name: null, arguments: fragment };
      parts.push({ tool_calls: [{ index: at, ...named, function: called }] });
    });
  });
  const chunks = parts.map((delta) => ({ index, delta, finish_reason: null as string | null }));
  return [...chunks, { index, delta: {}, finish_reason: one.finish_reason }];
}

function asStream({ id, model, choices, usage: counts }: Answer, how: Wire): Buffer {
  const lists = choices.map((one, index) => deltas(one, index, how));
  const longest = Math.max(...lists.map((list) => list.length));
  const inTurn = Array.from({ length: longest }, (_, i) =>
    lists.flatMap((list) => list.slice(i, i + 1)),
  ).flat();
  const chunks = (how.interleaved ? inTurn : lists.flat()).map((one, i) => ({
    id,
    model,
    choices: [one],
    // A total of nothing at last takes back no usage that was there, so there is none before it.
    ...(how.usageEverywhere && (counts?.total_tokens ?? 0) > 0
      ? { usage: { prompt_tokens: 1, completion_tokens: i } }
      : {}),
  }));
  const datas = [...chunks, { id, model, choices: [], usage: counts }].map((chunk) => JSON.stringify(chunk));
  const end = how.lineEnd;
  const events = [...datas, "[DONE]"].map((data) => {
    const comment = how.comments ? `: keep-alive${end}${end}` : "";
    return `${comment}data:${how.space ? " " : ""}${data}`;
  });
  const body = events.join(end + end) + (how.lastBlankLine ? end + end : "");
  return Buffer.from((how.bom ? "\uFEFF" : "") + body);
}

function decode(type: string, chunks: readonly Buffer[]): Decoded {
  const decoder = new AnswerDecoder(type, url);
  for (const chunk of chunks) {
    const decoded = decoder.write(chunk);
    if (decoded !== null) return decoded;
  }
  return decoder.end(null);
}

function cut(bytes: Buffer, sizes: readonly number[]): readonly Buffer[] {
  const out: Buffer[] = [];
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] ?? 1;
    out.push(bytes.subarray(at, at + size));
    at += size;
  }
  return out;
}

describe("the decoders", () => {
  it("give the same answer streamed and unstreamed, however the stream is written and cut", () => {
    fc.assert(
      fc.property(answer, wire, (one, how) => {
        const plain = decode("application/json", [Buffer.from(asJson(one))]);
        const stream = decode("text/event-stream", cut(asStream(one, how), how.cuts));
        expect(stream).toEqual(plain);
        expect(plain.status).toBe("ok");
      }),
      { numRuns: 500 },
    );
  });

  it("never take a cut stream for an answer, unless every choice had ended", () => {
    fc.assert(
      fc.property(answer, wire, fc.double({ min: 0, max: 1, noNaN: true }), (one, how, share) => {
        const bytes = asStream(one, how);
        const kept = bytes.subarray(0, Math.floor(bytes.length * share));
        const whole = decode("text/event-stream", [bytes]);
        const decoder = new AnswerDecoder("text/event-stream", url, () => one.choices.length);
        const decoded = decoder.write(kept) ?? decoder.end("connection reset");
        if (decoded.status === "failed") {
          expect(decoded.failure).toMatchObject({
            kind: "truncated_stream",
            retryable: true,
            maybeBilled: true,
          });
        } else if (whole.status === "ok") {
          // Only what is told after the end may be missing.
          expect(decoded.answer.completions).toEqual(whole.answer.completions);
        }
      }),
    );
  });

  it("take any bytes at all without throwing", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.uint8Array({ maxLength: 20 }),
            fc.constantFrom(...["data: ", "\n\n", "{", "[DONE]", '"choices":'].map((s) => Buffer.from(s))),
          ),
        ),
        fc.constantFrom("", "application/json", "text/event-stream", "text/html"),
        (chunks, type) => {
          expect(
            decode(
              type,
              chunks.map((chunk) => Buffer.from(chunk)),
            ).status,
          ).toBe("failed");
        },
      ),
    );
  });

  it("take any JSON in the place of an answer without throwing", () => {
    const field = fc.constantFrom(
      "choices",
      "error",
      "message",
      "delta",
      "content",
      "tool_calls",
      "function",
      "index",
      "usage",
      "code",
      "detail",
      "base_resp",
      "reasoning_details",
      "x_groq",
    );
    const odd = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 6 },
        fc.constantFrom(null, 0, -1, 1.5, "", "x", true, [], {}),
        fc.array(tie("value"), { maxLength: 3 }),
        fc.dictionary(field, tie("value"), { maxKeys: 4 }),
      ),
    })).value;
    fc.assert(
      fc.property(fc.dictionary(field, odd, { maxKeys: 6 }), (body) => {
        const plain = decode("application/json", [Buffer.from(JSON.stringify(body))]);
        const stream = decode("text/event-stream", [Buffer.from(`data: ${JSON.stringify(body)}\n\n`)]);
        expect(["ok", "failed"]).toContain(plain.status);
        expect(["ok", "failed"]).toContain(stream.status);
      }),
      { numRuns: 1000 },
    );
  });
});
