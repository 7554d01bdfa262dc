import { describe, expect, it } from "vitest";
import { createEventStream } from "../../src/provider/event-stream.ts";
import { bytesOf, eventsOf, expectedOf, vectors } from "./sse-vectors.ts";

describe("the event stream", () => {
  it.each(vectors.map((vector) => [vector.id, vector.name, vector] as const))(
    "reads %s, %s, cut as given, at every byte, and byte by byte",
    (_id, _name, vector) => {
      const expected = expectedOf(vector);
      const given = vector.chunks_base64.map((chunk) => Buffer.from(chunk, "base64"));
      const bytes = bytesOf(vector);
      expect(eventsOf(given)).toEqual(expected);
      expect(eventsOf([...bytes].map((byte) => Uint8Array.of(byte)))).toEqual(expected);
      for (let at = 0; at <= bytes.length; at++) {
        expect(eventsOf([bytes.subarray(0, at), bytes.subarray(at)]), `cut at ${at}`).toEqual(expected);
      }
    },
  );

  it("reads the whole mixture byte by byte", () => {
    const text =
      '\uFEFFdata: {"t":"你好😀"}\r\n\r\n: keep-alive\r\n\r\ndata: line1\r\ndata: line2\r\n\r\nevent: error\r\ndata: {"error":{"message":"x"}}\r\n\r\ndata: [DONE]\r\n\r\n';
    expect(eventsOf([...Buffer.from(text)].map((byte) => Uint8Array.of(byte)))).toEqual([
      { event: "message", data: '{"t":"你好😀"}' },
      { event: "message", data: "line1\nline2" },
      { event: "error", data: '{"error":{"message":"x"}}' },
      { event: "message", data: "[DONE]" },
    ]);
  });

  it("gives up on an event without end", () => {
    const events: string[] = [];
    const stream = createEventStream((data) => events.push(data));
    const piece = Buffer.from(`data: ${"x".repeat(1024 * 1024)}`);
    for (let i = 0; i < 20; i++) stream.write(piece);
    stream.end();
    expect(stream.overflowed).toBe(true);
    expect(events).toEqual([]);
  });
});
