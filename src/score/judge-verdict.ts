import { answerJson } from "./answer-json.ts";
import { excerpt } from "./excerpt.ts";
import type { JudgeOptions } from "./judge.ts";
import type { Score } from "./scorer.ts";

const passWords: readonly string[] = ["pass", "passed", "passes", "yes", "true", "correct"];
const failWords: readonly string[] = ["fail", "failed", "fails", "no", "false", "incorrect"];

/**
 * Reads what a judge wrote: a JSON object with `verdict` or `score`, alone, in a code fence or in prose; else the last
 * `verdict: pass` or `score: 4` of the text, or a text that is nothing but one. What says neither could not be judged.
 */
export function readVerdict(text: string, { scale }: Pick<JudgeOptions, "scale">): Score {
  const read = answerJson(text, { within: true });
  const members = "problem" in read ? null : memberOf(read.value);
  const grade = members?.grade ?? gradeInText(text, scale !== undefined);
  if (grade === null) return { value: null, reason: `the judge gave no verdict: ${excerpt(text)}` };
  const value = placeOf(grade, scale);
  if (value === null) return { value: null, reason: `the judge's verdict is ${excerpt(String(grade))}` };
  const reason = members?.reason ?? text;
  return { value, reason: shortened(reason) };
}

function memberOf(value: unknown): { readonly grade: unknown; readonly reason: string | null } | null {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  const named = new Map(Object.entries(value).map(([key, member]) => [key.toLowerCase(), member as unknown]));
  const grade = ["verdict", "score", "grade", "rating", "pass"].map((key) => named.get(key)).find(isStated);
  if (grade === undefined) return null;
  const reason = ["reason", "reasoning", "explanation"].map((key) => named.get(key)).find(isStated);
  return { grade, reason: typeof reason === "string" ? reason : null };
}

function isStated(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function gradeInText(text: string, graded: boolean): string | null {
  const plain = text.replace(/[*_`"]/g, "").trim();
  const word = graded ? String.raw`-?\d+(?:\.\d+)?` : "pass|fail";
  if (new RegExp(`^(?:${word})[.!]?$`, "i").test(plain)) return plain.replace(/[.!]$/, "");
  const stated = [
    ...plain.matchAll(new RegExp(`\\b(?:verdict|score|grade|rating)\\s*(?:is|[:=])\\s*(${word})`, "gi")),
  ];
  return stated.at(-1)?.[1] ?? null;
}

/** The place of a grade on its scale, 0..1; null for one that is none, or lies outside. */
function placeOf(grade: unknown, scale: JudgeOptions["scale"]): number | null {
  if (scale === undefined) {
    if (typeof grade === "boolean") return Number(grade);
    const word = String(grade).trim().toLowerCase();
    return passWords.includes(word) ? 1 : failWords.includes(word) ? 0 : null;
  }
  const [low = 0, high = 1] = scale;
  const written =
    typeof grade === "string" ? /^\s*(-?\d+(?:\.\d+)?)\s*(?:\/\s*\d+)?\s*$/.exec(grade)?.[1] : grade;
  const number = typeof written === "string" ? Number(written) : written;
  if (typeof number !== "number" || !(number >= low && number <= high)) return null;
  return (number - low) / (high - low);
}

/**
 * The median of the votes that could be read, of two middle ones the lower, so that it is a vote that was cast; unknown
 * where no more than half of the votes could be read. The reason is that of the vote.
 */
export function medianVerdict(votes: readonly Score[]): Score {
  const read = votes.filter(({ value }) => value !== null);
  const sorted = [...read].sort((a, b) => (a.value ?? 0) - (b.value ?? 0));
  const middle = sorted[Math.floor((sorted.length - 1) / 2)];
  const unread = votes.find(({ value }) => value === null);
  if (middle === undefined) return unread ?? { value: null, reason: "not judged yet" };
  if (votes.length === 1) return middle;
  const said = `${read.length} of ${votes.length} votes: ${sorted.map((vote) => short(vote.value)).join(", ")}`;
  if (2 * read.length <= votes.length)
    return { value: null, reason: `${said}, no majority of them; ${unread?.reason ?? ""}` };
  return { value: middle.value, reason: `${said}; ${middle.reason ?? ""}` };
}

function short(value: number | null): string {
  return value === null ? "–" : String(Math.round(value * 100) / 100);
}

function shortened(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > 500 ? `${line.slice(0, 499)}…` : line;
}
