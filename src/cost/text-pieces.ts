// Written as the encoding defines it (o200k_base of tiktoken); each alternative is one kind of piece.
const contraction = "(?:'(?:[sS]|[dD]|[mM]|[tT]|[lL][lL]|[vV][eE]|[rR][eE]))?";
const upper = String.raw`[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]`;
const lower = String.raw`[\p{Ll}\p{Lm}\p{Lo}\p{M}]`;
const pieceAt = new RegExp(
  [
    String.raw`[^\r\n\p{L}\p{N}]?${upper}*${lower}+${contraction}`,
    String.raw`[^\r\n\p{L}\p{N}]?${upper}+${lower}*${contraction}`,
    String.raw`\p{N}{1,3}`,
    String.raw` ?[^\s\p{L}\p{N}]+[\r\n/]*`,
    String.raw`\s*[\r\n]+`,
    String.raw`\s+(?!\S)`,
    String.raw`\s+`,
  ].join("|"),
  "uy",
);

/** Characters looked at in one go, and the most in one piece. */
export interface PieceLimits {
  readonly slice: number;
  readonly piece: number;
}

/**
 * 64 Ki characters keep the regular expression's backtracking small whatever the text. 128 characters in a piece keep
 * merging linear in the text: no word is longer, a run of one character or of Chinese without marks can be.
 */
export const pieceLimits: PieceLimits = { slice: 65_536, piece: 128 };

/** Hands out the pieces of a text in order, as the o200k encoding cuts it before it merges; longer ones in parts. */
export function eachPiece(
  text: string,
  use: (piece: string) => void,
  limits: PieceLimits = pieceLimits,
): void {
  for (let from = 0; from < text.length; ) {
    const to = sliceEnd(text, from, limits.slice);
    const slice = from === 0 && to === text.length ? text : text.slice(from, to);
    from = to;
    for (let at = 0; at < slice.length; ) {
      pieceAt.lastIndex = at;
      pieceAt.test(slice);
      const end = pieceAt.lastIndex;
      while (at < end) {
        const next = wholeCharacters(slice, at, Math.min(at + limits.piece, end));
        use(slice.slice(at, next));
        at = next;
      }
    }
  }
}

const endOfLetters = /\p{L}(?=[^\p{L}\p{M}'])/gu;

/** Where a slice ends: after letters that certainly end a piece, else wherever the limit falls. */
function sliceEnd(text: string, from: number, limit: number): number {
  if (text.length - from <= limit) return text.length;
  const end = wholeCharacters(text, from, from + limit);
  const near = Math.max(from, end - 1_024);
  let cut = end;
  for (const { 0: letter, index } of text.slice(near, end).matchAll(endOfLetters)) {
    cut = near + index + letter.length;
  }
  return cut;
}

/** The end, moved so that it does not halve a character of two units. */
function wholeCharacters(text: string, from: number, end: number): number {
  const halved = (text.codePointAt(end - 1) ?? 0) > 0xffff;
  if (!halved) return end;
  return end - 1 > from ? end - 1 : end + 1;
}
