import type { BaselineFacts, InputDigest } from "./baseline-facts.ts";
import { isObject, type JsonObject } from "./baseline-text.ts";

/** What stands in a baseline file before its rows, and around the outcomes of each variant. */
export interface BaselineHead {
  readonly facts: BaselineFacts;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly scorers: ReadonlyMap<string, string>;
  readonly required: readonly string[];
  readonly variables: readonly string[];
  readonly columns: readonly string[];
  readonly clustered: boolean;
  readonly prompts: ReadonlyMap<string, string>;
  readonly rows: readonly unknown[];
  readonly variants: readonly VariantHead[];
}

/** A variant as a baseline file describes it. */
export interface VariantHead {
  readonly variantId: string;
  readonly label: string;
  readonly promptId: string;
  readonly provider: string;
  readonly parameters: JsonObject;
  readonly models: readonly string[];
  readonly currencies: readonly string[];
  readonly outcomes: readonly unknown[];
}

/** Reads all but the rows; a problem names the key that is not what it must be. */
export function readBaselineHead(
  value: JsonObject,
): { readonly head: BaselineHead } | { readonly problems: readonly string[] } {
  const read = new KeyReader(value, "");
  const run = read.object("run");
  const head: BaselineHead = {
    facts: {
      runId: run.text("id"),
      runName: run.text("name"),
      status: run.text("status"),
      gitRevision: run.textOrNull("git_revision"),
      promptgridVersion: run.text("promptgrid_version"),
      simulated: run.texts("simulated"),
      matrix: inputOf(read, "matrix"),
      dataset: inputOf(read, "dataset"),
      pricesDate: read.textOrNull("prices_date"),
    },
    startedAt: run.timeOrNull("started_at"),
    endedAt: run.timeOrNull("ended_at"),
    scorers: read.object("scorers").allTexts(),
    required: read.texts("required"),
    variables: read.texts("variables"),
    columns: read.texts("columns"),
    clustered: read.flag("clustered"),
    prompts: read.object("prompts").allTexts(),
    rows: read.list("rows"),
    variants: read.list("variants").map((variant, i) => variantOf(read.at("variants", i, variant))),
  };
  return read.problems.length > 0 ? { problems: read.problems } : { head };
}

function variantOf(read: KeyReader): VariantHead {
  return {
    variantId: read.text("variant_id"),
    label: read.text("variant"),
    promptId: read.text("prompt_id"),
    provider: read.text("provider"),
    parameters: read.object("parameters").value,
    models: read.texts("models"),
    currencies: read.texts("currencies"),
    outcomes: read.list("outcomes"),
  };
}

function inputOf(read: KeyReader, key: string): InputDigest | null {
  if (read.value[key] === null || read.value[key] === undefined) return null;
  const input = read.object(key);
  return { file: input.text("file"), sha256: input.text("sha256") };
}

/** Reads keys of an object by type and collects what is not as it must be. */
class KeyReader {
  readonly value: JsonObject;
  readonly problems: string[];
  readonly #path: string;

  constructor(value: JsonObject, path: string, problems: string[] = []) {
    this.value = value;
    this.#path = path;
    this.problems = problems;
  }

  text(key: string): string {
    const value = this.value[key];
    return typeof value === "string" ? value : this.#bad(key, "a text", "");
  }

  textOrNull(key: string): string | null {
    return (this.value[key] ?? null) === null ? null : this.text(key);
  }

  timeOrNull(key: string): string | null {
    const text = this.textOrNull(key);
    return text !== null && Number.isNaN(Date.parse(text)) ? this.#bad(key, "a time (ISO 8601)", null) : text;
  }

  flag(key: string): boolean {
    const value = this.value[key];
    return typeof value === "boolean" ? value : this.#bad(key, "true or false", false);
  }

  list(key: string): readonly unknown[] {
    const value = this.value[key];
    return Array.isArray(value) ? value : this.#bad(key, "a list", []);
  }

  texts(key: string): readonly string[] {
    const all = this.list(key);
    const texts = all.filter((one) => typeof one === "string");
    return texts.length === all.length ? texts : this.#bad(key, "a list of texts", []);
  }

  object(key: string): KeyReader {
    return this.#inner(key, this.value[key]);
  }

  at(key: string, position: number, value: unknown): KeyReader {
    return this.#inner(`${key}[${position}]`, value);
  }

  allTexts(): ReadonlyMap<string, string> {
    return new Map(Object.keys(this.value).map((key) => [key, this.text(key)]));
  }

  #inner(key: string, value: unknown): KeyReader {
    const inside = isObject(value) ? value : this.#bad(key, "an object", null);
    // What is not there at all is one problem, not one for each of its keys.
    return new KeyReader(inside ?? {}, `${this.#path}${key}.`, inside === null ? [] : this.problems);
  }

  #bad<T>(key: string, expected: string, instead: T): T {
    this.problems.push(`\`${this.#path}${key}\` must be ${expected}`);
    return instead;
  }
}
