import { createContext, runInContext } from "node:vm";

/** Milliseconds that one search of a pattern may take. */
export const matchLimitMs = 250;
/** A pattern that ran out of time so often is not tried again. */
const patience = 5;

/** A pattern did not come to an end in time: it backtracks. */
export class PatternTimeout extends Error {
  constructor() {
    super(`the pattern did not end within ${matchLimitMs} ms`);
    this.name = "PatternTimeout";
  }
}

/** A search that ended: where the match begins, and its groups with the whole match first. */
export type Match = RegExpMatchArray;

interface Room {
  pattern: RegExp | null;
  text: string;
}

/**
 * A regular expression whose searches end. JavaScript's engine backtracks: `(a+)+$` takes twice as long for each further
 * character. A pattern that can do so is searched in a context of its own that V8 ends after 250 ms; after five such
 * ends it is given up at once, so that a bad pattern costs a run about a second and not an hour.
 */
export class BoundedPattern {
  readonly #pattern: RegExp;
  readonly #backtracks: boolean;
  #timeouts = 0;

  /** Throws SyntaxError for a pattern that cannot be read. */
  constructor(source: string, flags: string = "") {
    this.#pattern = new RegExp(source, flags);
    this.#backtracks = mayBacktrack(source);
  }

  /** As regular expressions write themselves: what keeps patterns by their text tells them apart. */
  toString(): string {
    return String(this.#pattern);
  }

  /** Whether the pattern matches somewhere in the text. Throws PatternTimeout. */
  test(text: string): boolean {
    return this.#search(text, "pattern.test(text)", (pattern) => pattern.test(text)) as boolean;
  }

  /** The last match, for patterns with the flag `g`; null for none. Throws PatternTimeout. */
  last(text: string): Match | null {
    const code = "let found = null; for (const match of text.matchAll(pattern)) found = match; found";
    return this.#search(text, code, (pattern) => {
      let found: Match | null = null;
      for (const match of text.matchAll(pattern)) found = match;
      return found;
    }) as Match | null;
  }

  #search(text: string, code: string, direct: (pattern: RegExp) => unknown): unknown {
    this.#pattern.lastIndex = 0;
    // Less than this ends soon whatever the pattern is: 2 to the power of 16 steps.
    if (!this.#backtracks || text.length < 16) return direct(this.#pattern);
    if (this.#timeouts >= patience) throw new PatternTimeout();
    const room = openRoom();
    room.pattern = this.#pattern;
    room.text = text;
    try {
      return runInContext(`{${code}}`, room, { timeout: matchLimitMs });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ERR_SCRIPT_EXECUTION_TIMEOUT") throw error;
      this.#timeouts++;
      throw new PatternTimeout();
    } finally {
      room.text = "";
    }
  }
}

let context: Room | null = null;

function openRoom(): Room {
  context ??= createContext({ pattern: null, text: "" } as Room) as Room;
  return context;
}

/**
 * Whether a search may take more than time in proportion to the text: two repetitions without an end, one after which
 * something must follow, a repeated group, many options. Says yes rather too often.
 */
function mayBacktrack(source: string): boolean {
  const plain = source.replace(/\\./gs, "x").replace(/\[[^\]]*\]/g, "x");
  const repetitions = plain.match(/[*+]|\{\d*,\d*\}/g) ?? [];
  if (/\)[*+{]/.test(plain) || plain.split("?").length > 10 || repetitions.length > 1) return true;
  return repetitions.length === 1 && !/^[^*+{]*[*+]\??\$?$/.test(plain);
}
