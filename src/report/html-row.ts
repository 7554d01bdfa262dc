import type { RequestResult, ScoredCompletion } from "../aggregate/result.ts";
import type { HtmlAnswer, HtmlRow } from "./html-data.ts";

/** Characters of a text that the page holds. */
const mostCharacters = 20_000;

/** Gathers the answers of one row for the page. */
export class HtmlRowBuilder {
  readonly #rowId: string;
  readonly #variables: Readonly<Record<string, unknown>>;
  readonly #messages: (readonly unknown[])[] = [];
  readonly #known = new Map<string, number>();
  readonly #answers: HtmlAnswer[] = [];
  #characters = 0;

  constructor(rowId: string, variables: Readonly<Record<string, unknown>>) {
    this.#rowId = rowId;
    this.#variables = shortValues(variables);
    this.#characters += JSON.stringify(this.#variables).length;
  }

  /** Characters that the row takes, about. */
  get characters(): number {
    return this.#characters;
  }

  add(result: RequestResult): void {
    if (result.status === "pending") return;
    const asked = this.#asked(result.messages);
    const lines = result.completions.length === 0 ? [null] : result.completions;
    for (const scored of lines) {
      const answer = answerOf(result, scored, asked);
      this.#answers.push(answer);
      this.#characters += JSON.stringify(answer).length;
    }
  }

  build(): HtmlRow {
    return {
      row_id: this.#rowId,
      variables: this.#variables,
      messages: this.#messages,
      answers: this.#answers,
    };
  }

  #asked(messages: readonly unknown[]): number {
    const short = shortValues(messages) as readonly unknown[];
    const text = JSON.stringify(short);
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    this.#known.set(text, this.#messages.length);
    this.#messages.push(short);
    this.#characters += text.length;
    return this.#messages.length - 1;
  }
}

function answerOf(result: RequestResult, scored: ScoredCompletion | null, asked: number): HtmlAnswer {
  const completion = scored?.completion;
  const { cost } = result;
  return {
    variant: result.variantIndex,
    trial: result.trial,
    choice: completion?.choice ?? 0,
    status: result.status,
    passed: scored?.passed ?? null,
    reason: scored?.failReason ?? null,
    output: short(completion?.content ?? ""),
    reasoning: short(completion?.reasoning ?? ""),
    tool_calls: (completion?.toolCalls ?? []).map((call) => ({
      name: short(call.name),
      arguments: short(call.arguments),
    })),
    finish_reason: completion?.finishReason ?? null,
    scores: Object.fromEntries(
      Object.entries(scored?.scores ?? {}).map(([id, { value, reason }]) => [
        id,
        { value, ...(reason === undefined ? {} : { reason: short(reason) }) },
      ]),
    ),
    latency_ms: result.times.latencyMs,
    completion_tokens: result.answer?.usage.completionTokens ?? null,
    cost: cost === null ? null : `${cost.amount} ${cost.currency}`,
    error: result.failure === null ? null : short(`${result.failure.kind}: ${result.failure.message}`),
    parameters: shortValues(result.parameters) as Readonly<Record<string, unknown>>,
    asked,
  };
}

/** A text as long as the page holds it, and a word where it is longer. */
export function shortText<T extends string | null>(text: T): T {
  return (text === null ? null : short(text)) as T;
}

function short(text: string): string {
  if (text.length <= mostCharacters) return text;
  return `${text.slice(0, mostCharacters)}… [${text.length - mostCharacters} more characters: completions.csv has all]`;
}

/** A value whose texts are cut; images and the like are long texts, too. */
function shortValues<T>(value: T): T {
  if (typeof value === "string")
    return (value.startsWith("data:") ? short(value.slice(0, 80)) : short(value)) as T;
  if (Array.isArray(value)) return value.map(shortValues) as T;
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, shortValues(member)])) as T;
  return value;
}
