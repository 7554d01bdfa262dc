import type { Findings } from "./findings.ts";

const lf = 0x0a;
const cr = 0x0d;

/**
 * The text of a UTF-8 file without its byte order mark. Bad bytes and NUL characters are errors with their lines
 * (counted at LF, CR LF and CR), and then the text has U+FFFD in their stead so that it can still be searched for
 * other problems. Null for UTF-16, of which nothing can be read.
 */
export function decodeText(bytes: Uint8Array, file: string, findings: Findings): string | null {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
    findings.error("bad-encoding", `\`${file}\` is UTF-16 text, expected UTF-8`, {
      hint: "save it as UTF-8 (in Excel: `CSV UTF-8`)",
      place: { file, line: 1, column: 1 },
    });
    return null;
  }
  const text = decodeStrictly(bytes);
  if (text === null) reportBadLines(bytes, file, findings);
  const readable = text ?? new TextDecoder("utf-8").decode(bytes);
  if (readable.includes("\0")) reportNuls(readable, file, findings);
  return readable;
}

function decodeStrictly(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

function reportBadLines(bytes: Uint8Array, file: string, findings: Findings): void {
  let line = 1;
  for (let start = 0; start <= bytes.length; line++) {
    let end = start;
    while (end < bytes.length && bytes[end] !== lf && bytes[end] !== cr) end++;
    const content = bytes.subarray(start, end);
    if (decodeStrictly(content) === null) {
      const good = goodLength(content);
      const byte = (content[good] ?? 0).toString(16).padStart(2, "0");
      const column = new TextDecoder("utf-8").decode(content.subarray(0, good)).length + 1;
      findings.error("bad-encoding", `byte 0x${byte} is not UTF-8 text`, {
        hint: "save the file as UTF-8 (in Excel: `CSV UTF-8`)",
        place: { file, line, column },
      });
    }
    start = end + (bytes[end] === cr && bytes[end + 1] === lf ? 2 : 1);
  }
}

/** How many bytes stand before the first character that is not UTF-8. */
function goodLength(content: Uint8Array): number {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let good = 0;
  for (let i = 0; i < content.length; i++) {
    try {
      // With `stream`, a character that has begun gives no text until its last byte.
      if (decoder.decode(content.subarray(i, i + 1), { stream: true }) !== "") good = i + 1;
    } catch {
      return good;
    }
  }
  return good;
}

function reportNuls(text: string, file: string, findings: Findings): void {
  text.split(/\r\n|\r|\n/).forEach((line, i) => {
    const at = line.indexOf("\0");
    if (at === -1) return;
    findings.error("nul-byte", "found a NUL character", {
      hint: "is this UTF-16, or not a text file?",
      place: { file, line: i + 1, column: at + 1 },
    });
  });
}
