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
} from "yaml";
import type { Diagnostic, Place } from "../diagnostics/diagnostic.ts";

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
  });
  const placeAt = (range: readonly number[] | null | undefined): Place => {
    const start = range?.[0] ?? 0;
    const { line, col } = lines.linePos(start);
    const end = range?.[1] ?? start + 1;
    const lineEnd = text.indexOf("\n", start);
    const stop = lineEnd === -1 ? end : Math.min(end, lineEnd);
    return { file, line: Math.max(1, line), column: Math.max(1, col), length: Math.max(1, stop - start) };
  };
  const diagnostics: Diagnostic[] = [...document.errors, ...document.warnings].map((problem) => ({
    code: problem.code === "DUPLICATE_KEY" ? "config/duplicate-key" : "config/yaml",
    severity: problem.name === "YAMLWarning" ? "warning" : "error",
    message: sentence(problem.message),
    place: placeAt(problem.pos),
  }));
  const failed = document.errors.length > 0;
  let value: unknown;
  if (!failed) {
    try {
      value = document.toJS({ maxAliasCount: 1000 });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      diagnostics.push({
        code: "config/yaml",
        severity: "error",
        message: sentence(message),
        place: placeAt([0, 1]),
      });
    }
  }
  return {
    file,
    text,
    value,
    diagnostics,
    place: (path) => placeAt(find(document, path).value),
    keyPlace: (path) => {
      const found = find(document, path);
      return placeAt(found.key ?? found.value);
    },
  };
}

/** A message in the house's form: lower case at the start, no full stop, one line. */
function sentence(message: string): string {
  const line = message.split("\n")[0] ?? message;
  const body = line.replace(/\.$/, "");
  return /^[A-Z][a-z]/.test(body) ? (body[0] ?? "").toLowerCase() + body.slice(1) : body;
}

type Range = readonly number[] | null | undefined;

function find(document: Document, path: Path): { key: Range; value: Range } {
  let node: unknown = document.contents;
  let key: Range;
  let range: Range = rangeOf(node);
  for (const step of path) {
    if (isAlias(node)) node = node.resolve(document);
    const pair = isMap(node) ? node.items.find((item) => keyText(item) === String(step)) : undefined;
    const next: unknown =
      pair === undefined ? (isSeq(node) ? node.items[Number(step)] : undefined) : pair.value;
    if (pair === undefined && next === undefined) break;
    key = pair === undefined ? null : rangeOf(pair.key);
    node = next;
    range = rangeOf(node) ?? key ?? range;
  }
  return { key, value: range };
}

function keyText(pair: Pair): string | null {
  return isScalar(pair.key) ? String(pair.key.value) : null;
}

function rangeOf(node: unknown): Range {
  if (isPair(node)) return rangeOf(node.key);
  return (node as Node | null | undefined)?.range;
}
