import { UsageError } from "../errors.ts";
import { canonicalJson } from "../plan/canonical-json.ts";
import { problemText, readJsonLines } from "./json-lines.ts";
import { type Lesson, type LessonKind, lessonKinds } from "./lesson.ts";

/** Right answers by the text of the last user message. */
export type AnswerKey = ReadonlyMap<string, Lesson>;

/** A file of right answers has bad lines; the message names each as `file:line`. */
export class AnswerKeyError extends UsageError {}

/**
 * Reads right answers: JSONL lines `{ prompt, answer, difficulty?, kind?, choices? }`. Without `kind`, a number is
 * `numeric`, a single capital letter (brackets allowed) `choice`, a list of `{ name, arguments }` `tool_call`, another
 * list or an object `json`, and any other text `exact`. Throws an `AnswerKeyError`.
 */
export function parseAnswers(text: string, fileName: string): AnswerKey {
  const key = new Map<string, Lesson>();
  const { problems } = readJsonLines(text, fileName, (line) => {
    const lesson = decodeAnswer(line);
    if (typeof lesson === "string") return lesson;
    const prompt = String(line.prompt);
    const known = key.get(prompt);
    if (known !== undefined && canonicalJson(known) !== canonicalJson(lesson)) {
      return "another answer to the same `prompt` stands above";
    }
    key.set(prompt, lesson);
    return lesson;
  });
  if (problems.length > 0) throw new AnswerKeyError("simulator/bad-answers", problemText(problems));
  return key;
}

function decodeAnswer(line: Readonly<Record<string, unknown>>): Lesson | string {
  const { prompt, answer, difficulty, kind, choices } = line;
  if (typeof prompt !== "string") return "`prompt` must be a text";
  if (answer === undefined || answer === null) return "`answer` is missing";
  if (difficulty !== undefined && !(typeof difficulty === "number" && difficulty >= 0 && difficulty <= 1)) {
    return "`difficulty` must be a number from 0 to 1";
  }
  const known = kind === undefined ? kindOf(answer) : lessonKinds.find((name) => name === kind);
  if (known === undefined) return `\`kind\` must be one of ${lessonKinds.join(", ")}`;
  if (
    choices !== undefined &&
    !(Array.isArray(choices) && choices.every((choice) => typeof choice === "string"))
  ) {
    return "`choices` must be a list of texts";
  }
  return {
    kind: known,
    expected: answer,
    ...(difficulty === undefined ? {} : { difficulty }),
    ...(choices === undefined ? {} : { choices: choices as readonly string[] }),
  };
}

function kindOf(answer: unknown): LessonKind {
  if (typeof answer === "number") return "numeric";
  if (typeof answer === "string") {
    if (/^\(?[A-Z]\)?$/.test(answer.trim())) return "choice";
    return /^[-+]?[$€£¥]?\d[\d,]*(\.\d+)?%?$/.test(answer.trim()) ? "numeric" : "exact";
  }
  const isCall = (item: unknown): boolean =>
    typeof item === "object" && item !== null && "name" in item && "arguments" in item;
  if (Array.isArray(answer) && answer.length > 0 && answer.every(isCall)) return "tool_call";
  return typeof answer === "object" ? "json" : "exact";
}
