import { countWords, unknownWord } from "../report/number-words.ts";
import type { RunLine } from "./run-line.ts";

/** `12 / 864`; `–` where nothing is known. */
export function answeredWords({ answered, requests }: RunLine): string {
  if (answered === null && requests === null) return unknownWord;
  return `${countWords(answered)} / ${countWords(requests)}`;
}

export function failedWords({ failed }: RunLine): string {
  return countWords(failed);
}

/** `2026-03-01 12:30`, UTC. */
export function startedWords({ started_at: at }: RunLine): string {
  return at === null ? unknownWord : at.replace("T", " ").slice(0, 16);
}
