import { createHash } from "node:crypto";
import { type Answer, type Usage, unknownUsage } from "../outcome/completion.ts";
import type { Failure } from "../outcome/failure.ts";
import { bodyTraceId } from "./body-trace-id.ts";
import { ChoiceBuilder } from "./choice-builder.ts";
import { type ErrorFacts, hiddenError } from "./error-body.ts";
import { classifyHiddenError } from "./failure-classifier.ts";
import { failedFinish } from "./finish-reason.ts";
import { isJsonObject, type JsonObject, textOrNull } from "./json-value.ts";
import { readUsage } from "./usage-reader.ts";

/** What the body of a 2xx came to. */
export type Decoded =
  | {
      readonly status: "ok";
      readonly answer: Answer;
      /** As below. */
      readonly traceId?: string;
    }
  | {
      readonly status: "failed";
      readonly failure: Failure;
      /** What the server had said of its use; absent where it had said nothing. */
      readonly usage?: Usage;
      /** The server's id of the exchange, where the body had it. */
      readonly traceId?: string;
    };

/** The most characters of all choices together: many times what any model writes. */
const mostCharacters = 16_000_000;
/** The most tool calls of one choice. */
const mostToolCalls = 1024;
/** As many choices may come without being counted against those asked for: the most that OpenAI allows. */
const likelyChoices = 128;

/** What a server has said beside its answer so far; absent where it said nothing. */
export interface Stated {
  readonly usage?: Usage;
  readonly traceId?: string;
}

/**
 * Builds an answer from JSON objects: the chunks of a stream, or the one object of an unstreamed response. The only place
 * where completions are made, so that both give the same answer.
 */
export class AnswerBuilder {
  readonly #asked: () => number;
  readonly #paceCodes: readonly string[];
  readonly #choices = new Map<number, ChoiceBuilder>();
  #usage: Usage | null = null;
  #responseId: string | null = null;
  #responseModel: string | null = null;
  #fingerprint: string | null = null;
  #error: ErrorFacts | null = null;
  #traceId: string | null = null;
  #begun = false;
  #characters = 0;
  #tooLarge: string | null = null;

  /**
   * `asked` gives the number of choices wanted; it is called only where there are suspiciously many. `paceCodes` are codes
   * that mean the current minute at this server.
   */
  constructor(asked: () => number, paceCodes: readonly string[] = []) {
    this.#asked = asked;
    this.#paceCodes = paceCodes;
  }

  /** Whether text, reasoning or a tool call came already. */
  get begun(): boolean {
    return this.#begun;
  }

  /** How many choices have said why they ended; null when there is one that has not. */
  get finished(): number | null {
    for (const choice of this.#choices.values()) if (choice.finishReasonRaw === null) return null;
    return this.#choices.size;
  }

  /** Whether the server has confessed an error instead of, or inside, the answer. */
  get broken(): boolean {
    return this.#error !== null;
  }

  /** What the server has said of its use and its id so far, as a failure keeps it. */
  get stated(): Stated {
    return {
      ...(this.#usage === null ? {} : { usage: this.#usage }),
      ...this.#traced,
    };
  }

  get #traced(): Pick<Stated, "traceId"> {
    return this.#traceId === null ? {} : { traceId: this.#traceId };
  }

  /** Characters of text, reasoning, refusals and tool calls so far. */
  get characters(): number {
    return this.#characters;
  }

  /** Which limit the answer has passed, in words; null for none. */
  get tooLarge(): string | null {
    return this.#tooLarge;
  }

  /** Whether the server has written anything, or says that it has. */
  get #worked(): boolean {
    return this.#begun || (this.#usage?.completionTokens ?? 0) > 0;
  }

