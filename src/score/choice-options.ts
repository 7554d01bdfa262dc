import { type TextList, textsOf } from "./text-list.ts";

/** What can be chosen: letters, and the texts they stand for where `choices` lists texts. */
export interface ChoiceSet {
  /** Allowed letters; every letter when nothing limits them. */
  readonly letters: ReadonlySet<string>;
  /** Text of each letter; empty when choices are letters alone. */
  readonly texts: ReadonlyMap<string, string>;
}

const alphabet = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"];

/**
 * The choices an option list states. Single letters limit the letters; anything else is texts, lettered A, B, … by
 * position, of which empty ones cannot be chosen. Without a list every letter can.
 */
export function choiceSet(choices: TextList | undefined): ChoiceSet {
  if (choices === undefined) return { letters: new Set(alphabet), texts: new Map() };
  const texts = textsOf(choices).map((text) => text.trim());
  if (texts.every((text) => /^[A-Za-z]$/.test(text))) {
    return { letters: new Set(texts.map((text) => text.toUpperCase())), texts: new Map() };
  }
  const lettered = texts.flatMap((text, i): [string, string][] => {
    const letter = alphabet[i];
    return text === "" || letter === undefined ? [] : [[letter, text]];
  });
  return { letters: new Set(lettered.map(([letter]) => letter)), texts: new Map(lettered) };
}

/** The letter that an `expected` names: `C`, `(C)`, `c.`, or the text of one choice; null when it names none. */
export function expectedLetter(expected: string, set: ChoiceSet): string | null {
  const plain = expected.normalize("NFKC").trim();
  for (const [letter, text] of set.texts) {
    if (text === expected.trim()) return letter;
  }
  const letter = /^[([]?\s*([A-Za-z])\s*[)\].:]?$/.exec(plain)?.[1]?.toUpperCase();
  return letter !== undefined && set.letters.has(letter) ? letter : null;
}

/** Letters of the choices whose text occurs in `text`. A choice within a longer one that occurs does not count. */
export function choicesIn(text: string, set: ChoiceSet): readonly string[] {
  let rest = folded(text);
  const longestFirst = [...set.texts].sort(([, a], [, b]) => b.length - a.length);
  return longestFirst.flatMap(([letter, choice]) => {
    const pattern = wholeWords(folded(choice));
    if (!pattern.test(rest)) return [];
    rest = rest.replace(pattern, "\u0000");
    return [letter];
  });
}

function folded(text: string): string {
  return text.normalize("NFKC").replace(/[*`$]/g, "").replace(/\s+/g, " ").trim().toLowerCase();
}

/** Latin words and numbers must stand alone, so that 12 is not found in 120; other scripts have no such border. */
function wholeWords(text: string): RegExp {
  const word = /[\p{Script=Latin}\p{N}]/u;
  const start = word.test([...text][0] ?? "") ? String.raw`(?<![\p{Script=Latin}\p{N}]|[0-9][.,])` : "";
  const end = word.test([...text].at(-1) ?? "") ? String.raw`(?![\p{Script=Latin}\p{N}]|[.,][0-9])` : "";
  return new RegExp(`${start}${text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&")}${end}`, "gu");
}
