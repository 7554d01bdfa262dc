/** How an answer is phrased, and how a wrong one differs from the right one. */
export const lessonKinds = [
  "numeric",
  "choice",
  "exact",
  "contains",
  "regex",
  "json",
  "tool_call",
  "text",
] as const;

export type LessonKind = (typeof lessonKinds)[number];

/**
 * The right answer to one request. `expected` is a text or number (`numeric`, `choice`, `exact`, `text`), one or
 * several texts (`contains`), a pattern (`regex`), a value or its JSON text (`json`; undefined is "any JSON"), or a
 * list of `{ name, arguments }` (`tool_call`; the empty list is "no call").
 */
export interface Lesson {
  readonly kind: LessonKind;
  readonly expected: unknown;
  /** 0 (easy) to 1 (hard); absent is drawn from the prompt. */
  readonly difficulty?: number;
  /** What may be chosen, letters or texts: wrong answers of kind `choice` and `exact` come from here. */
  readonly choices?: readonly string[];
  /** What a wrong answer of kind `json` says; absent is drawn. */
  readonly otherwise?: unknown;
  /** Flags of a `regex`. */
  readonly flags?: string;
}
