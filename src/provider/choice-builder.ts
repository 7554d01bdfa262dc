import type { Completion } from "../outcome/completion.ts";
import { finishReason } from "./finish-reason.ts";
import { isJsonObject, type JsonObject, textOrNull } from "./json-value.ts";
import { splitThinking } from "./think-tags.ts";
import { ToolCallBuilder } from "./tool-call-builder.ts";

/** Gathers one choice from its deltas, or from the whole message, which is one delta that says everything. */
export class ChoiceBuilder {
  #content = "";
  #reasoning = "";
  #refusal = "";
  #toolCalls: ToolCallBuilder | null = null;
  #spoke = false;
  finishReasonRaw: string | null = null;

  /** Whether a delta or a message came at all, be it an empty one. */
  get spoke(): boolean {
    return this.#spoke;
  }

  /** Takes a `delta`, or a `message` as a whole, and says whether text, reasoning or a tool call was in it. */
  add(part: JsonObject, whole: boolean): boolean {
    this.#spoke = true;
    const { content } = part;
    let text = typeof content === "string" ? content : "";
    let reasoning = reasoningOf(part);
    if (Array.isArray(content)) {
      text = partsText(content, isAnswerPart);
      if (reasoning === "") reasoning = partsText(content, isThinkingPart);
    }
    const refusal = textOrNull(part.refusal) ?? "";
    // A whole message at the end of a stream says again what its deltas said: it replaces them.
    this.#content = whole && text !== "" ? text : this.#content + text;
    this.#reasoning = whole && reasoning !== "" ? reasoning : this.#reasoning + reasoning;
    this.#refusal = whole && refusal !== "" ? refusal : this.#refusal + refusal;
    const called = this.#addToolCalls(part, whole);
    return called || text !== "" || reasoning !== "" || refusal !== "";
  }

  /** Characters of everything that is kept. */
  get characters(): number {
    return (
      this.#content.length +
      this.#reasoning.length +
      this.#refusal.length +
      (this.#toolCalls?.characters ?? 0)
    );
  }

  get toolCallCount(): number {
    return this.#toolCalls?.count ?? 0;
  }

  build(choice: number): Completion {
    const toolCalls = this.#toolCalls?.build() ?? [];
    // Reasoning that came in a field of its own proves that the content is the answer, tags or not.
    const split = this.#reasoning === "" ? splitThinking(this.#content) : null;
    return {
      choice,
      content: split?.content ?? this.#content,
      reasoning: split?.reasoning ?? this.#reasoning,
      toolCalls,
      refusal: textOrNull(this.#refusal),
      finishReason: finishReason(this.finishReasonRaw, toolCalls.length > 0),
      finishReasonRaw: this.finishReasonRaw,
    };
  }

  #addToolCalls(part: JsonObject, whole: boolean): boolean {
    const { tool_calls: calls, function_call: legacy } = part;
    if (Array.isArray(calls) && calls.length > 0) {
      const builder = this.#builderFor(whole);
      for (const call of calls) {
        if (isJsonObject(call)) builder.add(call, whole);
      }
      return true;
    }
    if (!isJsonObject(legacy)) return false;
    this.#builderFor(whole).add({ index: 0, function: legacy }, whole);
    return true;
  }

  #builderFor(whole: boolean): ToolCallBuilder {
    if (whole || this.#toolCalls === null) this.#toolCalls = new ToolCallBuilder();
    return this.#toolCalls;
  }
}

/** Reasoning by its several names; gateways that send it under two of them mean the same text. */
function reasoningOf(part: JsonObject): string {
  const named = textOrNull(part.reasoning_content) ?? textOrNull(part.reasoning);
  if (named !== null) return named;
  const { reasoning_details: details } = part;
  return Array.isArray(details) ? partsText(details, () => true) : "";
}

const isThinkingPart = (type: unknown): boolean => type === "thinking" || type === "reasoning";
const isAnswerPart = (type: unknown): boolean => !isThinkingPart(type);

/** Text of content parts: plain strings, `{ text }`, `{ summary }`, and `{ thinking }`, which may be a list of parts again. */
function partsText(parts: readonly unknown[], wanted: (type: unknown) => boolean): string {
  let text = "";
  for (const part of parts) {
    if (typeof part === "string") text += wanted("text") ? part : "";
    else if (isJsonObject(part) && wanted(part.type)) {
      const { thinking } = part;
      text += Array.isArray(thinking)
        ? partsText(thinking.filter(hasOwnText), () => true)
        : (textOrNull(part.text) ?? textOrNull(thinking) ?? textOrNull(part.summary) ?? "");
    }
  }
  return text;
}

function hasOwnText(part: unknown): boolean {
  return isJsonObject(part) && typeof part.text === "string";
}
