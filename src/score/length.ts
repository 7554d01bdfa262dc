import { z } from "zod";
import type { ScorerType } from "./scorer.ts";

const units = ["characters", "words", "sentences", "lines"] as const;
type Unit = (typeof units)[number];

export interface LengthOptions {
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  readonly unit?: Unit | undefined;
}

/** `length`: the answer has at least `min` and at most `max` characters, words, sentences or lines. */
export const length: ScorerType<LengthOptions> = {
  type: "length",
  about: "the answer is not shorter or longer than so many characters, words, sentences or lines",
  graded: false,
  options: z.strictObject({
    min: z.int().min(0).optional().describe("at least so many"),
    max: z.int().min(0).optional().describe("at most so many"),
    unit: z
      .enum(units)
      .optional()
      .describe(
        "`characters` (default; as a reader sees them), `words` (by spaces, and by dictionary where a script has none), `sentences` (Unicode's rules), `lines` (empty ones left out)",
      ),
  }),
  check: ({ min, max }) => {
    if (min === undefined && max === undefined) return "one of `min` and `max` is needed";
    return min !== undefined && max !== undefined && min > max ? "`min` is larger than `max`" : null;
  },
  score: (target, { min, max, unit = "characters" }) => {
    const count = counters[unit](target);
    const name = count === 1 ? unit.slice(0, -1) : unit;
    if (min !== undefined && count < min) return { value: 0, reason: `${count} ${name}, at least ${min}` };
    if (max !== undefined && count > max) return { value: 0, reason: `${count} ${name}, at most ${max}` };
    return { value: 1 };
  },
};

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });
const words = new Intl.Segmenter("en", { granularity: "word" });
const sentences = new Intl.Segmenter("en", { granularity: "sentence" });
const holdsWord = /[\p{L}\p{N}]/u;
const withoutSpaces =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}]/u;

const counters: Readonly<Record<Unit, (text: string) => number>> = {
  characters: (text) => (/^[\x20-\x7e]*$/.test(text) ? text.length : [...graphemes.segment(text)].length),
  words: (text) =>
    text.split(/\s+/).reduce((sum, run) => {
      if (!withoutSpaces.test(run)) return sum + Number(holdsWord.test(run));
      return sum + [...words.segment(run)].filter(({ isWordLike }) => isWordLike === true).length;
    }, 0),
  sentences: (text) => [...sentences.segment(text)].filter(({ segment }) => holdsWord.test(segment)).length,
  lines: (text) => text.split(/\r\n|[\n\r]/).filter((line) => line.trim() !== "").length,
};
