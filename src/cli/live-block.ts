import type { Output } from "./terminal.ts";

/** Terminal sequences. */
const hideCursor = "\u001b[?25l";
const showCursor = "\u001b[?25h";
const wrapOff = "\u001b[?7l";
const wrapOn = "\u001b[?7h";
const eraseLine = "\u001b[K";
const eraseBelow = "\u001b[J";

/**
 * Lines at the end of a terminal that are drawn again in place. The cursor waits on the first of them, so that whatever
 * a change of the terminal's size makes of the lines below, all of it is erased with the next drawing (where a terminal moves
 * the cursor when lines below it wrap anew, one stale line stays).
 */
export class LiveBlock {
  readonly #output: Output;
  #isDrawn = false;

  constructor(output: Output) {
    this.#output = output;
  }

  /** Draws lines in place of those before; none may be wider than the terminal less one column. */
  draw(lines: readonly string[]): void {
    const up = lines.length > 1 ? `\u001b[${lines.length - 1}A` : "";
    const text = lines.map((line) => `${line}${eraseLine}`).join("\r\n");
    this.#output.write(`${this.#isDrawn ? "" : hideCursor}${wrapOff}\r${text}${eraseBelow}${up}\r${wrapOn}`);
    this.#isDrawn = true;
  }

  /** Takes the lines away; what is written then stands where they were. */
  clear(): void {
    if (this.#isDrawn) this.#output.write(`\r${eraseBelow}${showCursor}`);
    this.#isDrawn = false;
  }
}
