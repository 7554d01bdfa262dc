import { createHash } from "node:crypto";
import { printable } from "./text-table.ts";

/** Text that HTML shows as it is, without what steers a terminal or turns a line's direction. */
export function escaped(text: string): string {
  return printable(text)
    .replace(/\p{Surrogate}/gu, "\ufffd")
    .replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** A script or style as a Content-Security-Policy names it. */
export function hashOf(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}
