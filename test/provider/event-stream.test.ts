import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { createEventStream } from "../../src/provider/event-stream.ts";

interface Event {
  readonly event: string;
  readonly data: string;
}
interface Vector {
  readonly id: string;
  readonly name: string;
  readonly chunks_base64: readonly string[];
  readonly events: readonly Event[];
}

const file = new URL("./fixtures/sse-vectors.json", import.meta.url);
const { vectors } = JSON.parse(readFileSync(file, "utf8")) as { vectors: readonly Vector[] };

/** The one place where we differ on purpose: an event that the end of the stream completes. */
const alsoOurs: Readonly<Record<string, readonly Event[]>> = { s29: [{ event: "message", data: "test2" }] };

function eventsOf(chunks: readonly Uint8Array[]): readonly Event[] {
  const events: Event[] = [];
  const stream = createEventStream((data, name) => events.push({ event: name ?? "message", data }));
  for (const chunk of chunks) stream.write(chunk);
  stream.end();
  return events;
}

describe("the event stream", () => {
  it.each(vectors.map((vector) => [vector.id, vector.name, vector] as const))(
    "reads %s, %s, cut as given, at every byte, and byte by byte",
    (id, _name, vector) => {
      const expected = [
        ...vector.events.map(({ event, data }) => ({ event, data })),
        ...(alsoOurs[id] ?? []),
      ];
      const given = vector.chunks_base64.map((chunk) => Buffer.from(chunk, "base64"));
      const bytes = Buffer.concat(given);
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
