import { bytesOf, countPairs, type RankTable } from "./byte-pairs.ts";
import { RecentMap } from "./recent-map.ts";
import { eachPiece } from "./text-pieces.ts";

/**
 * What a text's tokens are made of. A piece belongs to the script of its first letter or digit: `latin` words, `han`
 * (Chinese, and kanji), `letters` of any other script, `digits`, and `marks` for the rest: punctuation, symbols, space.
 */
export const scripts = ["latin", "han", "letters", "digits", "marks"] as const;

/** One of the classes of pieces. */
export type Script = (typeof scripts)[number];

/** Tokens of a text by script, and its digits one by one (some vocabularies have no longer numbers). */
export type ScriptShares = Readonly<Record<Script | "digitCharacters", number>>;

/** Gives the shares of a text, remembering texts and words it has seen. */
export type ShareCounter = (text: string) => ScriptShares;

const rememberedCharacters = 4_000_000;
/** What an entry weighs beyond its text. */
const entryWeight = 32;
/** Room for the script below the tokens in one number. */
const packing = 8;

/** A counter of shares by an encoding's ranks. */
export function shareCounter(ranks: RankTable): ShareCounter {
  const texts = new RecentMap<ScriptShares>(rememberedCharacters);
  const words = new RecentMap<number>(rememberedCharacters);

  const weighed = (piece: string): number => {
    const known = words.get(piece);
    if (known !== undefined) return known;
    const bytes = bytesOf(piece);
    const packed = packing * countPairs(bytes, ranks) + scripts.indexOf(scriptOf(piece));
    // A key cut from a text would keep the whole text in memory: this one is made anew.
    words.set(Buffer.from(bytes, "latin1").toString("utf8"), packed, piece.length + entryWeight);
    return packed;
  };

  return (text) => {
    const known = texts.get(text);
    if (known !== undefined) return known;
    const tokens = new Float64Array(scripts.length);
    let digitCharacters = 0;
    eachPiece(text, (piece) => {
      const packed = weighed(piece);
      const script = packed % packing;
      tokens[script] = (tokens[script] as number) + (packed - script) / packing;
      if (script === digits) digitCharacters += piece.length;
    });
    const [latin = 0, han = 0, letters = 0, digitTokens = 0, marks = 0] = tokens;
    const shares = { latin, han, letters, digits: digitTokens, marks, digitCharacters };
    texts.set(text, shares, text.length + entryWeight);
    return shares;
  };
}

const digits = scripts.indexOf("digits");
const firstOfWord = /[\p{L}\p{N}]/u;
const latinLetter = /\p{Script=Latin}/u;
const hanLetter = /\p{Script=Han}/u;
const digit = /\p{N}/u;

function scriptOf(piece: string): Script {
  const first = firstOfWord.exec(piece)?.[0];
  if (first === undefined) return "marks";
  if (digit.test(first)) return "digits";
  if (latinLetter.test(first)) return "latin";
  return hanLetter.test(first) ? "han" : "letters";
}
