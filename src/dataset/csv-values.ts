import { readJson } from "./json-rows.ts";
import { yamlScalar } from "./yaml.ts";

/** Parameters whose scalars are always text: `model: 4.1` and `stop: 0` are names and words, not numbers. */
const textParameters: ReadonlySet<string> = new Set(["model", "stop"]);

/** A value that was read, or what is wrong with its text. */
export type ParsedValue =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly problem: string };

/**
 * The values in a cell (`0|0.7`, separator `|`) or a flag (`a,b`, separator `,`). A backslash before the separator
 * takes its meaning away; inside a JSON list or object it has none. Nothing is trimmed; one value at least.
 */
export function splitValues(text: string, separator: string): readonly string[] {
  const values: string[] = [];
  let value = "";
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === "\\" && text[at + 1] === separator) {
      value += separator;
      at++;
    } else if (character === separator) {
      values.push(value);
      value = "";
    } else if ((character === "[" || character === "{") && value.trim() === "") {
      const end = bracketEnd(text, at, separator);
      value += text.slice(at, end);
      at = end - 1;
    } else {
      value += character;
    }
  }
  return [...values, value];
}

/** Offset behind the JSON list or object at `from`; `from + 1` where brackets do not close before a separator or the end. */
function bracketEnd(text: string, from: number, separator: string): number {
  let depth = 0;
  let quoted = false;
  for (let at = from; at < text.length; at++) {
    const character = text.charAt(at);
    if (quoted) {
      if (character === "\\") at++;
      else if (character === '"') quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === "[" || character === "{") depth++;
    else if (character === "]" || character === "}") depth--;
    if (depth > 0) continue;
    const rest = text.slice(at + 1).trimStart();
    return rest === "" || rest.startsWith(separator) ? at + 1 : from + 1;
  }
  return from + 1;
}

/**
 * The value of one parameter as a cell or flag writes it: JSON where it begins with `[` or `{`, else a YAML 1.2 scalar.
 * For `model` and `stop` a scalar is always text, and so is what begins with a bracket but is no JSON (`[END]`); the
 * white space around a `stop` is part of it. Empty text is null (do not send), for `stop` and `model` too.
 */
export function parseScalar(text: string, name: string): ParsedValue {
  const trimmed = text.trim();
  const isText = textParameters.has(name);
  if (trimmed.startsWith("[") || trimmed.startsWith("{")) {
    const { value, fault } = readJson(trimmed);
    if (fault === null) return { ok: true, value };
    const placeholder = /^\{\{.*\}\}$/s.test(trimmed);
    if (isText || placeholder) return { ok: true, value: name === "stop" && !placeholder ? text : trimmed };
    return {
      ok: false,
      problem: `\`${shortened(trimmed)}\` is not JSON: ${fault.message}, at character ${fault.offset + 1}`,
    };
  }
  if (!isText) return { ok: true, value: yamlScalar(trimmed) };
  const value = name === "stop" ? text : trimmed;
  return { ok: true, value: value === "" ? null : value };
}

function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
