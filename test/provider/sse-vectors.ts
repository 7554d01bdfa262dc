import { readFileSync } from "node:fs";
import { createEventStream } from "../../src/provider/event-stream.ts";

/** An event as the vectors write it. */
export interface Event {
  readonly event: string;
  readonly data: string;
}
/** A stream of events in chunks, and what it must come to. */
export interface Vector {
  readonly id: string;
  readonly name: string;
  readonly chunks_base64: readonly string[];
  readonly events: readonly Event[];
}

const file = new URL("./fixtures/sse-vectors.json", import.meta.url);
/** All of them, from a fixture; each holds for any other chunking of the same bytes. */
export const vectors: readonly Vector[] = (
  JSON.parse(readFileSync(file, "utf8")) as { vectors: readonly Vector[] }
).vectors;

/** The one place where we differ on purpose: an event that the end of the stream completes. */
const alsoOurs: Readonly<Record<string, readonly Event[]>> = { s29: [{ event: "message", data: "test2" }] };

/** The bytes of a vector. */
export function bytesOf(vector: Vector): Buffer {
  return Buffer.concat(vector.chunks_base64.map((chunk) => Buffer.from(chunk, "base64")));
}

/** The events that a vector must come to here. */
export function expectedOf({ id, events }: Vector): readonly Event[] {
  return [...events.map(({ event, data }) => ({ event, data })), ...(alsoOurs[id] ?? [])];
}

/** The events of bytes that come in these chunks. */
export function eventsOf(chunks: readonly Uint8Array[]): readonly Event[] {
  const events: Event[] = [];
  const stream = createEventStream((data, name) => events.push({ event: name ?? "message", data }));
  for (const chunk of chunks) stream.write(chunk);
  stream.end();
  return events;
}
