// Printable ASCII in the order in which a sample prefers it, then what classes such as \s, \P{…} or 字 may want.
const candidates: readonly string[] = [
  ..."abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ _-.,:;!?'\"()[]{}<>/\\|@#$%^&*+=~`\t\n",
  ..."字答é€…",
];

/**
 * A short text that a regular expression accepts, or null when none was found. Handles literals, classes, groups,
 * alternatives (the first counts), quantifiers, escapes, anchors and backreferences; lookarounds are passed over. What
 * is returned was tested against the expression.
 */
export function sampleMatch(pattern: string, flags = ""): string | null {
  try {
    const regex = new RegExp(pattern, flags.replace(/[gy]/g, ""));
    const reader = new PatternReader(pattern, flags.replace(/[^iuvs]/g, ""));
    const sample = reader.alternatives();
    return regex.test(sample) ? sample : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

class PatternReader {
  readonly #pattern: string;
  readonly #flags: string;
  readonly #groups: string[] = [];
  #at = 0;

  constructor(pattern: string, flags: string) {
    this.#pattern = pattern;
    this.#flags = flags;
  }

  /** Reads up to the end of the pattern or of the group. */
  alternatives(): string {
    const first = this.#sequence();
    while (this.#skip("|")) this.#sequence();
    return first;
  }

  #sequence(): string {
    let text = "";
    while (this.#at < this.#pattern.length && !"|)".includes(this.#peek())) text += this.#quantified();
    return text;
  }

  #quantified(): string {
    const atom = this.#atom();
    const counted = /^(?:[*+?]|\{(\d+)(,\d*)?\})\??/.exec(this.#pattern.slice(this.#at, this.#at + 32));
    if (counted === null) return atom;
    this.#at += counted[0].length;
    if (counted[1] !== undefined) return atom.repeat(Math.min(Number(counted[1]), 10_000));
    return counted[0].startsWith("+") ? atom : "";
  }

  #atom(): string {
    const start = this.#at;
    const character = this.#take();
    if (character === "(") return this.#group();
    if (character === "^" || character === "$") return "";
    if (character === ".") return "a";
    if (character === "[") {
      while (this.#peek() !== "]") if (this.#take() === "\\") this.#take();
      this.#at++;
      return this.#candidate(start);
    }
    return character === "\\" ? this.#escape(start) : character;
  }

  #group(): string {
    const head = /^\?(?:<([=!])|([=!:])|<\w+>)/.exec(this.#pattern.slice(this.#at));
    if (head !== null) this.#at += head[0].length;
    const isLook = head?.[1] !== undefined || (head?.[2] !== undefined && head[2] !== ":");
    const captures = head === null || (head[1] === undefined && head[2] === undefined);
    const index = captures ? this.#groups.push("") - 1 : -1;
    const text = this.alternatives();
    this.#skip(")");
    if (captures) this.#groups[index] = text;
    return isLook ? "" : text;
  }

  #escape(start: number): string {
    const letter = this.#take();
    if (letter === "b" || letter === "B") return "";
    if (/[1-9]/.test(letter)) return this.#groups[Number(letter) - 1] ?? "";
    const tail = /^(?:x[\dA-Fa-f]{2}|u\{[\dA-Fa-f]+\}|u[\dA-Fa-f]{4}|[pP]\{[^}]*\})/.exec(
      this.#pattern.slice(this.#at - 1),
    );
    if (tail !== null) this.#at += tail[0].length - 1;
    if (tail !== null && (letter === "x" || letter === "u")) {
      return String.fromCodePoint(Number.parseInt(tail[0].replace(/[xu{}]/g, ""), 16));
    }
    return /[a-zA-Z]/.test(letter) ? this.#candidate(start) : letter;
  }

  /** A character that the class from `start` to here accepts. */
  #candidate(start: number): string {
    const one = new RegExp(`^${this.#pattern.slice(start, this.#at)}$`, this.#flags);
    const found = candidates.find((candidate) => one.test(candidate));
    if (found === undefined) throw new SyntaxError("no character found for a class");
    return found;
  }

  #peek(): string {
    const character = this.#pattern[this.#at];
    if (character === undefined) throw new SyntaxError("the pattern ends early");
    return character;
  }

  #take(): string {
    const code = this.#pattern.codePointAt(this.#at);
    if (code === undefined) throw new SyntaxError("the pattern ends early");
    const character = String.fromCodePoint(code);
    this.#at += character.length;
    return character;
  }

  #skip(character: string): boolean {
    if (this.#pattern[this.#at] !== character) return false;
    this.#at++;
    return true;
  }
}
