import { badResponse, type Decoded, type Stated } from "./answer-builder.ts";
import { isJsonObject, parseJson } from "./json-value.ts";
import { decodeResponse } from "./response-decoder.ts";
import { StreamDecoder } from "./stream-decoder.ts";

/** The most bytes an answer may have, after decompression. */
export const largestBody: number = 64 * 1024 * 1024;

/**
 * Reads the body of a 2xx response, whatever was asked for: servers answer JSON to a stream request and event streams to an
 * unstreamed one. The first byte that is no white space tells which it is, and where that leaves a choice, the content type.
 */
export class AnswerDecoder {
  readonly #contentType: string;
  readonly #url: string;
  #stream: StreamDecoder | null = null;
  #sniffed = false;
  #chunks: Buffer[] = [];
  #bytes = 0;

  constructor(contentType: string, url: string) {
    this.#contentType = contentType.toLowerCase();
    this.#url = url;
  }

  /** Whether the body is an event stream; null while that is not known. */
  get streamed(): boolean | null {
    return this.#sniffed ? this.#stream !== null : null;
  }

  /** Whether a streamed delta with text, reasoning or a tool call came already. */
  get begun(): boolean {
    return this.#stream?.begun ?? false;
  }

  /** What the server has said of its use and its id so far, as a failure keeps it. */
  get stated(): Stated {
    return this.#stream?.stated ?? {};
  }

  /** Feeds bytes. Null while more are wanted. */
  write(chunk: Buffer): Decoded | null {
    this.#bytes += chunk.length;
    if (this.#bytes > largestBody) {
      const message = `the answer of ${this.#url} is larger than ${largestBody / 1024 / 1024} MB`;
      return { ...badResponse(message, false), ...this.stated };
    }
    if (this.#stream !== null) return this.#stream.write(chunk);
    this.#chunks.push(chunk);
    return this.#sniffed ? null : this.#sniff();
  }

  /**
   * The result after the last byte. `cut` says how the connection broke, or is null when it did not; `asked` is the number
   * of choices wanted.
   */
  end(cut: string | null, asked = 1): Decoded {
    if (this.#stream !== null) return this.#stream.end(cut, asked);
    // A stream that ended before its first byte is still a stream.
    if (!this.#sniffed && this.#contentType.startsWith(eventStreamType)) return new StreamDecoder().end(cut);
    if (cut === null) {
      const [only] = this.#chunks;
      const body = this.#chunks.length === 1 && only !== undefined ? only : Buffer.concat(this.#chunks);
      return decodeResponse(body.toString("utf8"), this.#url);
    }
    return {
      status: "failed",
      failure: {
        kind: "network",
        message: `the answer of ${this.#url} broke off (${cut})`,
        code: null,
        retryable: true,
        maybeBilled: true,
      },
    };
  }

  #sniff(): Decoded | null {
    const held = Buffer.concat(this.#chunks);
    const head = held.toString("latin1").replace(bomAndSpace, "").slice(0, 8);
    // White space sent to keep the connection alive need not be kept.
    if (head === "") this.#chunks = [];
    const events = startsEvents(head, this.#contentType.startsWith(eventStreamType));
    if (events === null) return null;
    this.#sniffed = true;
    if (!events) return null;
    this.#stream = new StreamDecoder();
    this.#chunks = [];
    return this.#stream.write(held);
  }
}

/** The number of choices that a request body asks for: its `n`, else 1. */
export function choicesAsked(body: string): number {
  const value = parseJson(body);
  return isJsonObject(value) && typeof value.n === "number" ? value.n : 1;
}

const eventStreamType = "text/event-stream";
const bomAndSpace = /^(?:\u00ef\u00bb\u00bf)?\s+|^\u00ef\u00bb\u00bf/;
const eventStarts = [":", "data:", "event:", "id:", "retry:"] as const;

/** Whether a body that starts like this is an event stream; null when more of it must be seen. */
function startsEvents(head: string, declared: boolean): boolean | null {
  if (head === "") return null;
  if (/^[{["<]/.test(head)) return false;
  if (declared || eventStarts.some((start) => head.startsWith(start))) return true;
  return eventStarts.some((start) => start.startsWith(head)) ? null : false;
}
