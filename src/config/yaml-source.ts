import {
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type YAMLMap,
} from "yaml";
import type { Diagnostic, Place } from "../diagnostics/diagnostic.ts";
import type { Excerpt } from "../diagnostics/excerpt.ts";
import {
  sentence,
  syntaxProblems,
  unknownAliases,
  unsafeNumbers,
  type YamlProblem,
} from "./yaml-problems.ts";

/** Where in a value something stands: keys and indices from the root. */
export type Path = readonly (string | number)[];

/** A YAML (or JSON, which is YAML) text with its value and the place of everything in it. */
export interface YamlSource {
  readonly file: string;
  readonly text: string;
  /** The plain value; undefined when the text does not parse. */
  readonly value: unknown;
  readonly diagnostics: readonly Diagnostic[];
  /** The place of the value at a path, or of the nearest thing above it that is written down. */
  place(path: Path): Place;
  /** The place of the key at the end of a path; the value's place for list items. */
  keyPlace(path: Path): Place;
  /** What is written at a path, its key included; null when nothing is. Its place is that of the key. */
  excerpt(path: Path): Excerpt | null;
}

/** Reads YAML 1.2 (core schema, `<<` merges allowed, equal keys refused); problems are diagnostics, never thrown. */
export function parseYaml(text: string, file: string): YamlSource {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    version: "1.2",
    merge: true,
    uniqueKeys: true,
    prettyErrors: false,
    lineCounter: lines,
    // Whatever the parser would print is a diagnostic here.
    logLevel: "error",
  });
  const placeAt = (range: readonly number[] | null | undefined): Place => {
    const start = range?.[0] ?? 0;
    const { line, col } = lines.linePos(start);
    const end = range?.[1] ?? start + 1;
    const lineEnd = text.slice(start).search(/\r?\n/);
    const stop = lineEnd === -1 ? end : Math.min(end, start + lineEnd);
    return { file, line: Math.max(1, line), column: Math.max(1, col), length: Math.max(1, stop - start) };
  };
  const { problems, value } = readValue(document, text);
  return {
    file,
    text,
    value,
    diagnostics: problems.map(({ range, related, ...problem }) => ({
      ...problem,
      place: placeAt(range),
      ...(related === undefined ? {} : { related: placeAt(related) }),
    })),
    place: (path) => placeAt(find(document, path).value),
    keyPlace: (path) => {
      const found = find(document, path);
      return placeAt(found.key ?? found.value);
    },
    excerpt: (path) => {
      const { key, value: range, complete } = find(document, path);
      const start = key?.[0] ?? range?.[0];
      if (!complete || start === undefined) return null;
      const end = Math.max(range?.[1] ?? start, key?.[1] ?? start);
      return { place: placeAt(key ?? range), text: text.slice(start, end) };
    },
  };
}

function readValue(
  document: Document,
  text: string,
): { readonly problems: readonly YamlProblem[]; readonly value: unknown } {
  const syntax = syntaxProblems(document, text);
  if (document.errors.length > 0) return { problems: syntax, value: undefined };
  const aliases = unknownAliases(document);
  const problems = [...syntax, ...aliases, ...unsafeNumbers(document)];
  if (aliases.length > 0) return { problems, value: undefined };
  try {
    return { problems, value: document.toJS({ maxAliasCount: 1000 }) };
  } catch (error) {
    const said = sentence(error instanceof Error ? error.message : String(error));
    const message = said.includes("alias count") ? "the aliases of this file unfold to too much" : said;
    const problem: YamlProblem = { code: "config/yaml", severity: "error", message, range: [0, 1] };
    return { problems: [...problems, problem], value: undefined };
  }
}

type Range = readonly number[] | null | undefined;

interface Found {
  readonly key: Range;
  readonly value: Range;
  /** Whether all of the path was found. */
  readonly complete: boolean;
}

function find(document: Document, path: Path): Found {
  let node: unknown = document.contents;
  let key: Range;
  let range: Range = rangeOf(node);
  for (const step of path) {
    if (isAlias(node)) node = node.resolve(document);
    const pair = isMap(node) ? findPair(node, String(step), document) : undefined;
    const next: unknown =
      pair === undefined ? (isSeq(node) ? node.items[Number(step)] : undefined) : pair.value;
    if (pair === undefined && next === undefined) return { key, value: range, complete: false };
    key = pair === undefined ? null : rangeOf(pair.key);
    node = next;
    range = rangeOf(node) ?? key ?? range;
  }
  return { key, value: range, complete: true };
}

/** The pair of a key: the map's own, else that of a map merged into it (`<<`), the first named winning. */
function findPair(map: YAMLMap, key: string, document: Document): Pair | undefined {
  const own = map.items.find((item) => keyText(item) === key);
  if (own !== undefined) return own;
  for (const item of map.items.filter((pair) => keyText(pair) === "<<")) {
    const merged: readonly unknown[] = isSeq(item.value) ? item.value.items : [item.value];
    for (const one of merged) {
      const source = isAlias(one) ? one.resolve(document) : one;
      const found = isMap(source) ? findPair(source, key, document) : undefined;
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

function keyText(pair: Pair): string | null {
  if (!isScalar(pair.key)) return null;
  const { value } = pair.key;
  // The key of a merge is a symbol.
  return typeof value === "symbol" ? (value.description ?? null) : String(value);
}

function rangeOf(node: unknown): Range {
  if (isPair(node)) return rangeOf(node.key);
  return (node as Node | null | undefined)?.range;
}
