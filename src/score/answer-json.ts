import { z } from "zod";
import { excerpt } from "./excerpt.ts";

/** How an answer is read as JSON. */
export interface JsonReading {
  /** Default `allow`: a fence of three backticks around the whole answer does not count. */
  readonly code_fence?: "allow" | "forbid" | undefined;
  /** Default false: the answer is nothing but JSON. True: the first object or list that stands in it counts. */
  readonly within?: boolean | undefined;
}

/** The zod keys of a `JsonReading`. */
export const jsonReadingKeys: {
  readonly code_fence: z.ZodOptional<z.ZodEnum<{ allow: "allow"; forbid: "forbid" }>>;
  readonly within: z.ZodOptional<z.ZodBoolean>;
} = {
  code_fence: z
    .enum(["allow", "forbid"])
    .optional()
    .describe("whether a fence of backticks around the whole answer is left out; default `allow`"),
  within: z
    .boolean()
    .optional()
    .describe("true takes the first JSON object or list that stands in the answer; default false"),
};

/** The value that an answer writes, or why it writes none. */
export type ReadJson = { readonly value: unknown } | { readonly problem: string };

let last: { readonly text: string; readonly key: string; readonly read: ReadJson } | null = null;

/** Reads an answer as JSON. Several scorers ask the same of one answer, so the last reading is kept. */
export function answerJson(text: string, { code_fence, within }: JsonReading): ReadJson {
  const key = `${code_fence ?? "allow"} ${within === true}`;
  if (last !== null && last.text === text && last.key === key) return last.read;
  const read = readJson(text, code_fence !== "forbid", within === true);
  last = { text, key, read };
  return read;
}

function readJson(text: string, fence: boolean, within: boolean): ReadJson {
  const whole = parsed(text);
  if (whole !== null && (!within || isContainer(whole.value))) return whole;
  const inner = fence ? fenced(text) : null;
  const unfenced = inner === null ? null : parsed(inner);
  if (unfenced !== null) return unfenced;
  if (within) return firstContainer(text) ?? { problem: `no JSON object or list in ${excerpt(text)}` };
  if (!fence && fenced(text) !== null) return { problem: "JSON in a code fence, which is forbidden" };
  return { problem: `not JSON: ${excerpt(text)}` };
}

function parsed(text: string): { readonly value: unknown } | null {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return null;
  }
}

/** The text within a fence around the whole answer; null without one. */
function fenced(text: string): string | null {
  return /^\s*(`{3,}|~{3,})[ \t]*[\w-]*[ \t]*\r?\n([\s\S]*?)\r?\n?[ \t]*\1\s*$/.exec(text)?.[2] ?? null;
}

function isContainer(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}

/** Places at which an object or list is looked for, at most. */
const mostTries = 1_000;

/** The first object or list of a text that can be read: from an opening bracket to the one that closes it. */
function firstContainer(text: string): ReadJson | null {
  let at = text.search(/[{[]/);
  for (let tries = 0; at >= 0 && tries < mostTries; tries++) {
    const end = closing(text, at);
    const found = end < 0 ? null : parsed(text.slice(at, end + 1));
    if (found !== null) return found;
    const next = text.slice(at + 1).search(/[{[]/);
    at = next < 0 ? -1 : at + 1 + next;
  }
  return null;
}

/** The bracket that closes the one at `start`, brackets in strings left out; -1 for none. */
function closing(text: string, start: number): number {
  let depth = 0;
  for (let i = start; i < text.length; i++) {
    const character = text[i];
    if (character === '"') {
      i = endOfString(text, i);
      if (i < 0) return -1;
    } else if (character === "{" || character === "[") depth++;
    else if ((character === "}" || character === "]") && --depth === 0) return i;
  }
  return -1;
}

function endOfString(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i++) {
    if (text[i] === "\\") i++;
    else if (text[i] === '"') return i;
  }
  return -1;
}
