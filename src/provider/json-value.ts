/** A JSON object of which nothing else is known. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Whether a JSON value is an object, and neither a list nor null. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The text, or null for anything else and for `""`. */
export function textOrNull(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

/** An error code as text: numbers are written out, anything but numbers and non-empty text is null. */
export function codeOrNull(value: unknown): string | null {
  return typeof value === "number" ? String(value) : textOrNull(value);
}

/** What is shorter cannot nest so deep that writing it again would overflow the stack. */
const scannedFrom = 4096;
const deepest = 512;

/**
 * The value a JSON text stands for, or `undefined` when it is not JSON. A leading BOM is allowed. Texts that nest deeper
 * than 512 (of 4 096 characters and more) are refused: no server means them, and they would overflow the stack of whoever
 * writes them again, or fill the memory with brackets.
 */
export function parseJson(text: string): unknown {
  const json = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  if (json.length >= scannedFrom && nestsDeeper(json)) return undefined;
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return undefined;
  }
}

function nestsDeeper(json: string): boolean {
  let depth = 0;
  let quoted = false;
  for (let i = 0; i < json.length; i++) {
    const c = json.charCodeAt(i);
    if (quoted) {
      if (c === 0x5c) i++;
      else if (c === 0x22) quoted = false;
    } else if (c === 0x22) quoted = true;
    else if (c === 0x5b || c === 0x7b) {
      if (++depth > deepest) return true;
    } else if (c === 0x5d || c === 0x7d) depth--;
  }
  return false;
}
