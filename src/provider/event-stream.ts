import { StringDecoder } from "node:string_decoder";
import { createParser } from "eventsource-parser";

/** Cuts the bytes of a server-sent event stream into events. */
export interface EventStream {
  /** Feeds bytes, cut anywhere: inside a character, a line or a line end. */
  write(chunk: Uint8Array): void;
  /** Ends the stream. Unlike the WHATWG rules, a last event without its blank line is still delivered. */
  end(): void;
  /** Whether one event outgrew the limit; nothing is delivered after that. */
  readonly overflowed: boolean;
  /** Bytes that came since the last event. */
  readonly pending: number;
}

/** The most characters that one event may have. */
export const largestEvent: number = 8 * 1024 * 1024;

/** An event stream that hands each event's data, and its name where it has one, to `onEvent`. Comments are dropped. */
export function createEventStream(onEvent: (data: string, name: string | undefined) => void): EventStream {
  // StringDecoder costs half of TextDecoder for small chunks, but keeps the BOM.
  const utf8 = new StringDecoder("utf8");
  let started = false;
  let overflowed = false;
  let pending = 0;
  const parser = createParser({
    onEvent: (message) => {
      pending = 0;
      onEvent(message.data, message.event);
    },
    onError: (error) => {
      if (error.type === "max-buffer-size-exceeded") overflowed = true;
    },
    maxBufferSize: largestEvent,
  });
  const feed = (text: string): void => {
    if (text === "" || overflowed) return;
    const bom = !started && text.charCodeAt(0) === 0xfeff;
    started = true;
    parser.feed(bom ? text.slice(1) : text);
  };
  return {
    write: (chunk) => {
      pending += chunk.length;
      feed(utf8.write(chunk));
    },
    end: () => feed(`${utf8.end()}\n\n`),
    get overflowed() {
      return overflowed;
    },
    get pending() {
      return pending;
    },
  };
}
