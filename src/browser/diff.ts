import { diffWordsWithSpace } from "diff";
import { element } from "./dom.ts";

/** Characters of two texts together beyond which they are not compared word by word. */
const mostCharacters = 30_000;

/** A text with what is new in it against another one marked, and what is gone. */
export function difference(base: string, text: string): readonly Node[] {
  if (base === text) return [document.createTextNode(text)];
  if (base.length + text.length > mostCharacters) return [document.createTextNode(text)];
  return diffWordsWithSpace(base, text).map(({ value, added, removed }) => {
    if (added) return element("ins", {}, value);
    return removed ? element("del", {}, value) : document.createTextNode(value);
  });
}
