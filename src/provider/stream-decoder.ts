import { AnswerBuilder, badResponse, type Decoded, type Stated } from "./answer-builder.ts";
import { readErrorBody, readErrorValue } from "./error-body.ts";
import { createEventStream, type EventStream, largestEvent } from "./event-stream.ts";
import { isJsonObject, parseJson } from "./json-value.ts";
import { oneLine } from "./one-line.ts";

/** Reads a streamed answer as its bytes arrive. */
export class StreamDecoder {
  readonly #asked: () => number;
  readonly #builder: AnswerBuilder;
  readonly #events: EventStream = createEventStream((data, name) => this.#take(data, name));
  #result: Decoded | null = null;
  #ending = false;

  /** `asked` gives the number of choices wanted, `paceCodes` the codes that mean the current minute at this server. */
  constructor(asked: () => number = () => 1, paceCodes: readonly string[] = []) {
    this.#asked = asked;
    this.#builder = new AnswerBuilder(asked, paceCodes);
  }

  /** Whether a delta with text, reasoning or a tool call came already. */
  get begun(): boolean {
    return this.#builder.begun;
  }

  /** Bytes in memory for what has come, roughly. */
  get held(): number {
    return 2 * this.#builder.characters + this.#events.pending;
  }

  /** What the server has said of its use and its id so far, as a failure keeps it. */
  get stated(): Stated {
    return this.#builder.stated;
  }

  /** Feeds bytes. Gives the result as soon as it is certain: at `[DONE]`, or when the server confesses an error. */
  write(chunk: Uint8Array): Decoded | null {
    this.#events.write(chunk);
    if (this.#events.overflowed)
      this.#result ??= this.#bad(
        `one event of the stream is larger than ${largestEvent / 1024 / 1024} MB`,
        false,
      );
    return this.#result;
  }

  /**
   * The result after the last byte. `cut` says how the connection broke, or is null when the server closed it in order.
   * What ends without `[DONE]` is an answer only if every choice has said why it ended, and a broken connection only if
   * as many choices came as were asked for: a server may begin the second after the end of the first.
   */
  end(cut: string | null): Decoded {
    if (this.#result === null && cut === null) {
      this.#ending = true;
      this.#events.end();
    }
    if (this.#result !== null) return this.#result;
    const finished = this.#builder.finished ?? 0;
    if (finished >= (cut === null ? 1 : Math.max(1, this.#asked()))) return this.#builder.build();
    const how = cut === null ? "the stream ended" : `the stream broke off (${cut})`;
    return {
      status: "failed",
      failure: {
        kind: "truncated_stream",
        message: `${how} before \`[DONE]\` or a finish reason`,
        code: null,
        retryable: true,
        maybeBilled: true,
      },
      ...this.stated,
    };
  }

  #bad(message: string, retryable: boolean): Decoded {
    return { ...badResponse(message, retryable), ...this.stated };
  }

  #take(data: string, name: string | undefined): void {
    if (this.#result !== null) return;
    const first = data.charCodeAt(0);
    // `[DONE]` aside, every event worth parsing starts with a brace; only the odd ones need a closer look.
    if (first !== 0x7b) {
      const text = data.trim();
      if (text === "" || text === "null") return;
      if (text === "[DONE]") {
        this.#result = this.#builder.build();
        return;
      }
    }
    const value = parseJson(data);
    if (name === "error") {
      this.#builder.addError(value === undefined ? readErrorBody(data) : readErrorValue(value));
      this.#result = this.#builder.build();
    } else if (isJsonObject(value)) {
      this.#builder.add(value);
      if (this.#builder.broken || this.#builder.tooLarge !== null) this.#result = this.#builder.build();
    } else if (!this.#ending) {
      // What is left at the end is an event cut short: the stream broke off.
      this.#result = this.#bad(`an event of the stream is not a JSON object: ${oneLine(data, 300)}`, true);
    }
  }
}
