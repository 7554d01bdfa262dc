/** What `JSON.parse` does not tell: where a text goes wrong, and where things stand in it. */
export interface JsonScan {
  /** Offset of the first character that cannot stand there (the text's length when it ends too early); null for none. */
  readonly fault: number | null;
  /** Offsets of the items, when the text is a list. */
  readonly items: readonly number[];
  /** Numbers that a 64-bit float does not hold exactly: whole ones beyond 2^53, and those beyond its range. */
  readonly unsafe: readonly { readonly offset: number; readonly text: string }[];
}

type Expected = "value" | "item or end" | "key" | "key or end" | "colon" | "comma or end" | "end";

const number = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
const space = /[ \t\r\n]*/y;

/** Walks a JSON text (RFC 8259) without building its value; nesting of any depth. */
export function scanJson(text: string): JsonScan {
  const items: number[] = [];
  const unsafe: { offset: number; text: string }[] = [];
  const open: ("[" | "{")[] = [];
  let expected: Expected = "value";
  let at = 0;
  const afterValue = (): Expected => (open.length === 0 ? "end" : "comma or end");
  for (;;) {
    space.lastIndex = at;
    at += space.exec(text)?.[0].length ?? 0;
    const character = text[at];
    const inner = open.at(-1);
    if (character === undefined) return { fault: expected === "end" ? null : at, items, unsafe };
    if ((character === "]" && inner === "[") || (character === "}" && inner === "{")) {
      const allowed =
        expected === "comma or end" || expected === (inner === "[" ? "item or end" : "key or end");
      if (!allowed) return { fault: at, items, unsafe };
      open.pop();
      expected = afterValue();
      at++;
    } else if (expected === "comma or end" && character === ",") {
      expected = inner === "[" ? "value" : "key";
      at++;
    } else if (expected === "colon" && character === ":") {
      expected = "value";
      at++;
    } else if ((expected === "key" || expected === "key or end") && character === '"') {
      const end = stringEnd(text, at);
      if (end < 0) return { fault: -end, items, unsafe };
      expected = "colon";
      at = end;
    } else if (expected === "value" || expected === "item or end") {
      if (open.length === 1 && inner === "[") items.push(at);
      if (character === "[" || character === "{") {
        open.push(character);
        expected = character === "[" ? "item or end" : "key or end";
        at++;
        continue;
      }
      const end = scalarEnd(text, at);
      if (end <= 0) return { fault: -end, items, unsafe };
      if (character !== '"' && isUnsafe(text.slice(at, end)))
        unsafe.push({ offset: at, text: text.slice(at, end) });
      expected = afterValue();
      at = end;
    } else {
      return { fault: at, items, unsafe };
    }
  }
}

/** Whether a literal is a number that reads back as another one, or as infinity. */
function isUnsafe(literal: string): boolean {
  if (literal.length < 5) return false;
  const value = Number(literal);
  return /^-?\d+$/.test(literal) ? !Number.isSafeInteger(value) : Math.abs(value) === Infinity;
}

/** Offset behind the scalar at `at`; the negative offset of the fault when there is none. */
function scalarEnd(text: string, at: number): number {
  if (text[at] === '"') return stringEnd(text, at);
  for (const word of ["true", "false", "null"]) if (text.startsWith(word, at)) return at + word.length;
  number.lastIndex = at;
  const match = number.exec(text);
  return match === null ? -at : at + match[0].length;
}

/** Offset behind the string that opens at `at`; the negative offset of the fault in it. */
function stringEnd(text: string, at: number): number {
  for (let i = at + 1; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x22) return i + 1;
    if (code < 0x20) return -i;
    if (code !== 0x5c) continue;
    const escaped = text[++i] ?? "";
    if (escaped === "u") {
      if (!/^[0-9a-fA-F]{4}$/.test(text.slice(i + 1, i + 5))) return -i;
      i += 4;
    } else if (escaped === "" || !'"\\/bfnrt'.includes(escaped)) {
      return -i;
    }
  }
  return -text.length;
}