  /** Takes one object. After an error nothing is taken any more. */
  add(value: JsonObject): void {
    if (this.#error !== null || this.#tooLarge !== null) return;
    this.#responseId ??= shortText(value.id);
    this.#responseModel ??= shortText(value.model);
    this.#traceId ??= bodyTraceId(value);
    this.#fingerprint ??= shortText(value.system_fingerprint);
    const { choices } = value;
    if (Array.isArray(choices)) this.#addChoices(choices);
    const groq = value.x_groq;
    const usage = readUsage(value.usage) ?? (isJsonObject(groq) ? readUsage(groq.usage) : null);
    if (usage !== null) this.#assign(usage);
    this.#error = hiddenError(value);
  }

  /** Takes an error that came in an event of its own. */
  addError(facts: ErrorFacts): void {
    this.#error ??= facts;
    this.#traceId ??= facts.requestId;
  }

  /** The answer, or why there is none. */
  build(): Decoded {
    if (this.#error !== null) {
      return {
        status: "failed",
        failure: classifyHiddenError(this.#error, this.#worked, this.#paceCodes),
        ...this.stated,
      };
    }
    if (this.#tooLarge !== null) return { ...badResponse(this.#tooLarge, false), ...this.stated };
    for (const { finishReasonRaw } of this.#choices.values()) {
      const kind = failedFinish(finishReasonRaw);
      if (kind !== null) return this.#failedBy(kind, finishReasonRaw ?? "");
    }
    for (const { spoke } of this.#choices.values())
      if (!spoke)
        return { ...badResponse("the server answered a choice without a message", true), ...this.stated };
    if (this.#choices.size === 0) {
      return { ...badResponse("the server answered without any choices", true), ...this.stated };
    }
    return {
      status: "ok",
      answer: {
        completions: [...this.#choices]
          .sort(([a], [b]) => a - b)
          .map(([index, choice]) => choice.build(index)),
        usage: this.#usage ?? unknownUsage,
        responseId: this.#responseId,
        responseModel: this.#responseModel,
        ...(this.#fingerprint === null ? {} : { systemFingerprint: digest(this.#fingerprint) }),
      },
      ...this.#traced,
    };
  }

  #addChoices(choices: readonly unknown[]): void {
    // Some servers number all choices of a whole answer 0.
    const numbered = choices.length < 2 || new Set(choices.map(indexOf)).size === choices.length;
    for (let position = 0; position < choices.length; position++) {
      const choice: unknown = choices[position];
      if (!isJsonObject(choice)) continue;
      const index = (numbered ? indexOf(choice) : null) ?? position;
      let builder = this.#choices.get(index);
      if (builder === undefined) {
        if (this.#choices.size >= likelyChoices && this.#choices.size >= this.#asked()) {
          this.#tooLarge = `the server answered with more than ${this.#choices.size} choices`;
          return;
        }
        builder = new ChoiceBuilder();
        this.#choices.set(index, builder);
      }
      const { delta, message } = choice;
      const before = builder.characters;
      if (isJsonObject(delta) && !(isJsonObject(message) && Object.keys(delta).length === 0)) {
        if (builder.add(delta, false)) this.#begun = true;
      } else if (isJsonObject(message)) {
        if (builder.add(message, true)) this.#begun = true;
      } else if (typeof choice.text === "string" && builder.add({ content: choice.text }, false)) {
        // The older completions endpoint, behind some gateways.
        this.#begun = true;
      }
      this.#characters += builder.characters - before;
      if (this.#characters > mostCharacters)
        this.#tooLarge = `the answer is longer than ${mostCharacters / 1e6} million characters`;
      else if (builder.toolCallCount > mostToolCalls)
        this.#tooLarge = `the answer has more than ${mostToolCalls} tool calls`;
      if (this.#tooLarge !== null) return;
      const reason = shortText(choice.finish_reason);
      if (reason !== null) builder.finishReasonRaw = reason;
      const usage = "usage" in choice ? readUsage(choice.usage) : null;
      if (usage !== null) this.#assign(usage);
    }
  }

  /** A later statement replaces an earlier one, but for one that knows of nothing. */
  #assign(usage: Usage): void {
    if ((usage.totalTokens ?? 0) > 0 || (this.#usage?.totalTokens ?? 0) === 0) this.#usage = usage;
  }

  #failedBy(kind: Failure["kind"], reason: string): Decoded {
    return {
      status: "failed",
      failure: {
        kind,
        message: `the server gave up on the answer (finish reason \`${reason}\`)`,
        code: reason,
        retryable: true,
        maybeBilled: this.#worked,
      },
      ...this.stated,
    };
  }
}

/** Ids and names: what is longer is none. */
function shortText(value: unknown): string | null {
  return textOrNull(value)?.slice(0, longestName) ?? null;
}

const longestName = 200;

/** A failure of kind `bad_response`: the server did its work, in a form that is no answer. */
export function badResponse(message: string, retryable: boolean): Decoded & { readonly status: "failed" } {
  return {
    status: "failed",
    failure: { kind: "bad_response", message, code: null, retryable, maybeBilled: true },
  };
}

/** What a server puts there is compared, never read: as a digest it cannot carry an echoed key into a file. */
function digest(fingerprint: string): string {
  return createHash("sha256").update(fingerprint).digest("hex").slice(0, 12);
}

function indexOf(choice: unknown): number | null {
  const index = isJsonObject(choice) ? choice.index : null;
  return typeof index === "number" && Number.isInteger(index) && index >= 0 ? index : null;
}
