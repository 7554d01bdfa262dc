import { type ChoiceSet, choicesIn } from "./choice-options.ts";

/**
 * The letter that an answer chooses, or null. The first of these that finds one decides:
 * 1. statements (`the answer is B`, `\boxed{B}`, `答案：B`, `B is correct`), the last of them;
 * 2. the text of exactly one choice, in what follows the last `answer is`;
 * 3. lines that are nothing but a letter, the last of them; then lines that begin with `B.`, `(B)` …, when they agree;
 * 4. the text of exactly one choice, anywhere;
 * 5. letters in parentheses, then letters standing alone, when they agree in the whole answer or in its last line.
 */
export function chosenLetter(answer: string, set: ChoiceSet): string | null {
  const text = plain(answer);
  const lines = text.split("\n").filter((line) => line !== "");
  const stated = allowed(statements(text), set).at(-1);
  if (stated !== undefined) return stated === hedged ? null : stated;
  const markers = new Set(allowed(lines.flatMap(lineMarker), set));
  const prose = markers.size > 1 ? lines.filter((line) => lineMarker(line).length === 0) : lines;
  return (
    only(choicesIn(lastAnswerClause(text), set)) ??
    allowed(lines.flatMap(wholeLine), set).at(-1) ??
    only([...markers]) ??
    only(choicesIn(text, set)) ??
    agreed(prose, inParentheses, set) ??
    agreed(prose, standingAlone, set)
  );
}

