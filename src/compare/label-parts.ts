/** One `name=value` of a label or of a selector; the value as it is written, quotes included. */
export interface LabelPart {
  readonly name: string;
  readonly value: string;
}

/**
 * The parts of `prompt=v2,model=X,response_format={"type":"text"}`; null for a text that is no such list. A comma ends a
 * value where another `name=` follows it; quoted text and JSON, cut ones (`…`) too, may hold both signs.
 */
export function labelParts(text: string): readonly LabelPart[] | null {
  const parts: LabelPart[] = [];
  let at = 0;
  while (at < text.length) {
    const equals = text.indexOf("=", at);
    const name = text.slice(at, Math.max(at, equals)).trim();
    if (name === "") return null;
    const end = valueEnd(text, equals + 1);
    parts.push({ name, value: text.slice(equals + 1, end).trim() });
    at = end + 1;
  }
  return parts.length === 0 ? null : parts;
}

const quoted = /\s*"(?:[^"\\]|\\.)*"\s*(?=,|$)/y;
const gap = /\s*(?=,|$)/y;
const plain = /.*?(?=,[^,=]+=|$)/sy;

function valueEnd(text: string, start: number): number {
  const opened = /^\s*[[{]/.test(text.slice(start));
  return (
    endOf(quoted, text, start) ??
    (opened ? jsonEnd(text, start) : null) ??
    endOf(plain, text, start) ??
    text.length
  );
}

function endOf(pattern: RegExp, text: string, start: number): number | null {
  pattern.lastIndex = start;
  return pattern.test(text) ? pattern.lastIndex : null;
}

/** Where a JSON list or object ends, or the `…` that cut it off; null where it does neither. */
function jsonEnd(text: string, start: number): number | null {
  let depth = 0;
  let inText = false;
  for (let at = start; at < text.length; at++) {
    const sign = text.charAt(at);
    if (inText) {
      if (sign === "\\") at++;
      else if (sign === '"') inText = false;
    } else if (sign === '"') inText = true;
    else if (sign === "[" || sign === "{") depth++;
    else if (sign === "]" || sign === "}") {
      depth--;
      const end = depth === 0 ? endOf(gap, text, at + 1) : null;
      if (end !== null) return end;
    }
  }
  const cut = /…(?=,|$)/.exec(text.slice(start));
  return cut === null ? null : start + cut.index + 1;
}
