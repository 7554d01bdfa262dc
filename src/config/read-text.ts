import type { Diagnostic, Place } from "../diagnostics/diagnostic.ts";
import { nearest } from "../diagnostics/nearest.ts";
import type { InputFiles } from "../system/input-files.ts";

/** The text of a UTF-8 file without its byte order mark, or what is wrong with the bytes, at the first bad one. */
export function decodeUtf8(bytes: Uint8Array, file: string): string | Diagnostic {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    const utf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
    return {
      code: "config/encoding",
      severity: "error",
      message: `\`${file}\` is ${utf16 ? "UTF-16" : "not UTF-8"} text`,
      hint: "save it as UTF-8",
      place: firstBadByte(bytes, file),
    };
  }
}

function firstBadByte(bytes: Uint8Array, file: string): Place {
  const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let before = "";
  try {
    // With `stream`, all characters before a bad byte are given before it throws.
    for (const byte of bytes) before += strict.decode(Uint8Array.of(byte), { stream: true });
  } catch {
    // `before` ends where the bad byte stands.
  }
  const lines = before.replace(/^\uFEFF/, "").split(/\r\n|\r|\n/);
  return { file, line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
}

/** `did you mean …?` for a file that is not there, by the names of the files in its folder; null without a near one. */
export function nearestFile(file: string, files: InputFiles): string | null {
  const cut = file.lastIndexOf("/");
  const folder = cut === -1 ? "." : file.slice(0, cut) || "/";
  const names = files.list(folder).map((name) => name.slice(name.lastIndexOf("/") + 1));
  const close = nearest(file.slice(cut + 1), names);
  return close === null ? null : `did you mean \`${file.slice(0, cut + 1)}${close}\`?`;
}
