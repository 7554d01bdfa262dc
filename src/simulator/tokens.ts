import { BoundedCache } from "./bounded-cache.ts";

/**
 * A text cut where tokens end. A character that takes several tokens stays whole: its piece then counts for all of
 * them, so `pieces.length` can be less than `total`.
 */
export interface TokenText {
  readonly text: string;
  readonly pieces: readonly string[];
  /** Tokens of each piece. */
  readonly counts: readonly number[];
  /** Tokens of the whole text. */
  readonly total: number;
}

/** Counts and cuts with the o200k encoding, remembering recent texts. */
export interface Tokenizer {
  count(text: string): number;
  split(text: string): TokenText;
}

/** The text without tokens. */
export const noTokens: TokenText = { text: "", pieces: [], counts: [], total: 0 };

/** The longest beginning of a text with at most `limit` tokens. */
export function takeTokens(tokens: TokenText, limit: number): TokenText {
  if (tokens.total <= limit) return tokens;
  let total = 0;
  let length = 0;
  for (const count of tokens.counts) {
    if (total + count > limit) break;
    total += count;
    length++;
  }
  const pieces = tokens.pieces.slice(0, length);
  return { text: pieces.join(""), pieces, counts: tokens.counts.slice(0, length), total };
}

const rememberedCharacters = 8_000_000;

/** Loads the encoding (some 2 MB of tables), which is why it is not a static import. */
export async function loadTokenizer(): Promise<Tokenizer> {
  const { encode, decode, countTokens } = await import("gpt-tokenizer/encoding/o200k_base");
  // Special tokens in a text are text here, not an error.
  const asText = { allowedSpecial: new Set<string>(), disallowedSpecial: new Set<string>() };
  const counts = new BoundedCache<number>(rememberedCharacters);
  const splits = new BoundedCache<TokenText>(rememberedCharacters);

  const cut = (text: string): TokenText => {
    const ids = boundedWords(text).flatMap((part) => encode(part, asText));
    const pieces: string[] = [];
    const pieceCounts: number[] = [];
    let open = 0;
    // `decode` keeps the bytes of an unfinished character until the next call and gives "" meanwhile.
    for (const id of ids) {
      open++;
      const piece = decode([id]);
      if (piece === "") continue;
      pieces.push(piece);
      pieceCounts.push(open);
      open = 0;
    }
    if (pieces.join("") === text) return { text, pieces, counts: pieceCounts, total: ids.length };
    // Lone surrogates have no bytes to encode: such a text goes out character by character, unchanged.
    const characters = [...text];
    return { text, pieces: characters, counts: characters.map(() => 1), total: characters.length };
  };

  return {
    count(text) {
      if (text === "") return 0;
      const known = counts.get(text);
      if (known !== undefined) return known;
      const count = boundedWords(text).reduce((sum, part) => sum + countTokens(part, asText), 0);
      counts.set(text, count, text.length + 16);
      return count;
    },
    split(text) {
      if (text === "") return noTokens;
      const known = splits.get(text);
      if (known !== undefined) return known;
      const tokens = cut(text);
      splits.set(text, tokens, 8 * text.length + 64);
      return tokens;
    },
  };
}

const longestWord = 2_000;

/**
 * The text in parts, cut within words (and blanks) longer than 2000 characters: an encoder's work is quadratic in the
 * length of a word, and 5 MB of one letter would hold it for minutes. Joined, the parts are the text; most texts are one.
 */
export function boundedWords(text: string): readonly string[] {
  const parts: string[] = [];
  let partStart = 0;
  let wordStart = 0;
  let inBlank = false;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    const blank = unit === 32 || (unit >= 9 && unit <= 13);
    if (blank !== inBlank) {
      inBlank = blank;
      wordStart = i;
    } else if (i - wordStart >= longestWord && !isLowSurrogate(unit)) {
      parts.push(text.slice(partStart, i));
      partStart = i;
      wordStart = i;
    }
  }
  parts.push(text.slice(partStart));
  return parts;
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
