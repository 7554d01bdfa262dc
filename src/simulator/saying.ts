import { anyCall, type CallIntent, expectedCalls, otherCalls } from "./call-intent.ts";
import type { ChatRequest } from "./chat-request.ts";
import type { Draw } from "./draw.ts";
import type { Lesson } from "./lesson.ts";
import { type Manner, phraseChoice, phraseContaining, phraseFiller, phraseNumber } from "./phrase.ts";
import { sampleMatch } from "./regex-sample.ts";
import { sampleOfSchema } from "./schema-sample.ts";
import { otherNumber, otherTexts, otherValue } from "./wrong-answer.ts";

/** What a choice says: text, or calls, before it is cut to length. */
export interface Saying {
  readonly content: string;
  readonly calls: readonly CallIntent[];
}

/**
 * The answer to a request. With a lesson it is right or wrong as told; without one it is filler. In JSON mode a text
 * answer becomes the member `answer` of an object, or fills the schema.
 */
export function sayAnswer(
  request: ChatRequest,
  lesson: Lesson | null,
  right: boolean,
  manner: Manner,
  draw: Draw,
): Saying {
  const called = request.toolChoice === "none" ? null : sayCalls(request, lesson, right, draw);
  if (called !== null && called.length > 0) return { content: "", calls: called };
  const filler = phraseFiller(request.prompt, manner, draw);
  if (request.format.kind !== "text")
    return { content: sayJson(request, lesson, right, filler, draw), calls: [] };
  return {
    content: lesson === null ? filler : sayText(request, lesson, right, manner, filler, draw),
    calls: [],
  };
}

/** Calls to make; null or empty for an answer in words. */
function sayCalls(
  request: ChatRequest,
  lesson: Lesson | null,
  right: boolean,
  draw: Draw,
): readonly CallIntent[] | null {
  const { tools, toolChoice, prompt } = request;
  if (tools.length === 0) return null;
  if (lesson?.kind === "tool_call") {
    const calls = expectedCalls(lesson.expected, tools);
    if (calls !== null && right) return calls;
    const stray = anyCall(tools, toolChoice, prompt);
    return calls === null || calls.length === 0 ? stray && [stray] : otherCalls(calls, draw);
  }
  const answersTool = request.texts.at(-1)?.role === "tool";
  if (toolChoice === "auto" && (lesson !== null || answersTool)) return null;
  const call = anyCall(tools, toolChoice, prompt);
  return call && [call];
}

function sayText(
  request: ChatRequest,
  lesson: Lesson,
  right: boolean,
  manner: Manner,
  filler: string,
  draw: Draw,
): string {
  const { kind, expected, choices = [] } = lesson;
  const text = asText(expected);
  switch (kind) {
    case "numeric":
      return phraseNumber(right ? text : otherNumber(text, draw), manner, draw);
    case "choice": {
      const letter = letterOf(text);
      const other = (): string =>
        otherTexts(letter, optionsOf(request.prompt, choices, letter), draw)[0] ?? "–";
      return phraseChoice(right ? letter : other(), manner, draw);
    }
    case "exact":
    case "text":
      return right ? text : (otherTexts(text, choices, draw)[0] ?? "–");
    case "contains": {
      const wanted = (Array.isArray(expected) ? expected : [expected]).map(asText);
      if (right) return phraseContaining(wanted.join(", "), manner, draw);
      const misses = (said: string): boolean =>
        wanted.every((each) => !said.toLowerCase().includes(each.toLowerCase()));
      const others = otherTexts(wanted[0] ?? "", choices, draw);
      return [...others.map((other) => phraseContaining(other, manner, draw)), ...others].find(misses) ?? "–";
    }
    case "regex": {
      if (right) return sampleMatch(text, lesson.flags) ?? filler;
      return otherTexts("", choices, draw).find((other) => !matches(text, lesson.flags, other)) ?? "–";
    }
    case "json": {
      if (expected === undefined) return right ? '{"answer":"simulated"}' : filler;
      return jsonAnswer(lesson, right, draw);
    }
    case "tool_call":
      return filler;
  }
}

function sayJson(
  request: ChatRequest,
  lesson: Lesson | null,
  right: boolean,
  filler: string,
  draw: Draw,
): string {
  const { format } = request;
  if (lesson?.kind === "json" && lesson.expected !== undefined) {
    return jsonAnswer(lesson, right, draw);
  }
  const answer = lesson === null ? filler : plainAnswer(request, lesson, right, draw);
  if (format.kind !== "json_schema") return JSON.stringify({ answer });
  const sample = sampleOfSchema(format.schema, filler);
  if (lesson === null || typeof sample !== "object" || sample === null || Array.isArray(sample)) {
    return JSON.stringify(sample);
  }
  const members = Object.entries(sample);
  const named = members.find(([name]) =>
    /^(?:final_?)?(?:answer|result|value|label|choice|category)$/i.test(name),
  );
  const [target] = named ?? members.find(([, value]) => typeof value === typeof answer) ?? ["answer"];
  const fits = typeof answer === typeof members.find(([name]) => name === target)?.[1];
  return JSON.stringify({ ...sample, [target]: fits ? answer : asText(answer) });
}

/** The answer as a value on its own; a number that JSON can write the same way is a number. */
function plainAnswer(request: ChatRequest, lesson: Lesson, right: boolean, draw: Draw): unknown {
  if (lesson.kind === "json") return "simulated";
  const manner: Manner = { chinese: false, stepByStep: false };
  if (lesson.kind === "numeric") {
    const written = right ? asText(lesson.expected) : otherNumber(asText(lesson.expected), draw);
    return String(Number(written)) === written ? Number(written) : written;
  }
  if (lesson.kind !== "choice" && lesson.kind !== "contains") {
    return sayText(request, lesson, right, manner, "simulated", draw);
  }
  const said = sayText(request, lesson, right, manner, "simulated", draw);
  return lesson.kind === "choice" ? said.replace(/^The answer is \(?(.*?)\)?\.$/s, "$1") : said;
}

function letterOf(text: string): string {
  const match = /^\s*\(?([A-Za-z])\)?[.)]?\s*$/.exec(text);
  return match?.[1] ?? text.trim();
}

/** What may be chosen: as stated, else the options the prompt lists, else A to D. */
function optionsOf(prompt: string, choices: readonly string[], right: string): readonly string[] {
  if (choices.length > 1) return choices.map(letterOf);
  const listed = [...prompt.matchAll(/\(([A-Z])\)|^\s*([A-Z])[.)、:：]/gm)].map(
    (match) => match[1] ?? match[2] ?? "",
  );
  const letters = [...new Set(listed)];
  return letters.some((letter) => letter !== right) ? letters : ["A", "B", "C", "D"];
}

function matches(pattern: string, flags: string | undefined, text: string): boolean {
  try {
    return new RegExp(pattern, flags).test(text);
  } catch {
    return false;
  }
}

function asText(value: unknown): string {
  if (typeof value === "string") return value;
  return typeof value === "object" && value !== null ? JSON.stringify(value) : String(value ?? "");
}

function jsonValue(expected: unknown): unknown {
  if (typeof expected !== "string") return expected;
  try {
    return JSON.parse(expected);
  } catch {
    return expected;
  }
}

function jsonAnswer({ expected, otherwise }: Lesson, right: boolean, draw: Draw): string {
  if (right) return jsonText(expected);
  return JSON.stringify(otherwise ?? otherValue(jsonValue(expected), draw));
}

function jsonText(expected: unknown): string {
  const value = jsonValue(expected);
  return typeof expected === "string" && value !== expected ? expected : JSON.stringify(value);
}
