import { byteCount } from "./cut-bytes.ts";

/** A part of a text that can be made shorter by leaving items out, never by cutting through them. */
export interface Block {
  /** Before the items. */
  readonly head: string;
  readonly items: readonly string[];
  /** Behind the items. */
  readonly tail: string;
  /** What is said of so many items that were left out, behind the tail. */
  readonly left: (count: number) => string;
}

/**
 * The blocks one after another in at most so many bytes of UTF-8. Each takes what it needs of what those before it left
 * over. One of which not even the head, an item and the tail fit is left out, with all behind it; `cut` is then the end.
 */
export function fitBlocks(blocks: readonly Block[], room: number, cut: string): string {
  let text = "";
  let free = room - byteCount(cut);
  if (free < 0) return "";
  for (const [i, block] of blocks.entries()) {
    const last = i === blocks.length - 1;
    const fitted = fitBlock(block, last ? free + byteCount(cut) : free);
    if (fitted === null) return text + cut;
    text += fitted;
    free -= byteCount(fitted);
  }
  return text;
}

/** The block with as many of its first items as there is room for; null where none of it fits. */
function fitBlock({ head, items, tail, left }: Block, room: number): string | null {
  const fixed = byteCount(head) + byteCount(tail);
  const sizes = items.map(byteCount);
  const whole = fixed + sizes.reduce((sum, size) => sum + size, 0);
  if (whole <= room) return `${head}${items.join("")}${tail}`;
  let free = room - fixed - byteCount(left(items.length));
  let count = 0;
  for (const size of sizes) {
    if (size > free) break;
    free -= size;
    count++;
  }
  if (count === 0) return null;
  return `${head}${items.slice(0, count).join("")}${tail}${left(items.length - count)}`;
}
