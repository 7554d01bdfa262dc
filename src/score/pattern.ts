import { BoundedPattern } from "../system/bounded-match.ts";

const kept = new Map<string, BoundedPattern>();
const mostKept = 1_000;

/** Why a pattern cannot be read, in words; null when it can. */
export function patternProblem(pattern: string, flags?: string): string | null {
  try {
    patternOf(pattern, flags);
    return null;
  } catch (error) {
    return error instanceof SyntaxError ? `cannot be read: ${error.message}` : String(error);
  }
}

/** The pattern, read once. Throws SyntaxError for one that cannot be read. */
export function patternOf(pattern: string, flags: string = ""): BoundedPattern {
  const key = `${flags}/${pattern}`;
  const known = kept.get(key);
  if (known !== undefined) return known;
  const bounded = new BoundedPattern(pattern, flags);
  if (kept.size >= mostKept) kept.clear();
  kept.set(key, bounded);
  return bounded;
}
