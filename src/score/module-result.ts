import { excerpt } from "./excerpt.ts";
import type { Score } from "./scorer.ts";

/**
 * Reads what a function returned: a number from 0 to 1, true or false, null, `{ value, reason?, details? }`, or the shape of
 * `autoevals`, `{ score, metadata?: { rationale } }`. Words for what is none of them.
 */
export function readModuleResult(result: unknown): Score | string {
  if (result === null || result === undefined) return { value: null, reason: "the module gives none" };
  if (typeof result !== "object") return valueOnly(result);
  const { value, score, reason, metadata, details } = result as Readonly<Record<string, unknown>>;
  const stated = value !== undefined ? value : score;
  if (stated === undefined) return `it returned ${shown(result)}, which has no \`value\` and no \`score\``;
  const read = stated === null ? { value: null } : valueOnly(stated);
  if (typeof read === "string") return read;
  const why = reason ?? (metadata as { readonly rationale?: unknown } | null | undefined)?.rationale;
  const numbers = numbersOf(details);
  return {
    ...read,
    ...(typeof why === "string" && why !== "" ? { reason: why.slice(0, 2_000) } : {}),
    ...(numbers === null ? {} : { details: numbers }),
  };
}

function valueOnly(value: unknown): Score | string {
  if (typeof value === "boolean") return { value: Number(value) };
  if (typeof value === "number" && value >= 0 && value <= 1) return { value };
  return `it returned ${shown(value)}, and a score is a number from 0 to 1, true, false or null`;
}

function numbersOf(details: unknown): Readonly<Record<string, number | null>> | null {
  if (typeof details !== "object" || details === null) return null;
  const numbers = Object.entries(details).filter(
    ([, value]) => value === null || (typeof value === "number" && Number.isFinite(value)),
  );
  return numbers.length === 0 ? null : (Object.fromEntries(numbers) as Record<string, number | null>);
}

function shown(value: unknown): string {
  if (typeof value === "number") return `\`${value}\``;
  try {
    return excerpt(JSON.stringify(value) ?? String(value));
  } catch {
    return "something else";
  }
}
