const pieces =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]|[\p{L}\p{M}\p{N}]+(?:['’.,][\p{L}\p{N}]+)*|[^\s]/gu;
const wordPiece = /[\p{L}\p{N}]/u;

/** Words, numbers, signs, and single characters where a script has no spaces. In small letters with `fold`. */
export function textTokens(text: string, fold: boolean): string[] {
  return (fold ? text.toLowerCase() : text).normalize("NFC").match(pieces) ?? [];
}

/** The tokens that are words or numbers, in small letters. */
export function wordTokens(text: string): string[] {
  return textTokens(text, true).filter((token) => wordPiece.test(token));
}
