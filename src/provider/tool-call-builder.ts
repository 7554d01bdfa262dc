import type { ToolCall } from "../outcome/completion.ts";
import { isJsonObject, type JsonObject, textOrNull } from "./json-value.ts";

interface Draft {
  readonly index: number;
  id: string | null;
  name: string;
  arguments: string;
}

/** Puts the fragments of tool calls together, by index; arguments stay the text the model wrote. */
export class ToolCallBuilder {
  readonly #drafts: Draft[] = [];
  #characters = 0;

  /** Characters of ids, names and arguments so far. */
  get characters(): number {
    return this.#characters;
  }

  /** Calls so far. */
  get count(): number {
    return this.#drafts.length;
  }

  /**
   * Takes one fragment, or with `whole` one complete call. Id and name count where they first are not empty, arguments
   * are joined. A fragment that brings both another id and a name is another call, because some servers give every call
   * of a message the same index, or none.
   */
  add(fragment: JsonObject, whole: boolean): void {
    const call = isJsonObject(fragment.function) ? fragment.function : fragment;
    const id = textOrNull(fragment.id);
    const name = textOrNull(call.name);
    const draft =
      (whole ? undefined : this.#find(fragment.index, id, name)) ?? this.#open(fragment.index, whole);
    if (draft.id === null && id !== null) {
      draft.id = id;
      this.#characters += id.length;
    }
    if (draft.name === "" && name !== null) {
      draft.name = name;
      this.#characters += name.length;
    }
    const written = argumentsText(call.arguments);
    draft.arguments += written;
    this.#characters += written.length;
  }

  /** The calls in order of their index. */
  build(): readonly ToolCall[] {
    return [...this.#drafts]
      .sort((a, b) => a.index - b.index)
      .map(({ id, name, arguments: written }) => ({ id, name, arguments: written }));
  }

  #find(index: unknown, id: string | null, name: string | null): Draft | undefined {
    const draft =
      typeof index === "number"
        ? this.#drafts.findLast((d) => d.index === index)
        : this.#drafts[this.#drafts.length - 1];
    const another = id !== null && name !== null && draft?.id !== null && draft?.id !== id;
    return another ? undefined : draft;
  }

  #open(index: unknown, whole: boolean): Draft {
    const place = typeof index === "number" && !whole ? index : this.#drafts.length;
    const draft: Draft = { index: place, id: null, name: "", arguments: "" };
    this.#drafts.push(draft);
    return draft;
  }
}

function argumentsText(value: unknown): string {
  if (typeof value === "string") return value;
  return value === undefined || value === null ? "" : JSON.stringify(value);
}