/** Full-width forms become ASCII; emphasis, code and formula marks go; of LaTeX's boxes only `\boxed` stays. */
function plain(answer: string): string {
  return (
    answer
      .normalize("NFKC")
      .replace(/\\(?:text|textbf|textrm|mathrm|mathbf|mathit)\s*\{([^{}]*)\}/g, "$1")
      .replace(/[*`$]|(?<![A-Za-z0-9])_+|_+(?![A-Za-z0-9])/g, "")
      .replace(/[【[]/g, "(")
      .replace(/[】\]]/g, ")")
      // Runs of white space are cut short here, so that the patterns below stay linear.
      .replace(/\r\n?/g, "\n")
      .replace(/[^\S\n]+/g, " ")
      .replace(/ ?\n[\n ]*/g, "\n")
      .trim()
  );
}

/** A letter that is none: `A dog` and `I think` are prose, `A'` and `AB` are other words. */
const notProse = String.raw`(?![A-Za-z0-9'’])(?!(?<=[AI])\s+(?!is\b|was\b|because\b|since\b|as\b|for\b|which\b|with\b|and\b|or\b|so\b|due\b|by\b|based\b)[a-z])`;
/** A second letter beside the stated one (`B or C`) makes the statement no choice. */
const hedge = String.raw`(?<hedge>\s*(?:/|&|\bor\b|\band\b)\s*\(?[A-Z]\)?(?![A-Za-z0-9'’]|\s+(?:is|was|are)\b))?`;
const letter = String.raw`(?:(?:\(\s*(?<paren>[A-Za-z])\s*\)|["'“‘(]?(?<bare>[A-Z])${notProse})${hedge}|["'“‘]?(?<small>[a-z])["'”’]?[.)]?[ \t]*(?=$))`;
const filler = String.raw`(?:(?:most\s+)?likely|clearly|therefore|thus|indeed|actually|definitely|probably|option|choice|letter|answer|just|simply)`;
/** Each character between words can be matched in one way only, and few words count: no text takes long. */
const fillers = String.raw`(?:${filler}(?:\s*:)?\s*){0,6}`;

const statementPatterns: readonly RegExp[] = [
  // The final answer is (B) · Answer: B · Correct option: B · Ans. B
  new RegExp(
    String.raw`\b(?:[Aa]nswers?|ANSWER|[Aa]ns\.?|ANS\.?|[Cc]orrect\s+(?:option|choice|letter|one)|[Ff]inal\s+(?:option|choice))(?:\s+(?:to|for)\s+(?:the|this)\s+question)?\s*(?:is|was|would\s+be|should\s+be|must\s+be|will\s+be|remains|=|:|-|–)?\s*:?\s*${fillers}${letter}`,
    "gm",
  ),
  // I choose B · go with (B) · select option B
  new RegExp(
    String.raw`(?<!\b(?:not|never|n't|n’t|cannot)\s+)\b(?:[Cc]hoose|[Cc]hose|[Pp]ick|[Ss]elect|[Gg]o(?:ing)?\s+with|[Oo]pt\s+for)\s+${fillers}${letter}`,
    "gm",
  ),
  // It is B · it must be (B)
  new RegExp(
    String.raw`\b[Ii]t(?:\s+(?:is|must\s+be|should\s+be|would\s+be)|['’]s)\s+${fillers}${letter}`,
    "gm",
  ),
  // B is correct · option (B) is the right answer
  /(?:\((?<paren>[A-Za-z])\)|(?<![A-Za-z0-9'.])(?<bare>[A-Z])(?:\.[^.\n]{1,80}?)?)\s+is\s+(?:the\s+)?(?:(?:most\s+)?(?:correct|right|best|accurate|appropriate)\b|answer\b)/g,
  /\\boxed\s*\{\s*\(?\s*(?<bare>[A-Za-z])\s*\)?\s*[.:]?[^{}]*\}/g,
  // 答案：B · 正确答案是 B · 故选 B · 应该选择（B）
  /(?:答案|正确选项|(?<![不别勿非])选择?|应选|故选)\s*(?:应该|应当|应|就)?\s*(?:是|为|选择?)?\s*:?\s*(?:选项)?\s*["'“‘「]?(?:\(\s*(?<paren>[A-Za-z])\s*\)|(?<bare>[A-Z]))(?![A-Za-z])/g,
];

const hedged = "?";

interface Mention {
  readonly at: number;
  readonly letter: string;
}

function statements(text: string): readonly string[] {
  return statementPatterns
    .flatMap((pattern) => [...text.matchAll(pattern)].flatMap(mention))
    .sort((a, b) => a.at - b.at)
    .map(({ letter: stated }) => stated);
}

function mention(match: RegExpExecArray): readonly Mention[] {
  const { paren, bare, small, hedge: second } = match.groups ?? {};
  const stated = second === undefined ? (paren ?? bare ?? small) : hedged;
  return stated === undefined ? [] : [{ at: match.index, letter: stated }];
}

/** What follows the last `answer is`, up to the end of its line. */
function lastAnswerClause(text: string): string {
  const cue = [...text.matchAll(/\banswer(?:\s+is)?\b|答案[是为]?/gi)].at(-1);
  return cue === undefined ? "" : (/^.*/.exec(text.slice(cue.index + cue[0].length).trimStart())?.[0] ?? "");
}

/** `B`, `(b)`, `B.`, `Option B`, alone on a line. */
function wholeLine(line: string): readonly string[] {
  return matched(/^\s*(?:[Oo]ption\s+|选项?\s*)?\(?\s*([A-Za-z])\s*[).:。]?\s*$/.exec(line));
}

/** `B. Paris`, `(B) Paris`, `B) Paris`, `B: Paris`, `B、巴黎` at the start of a line. */
function lineMarker(line: string): readonly string[] {
  return matched(/^\s*(?:[-#>]+\s*)?(?:\(\s*([A-Z])\s*\)|([A-Z])\s*[).:、,](?!\w))/.exec(line));
}

function inParentheses(text: string): readonly string[] {
  return [...text.matchAll(/\(\s*([A-Z])\s*\)/g)].flatMap(matched);
}

/** A lone capital; `A` and `I` only where a stop, a bracket or the end follows, since they are words too. */
function standingAlone(text: string): readonly string[] {
  const lone =
    /(?<![A-Za-z0-9'’.&-])(?:([B-HJ-Z])(?![A-Za-z0-9'’&-]|\.[A-Za-z])|([AI])(?=\s*(?:[.,;!?)。，；]|$|\s(?:because|since)\b))(?!\.[A-Za-z]))/gm;
  return [...text.matchAll(lone)].flatMap(matched);
}

function matched(match: RegExpExecArray | null): readonly string[] {
  const found = match?.slice(1).find((group) => group !== undefined);
  return found === undefined ? [] : [found];
}

function allowed(letters: readonly string[], set: ChoiceSet): readonly string[] {
  return letters
    .map((found) => found.toUpperCase())
    .filter((found) => found === hedged || set.letters.has(found));
}

/** The letter that is the only one in the whole answer, or else in its last line. */
function agreed(
  lines: readonly string[],
  find: (text: string) => readonly string[],
  set: ChoiceSet,
): string | null {
  const within = (part: readonly string[]): string | null =>
    only([...new Set(allowed(part.flatMap(find), set))]);
  return within(lines) ?? within(lines.slice(-1));
}

function only(letters: readonly string[]): string | null {
  return letters.length === 1 ? (letters[0] ?? null) : null;
}
