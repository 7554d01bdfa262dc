import type { Verdict } from "../compare/comparison.ts";
import type { Tone } from "./text-table.ts";

const tones: Readonly<Record<string, Tone>> = {
  fail: "red",
  invalid: "yellow",
  inconclusive: "yellow",
  pass: "green",
} satisfies Partial<Record<Verdict, Tone>>;

/** The colour of a verdict's word; null for any other. */
export function verdictTone(word: string): Tone | null {
  return tones[word] ?? null;
}

/** The colour of a count of failures: red, and none for 0. */
export function failedTone(count: string): Tone | null {
  return count === "0" ? null : "red";
}
