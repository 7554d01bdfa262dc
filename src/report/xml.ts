import { stripVTControlCharacters } from "node:util";
import { cutBytes } from "./cut-bytes.ts";

/** Everything that XML 1.0 forbids, lone surrogates included. */
const illegal = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

/** Text without what XML 1.0 forbids and without escape sequences of terminals; line ends are `\n`. */
export function legalText(text: string): string {
  return stripVTControlCharacters(text).replace(illegal, "").replace(/\r\n?/g, "\n");
}

/** Text as the content of an element, of at most so many bytes; `]]>` does not occur in it. */
export function xmlText(text: string, most: number = Number.POSITIVE_INFINITY): string {
  const escaped = legalText(text).replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
  return cutEscaped(escaped, most, "\n… (cut)");
}

/** Text as the value of an attribute in double quotes, of at most so many bytes; line ends and tabs survive. */
export function xmlAttribute(text: string, most: number = Number.POSITIVE_INFINITY): string {
  const escaped = legalText(text)
    .replace(/&/g, "&amp;")
    .replace(/</g, "&lt;")
    .replace(/>/g, "&gt;")
    .replace(/"/g, "&quot;")
    .replace(/\n/g, "&#10;")
    .replace(/\t/g, "&#9;");
  return cutEscaped(escaped, most, "…");
}

/** Attributes of an element, those that are null left out, with a space before each. */
export function xmlAttributes(attributes: Readonly<Record<string, string | number | null>>): string {
  return Object.entries(attributes)
    .map(([name, value]) => (value === null ? "" : ` ${name}="${xmlAttribute(String(value))}"`))
    .join("");
}

/** Cuts escaped text, never inside of an entity. */
function cutEscaped(escaped: string, most: number, mark: string): string {
  const kept = cutBytes(escaped, most, mark);
  if (kept === escaped) return escaped;
  return kept === "" ? "" : `${kept.slice(0, -mark.length).replace(/&[#\w]*$/, "")}${mark}`;
}
