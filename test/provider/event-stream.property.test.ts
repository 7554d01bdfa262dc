import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Decoded } from "../../src/provider/answer-builder.ts";
import { StreamDecoder } from "../../src/provider/stream-decoder.ts";
import { bytesOf, eventsOf, expectedOf, vectors } from "./sse-vectors.ts";
import { helloAnswer, helloStream } from "./test-server.ts";

/** Cuts bytes at some of their places; two cuts at one place make an empty chunk. */
function cut(bytes: Buffer, shares: readonly number[]): readonly Buffer[] {
  const places = shares.map((share) => Math.floor(share * (bytes.length + 1))).sort((a, b) => a - b);
  return [0, ...places].map((from, i) => bytes.subarray(from, places[i] ?? bytes.length));
}

const shares = fc.array(fc.double({ min: 0, max: 0.999_999, noNaN: true }), { maxLength: 12 });

describe("the event stream", () => {
  it("reads every vector in any chunks at all", () => {
    fc.assert(
      fc.property(fc.constantFrom(...vectors), shares, (vector, where) => {
        expect(eventsOf(cut(bytesOf(vector), where))).toEqual(expectedOf(vector));
      }),
      { numRuns: 3000 },
    );
  });
});

describe("the stream decoder", () => {
  const decoded = (chunks: readonly Buffer[]): Decoded => {
    const decoder = new StreamDecoder();
    const [first] = chunks.map((chunk) => decoder.write(chunk)).filter((one) => one !== null);
    return first ?? decoder.end(null);
  };

  it("makes the same of every vector in any chunks as of the whole", () => {
    fc.assert(
      fc.property(fc.constantFrom(...vectors), shares, (vector, where) => {
        expect(decoded(cut(bytesOf(vector), where))).toEqual(decoded([bytesOf(vector)]));
      }),
      { numRuns: 1000 },
    );
  });

  it("gives one answer in any chunks", () => {
    fc.assert(
      fc.property(shares, (where) => {
        expect(decoded(cut(Buffer.from(helloStream), where))).toEqual({ status: "ok", answer: helloAnswer });
      }),
    );
  });
});
