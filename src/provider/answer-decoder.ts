import { badResponse, type Decoded, type Stated } from "./answer-builder.ts";
import { isJsonObject, parseJson } from "./json-value.ts";
import { decodeResponse } from "./response-decoder.ts";
import { StreamDecoder } from "./stream-decoder.ts";

/** The most bytes an unstreamed answer may have, after decompression. Of a stream only what is kept counts. */
export const largestBody: number = 32 * 1024 * 1024;

/**
 * Reads the body of a 2xx response, whatever was asked for: servers answer JSON to a stream request and event streams to an
 * unstreamed one. The first byte that is no white space tells which it is, and where that leaves a choice, the content type.
 */
export class AnswerDecoder {
  readonly #contentType: string;
  readonly #url: string;
  readonly #asked: () => number;
  readonly #paceCodes: readonly string[];
  #stream: StreamDecoder | null = null;
  #sniffed = false;
  #chunks: Buffer[] = [];
  #bytes = 0;

  /** `asked` gives the number of choices wanted; it is called only where that matters; `paceCodes` as in AnswerBuilder. */
  constructor(
    contentType: string,
    url: string,
    asked: () => number = () => 1,
    paceCodes: readonly string[] = [],
  ) {
    this.#contentType = contentType.toLowerCase();
    this.#url = url;
    this.#asked = asked;
    this.#paceCodes = paceCodes;
  }

  /** Whether the body is an event stream; null while that is not known. */
  get streamed(): boolean | null {
    return this.#sniffed ? this.#stream !== null : null;
  }

  /** Whether a streamed delta with text, reasoning or a tool call came already. */
  get begun(): boolean {
    return this.#stream?.begun ?? false;
  }

  /** Bytes in memory for what has come of the answer, roughly. */
  get held(): number {
    return this.#stream?.held ?? this.#bytes;
  }

  /** What the server has said of its use and its id so far, as a failure keeps it. */
  get stated(): Stated {
    return this.#stream?.stated ?? {};
  }

  /** Feeds bytes. Null while more are wanted. */
  write(chunk: Buffer): Decoded | null {
    if (this.#stream !== null) return this.#stream.write(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes > largestBody)
      return badResponse(`the answer of ${this.#url} is larger than ${largestBody / 1024 / 1024} MB`, false);
    this.#chunks.push(chunk);
    return this.#sniffed ? null : this.#sniff();
  }

  /** The result after the last byte. `cut` says how the connection broke, or is null when it did not. */
  end(cut: string | null): Decoded {
    if (this.#stream !== null) return this.#stream.end(cut);
    // A stream that ended before its first byte is still a stream.
    if (!this.#sniffed && this.#contentType.startsWith(eventStreamType))
      return new StreamDecoder(this.#asked, this.#paceCodes).end(cut);
    if (cut === null) {
      const [only] = this.#chunks;
      const body = this.#chunks.length === 1 && only !== undefined ? only : Buffer.concat(this.#chunks);
      return decodeResponse(body.toString("utf8"), this.#url, this.#asked, this.#paceCodes);
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
    if (head === "") {
      this.#chunks = [];
      this.#bytes = 0;
    }
    if (isPartOfBom(held)) return null;
    const events = startsEvents(head, this.#contentType.startsWith(eventStreamType));
    if (events === null) return null;
    this.#sniffed = true;
    if (!events) return null;
    this.#stream = new StreamDecoder(this.#asked, this.#paceCodes);
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
const bom = Buffer.from([0xef, 0xbb, 0xbf]);

/** Whether a body has so far only the beginning of a byte order mark. */
function isPartOfBom(held: Buffer): boolean {
  return held.length < bom.length && held.length > 0 && bom.subarray(0, held.length).equals(held);
}

const eventStarts = [":", "data:", "event:", "id:", "retry:"] as const;

/** Whether a body that starts like this is an event stream; null when more of it must be seen. */
function startsEvents(head: string, declared: boolean): boolean | null {
  if (head === "") return null;
  if (/^[{["<]/.test(head)) return false;
  if (declared || eventStarts.some((start) => head.startsWith(start))) return true;
  return eventStarts.some((start) => start.startsWith(head)) ? null : false;
}
