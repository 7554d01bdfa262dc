import type { ToolCall } from "../outcome/completion.ts";
import { excerpt } from "./excerpt.ts";
import { sameJson } from "./same-json.ts";

type Fields = Readonly<Record<string, unknown>>;

/** A call as a matrix or a cell expects it. */
export interface ExpectedCall {
  readonly name: string;
  /** The name, and how it is written where a provider allows letters, digits, `_` and `-` only. */
  readonly names: readonly string[];
  /** Null where any arguments will do. */
  readonly arguments: Fields | null;
}

/** How strictly the arguments of a call are compared. */
export interface CallStrictness {
  readonly arguments?: "equal" | "subset" | undefined;
  readonly ignore_case?: boolean | undefined;
}

/** Reads the calls that an option expects; a problem in words where it cannot. */
export function expectedCalls(expected: unknown): readonly ExpectedCall[] | string {
  const value = typeof expected === "string" ? jsonOf(expected) : expected;
  if (value === undefined || value === null) return "`expected` is no list of calls; `[]` expects none";
  const calls: ExpectedCall[] = [];
  for (const item of Array.isArray(value) ? (value as readonly unknown[]) : [value]) {
    const call = readCall(item);
    if (call === null)
      return `\`expected\` holds no call: ${excerpt(JSON.stringify(item) ?? "undefined")}; \`{ name, arguments }\` is one`;
    calls.push(call);
  }
  return calls;
}

function readCall(item: unknown): ExpectedCall | null {
  if (typeof item === "string" && item !== "") return called(item, null);
  if (!isRecord(item)) return null;
  if (typeof item.name === "string") {
    if (Object.keys(item).some((key) => key !== "name" && key !== "arguments")) return null;
    if (item.arguments === undefined) return called(item.name, null);
    const fields = typeof item.arguments === "string" ? jsonOf(item.arguments) : item.arguments;
    return isRecord(fields) ? called(item.name, fields) : null;
  }
  const [entry, ...others] = Object.entries(item);
  return entry === undefined || others.length > 0 || !isRecord(entry[1]) ? null : called(entry[0], entry[1]);
}

function called(name: string, fields: Fields | null): ExpectedCall {
  return { name, names: [name, name.replace(/[^A-Za-z0-9_-]/g, "_")], arguments: fields };
}

/** Why a call is not the expected one, in words; null when it is. */
export function fitsCall(expected: ExpectedCall, call: ToolCall, strictness: CallStrictness): string | null {
  if (!expected.names.includes(call.name)) return `found a call of ${excerpt(call.name, 40)}`;
  if (expected.arguments === null) return null;
  const given = call.arguments.trim() === "" ? {} : jsonOf(call.arguments);
  if (!isRecord(given)) return `its arguments are no JSON object: ${excerpt(call.arguments)}`;
  return fieldProblem(expected.arguments, given, strictness);
}

function fieldProblem(expected: Fields, given: Fields, strictness: CallStrictness): string | null {
  for (const [name, wanted] of Object.entries(expected)) {
    if (!Object.hasOwn(given, name)) {
      if (mayBeMissing(wanted)) continue;
      return `argument \`${name}\` is missing`;
    }
    if (!accepts(wanted, given[name], strictness))
      return `argument \`${name}\` is ${excerpt(JSON.stringify(given[name]))}, expected ${excerpt(JSON.stringify(wanted))}`;
  }
  if (strictness.arguments === "subset") return null;
  const extra = Object.keys(given).find((name) => !Object.hasOwn(expected, name));
  return extra === undefined ? null : `argument \`${extra}\` is not expected`;
}

function mayBeMissing(wanted: unknown): boolean {
  return Array.isArray(wanted) && wanted.includes("");
}

/** A list of accepted values stands for one of them; it may also be the value itself. */
function accepts(wanted: unknown, given: unknown, strictness: CallStrictness): boolean {
  if (isSame(wanted, given, strictness)) return true;
  return Array.isArray(wanted) && wanted.some((value) => isSame(value, given, strictness));
}

function isSame(wanted: unknown, given: unknown, strictness: CallStrictness): boolean {
  if (typeof wanted === "string" && typeof given === "string" && strictness.ignore_case === true)
    return wanted.toLowerCase() === given.toLowerCase();
  if (isRecord(wanted) && isRecord(given)) return fieldProblem(wanted, given, strictness) === null;
  if (Array.isArray(wanted) && Array.isArray(given))
    return wanted.length === given.length && wanted.every((item, i) => isSame(item, given[i], strictness));
  return sameJson(wanted, given);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
