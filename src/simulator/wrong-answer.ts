import type { Draw } from "./draw.ts";

const words = [
  "Lisbon",
  "amber",
  "Thursday",
  "copper",
  "north",
  "maple",
  "violin",
  "harbour",
  "Saturn",
  "velvet",
];
const hanWords = ["里斯本", "琥珀", "星期四", "铜", "北方", "枫树", "小提琴", "港口", "土星", "丝绒"];
const opposites: readonly (readonly [string, string])[] = [
  ["yes", "no"],
  ["true", "false"],
  ["positive", "negative"],
  ["correct", "wrong"],
  ["pass", "fail"],
  ["high", "low"],
  ["是", "否"],
  ["对", "错"],
  ["正确", "错误"],
  ["正面", "负面"],
];

/**
 * Other texts that might have been the answer, most plausible first: another of the choices, the opposite, another
 * number, a word of the same script. None equals the expected text in any casing; the list is never empty.
 */
export function otherTexts(expected: string, choices: readonly string[], draw: Draw): readonly string[] {
  const plain = expected.trim().toLowerCase();
  const rotated = <Item>(items: readonly Item[]): readonly Item[] => {
    const start = items.length === 0 ? 0 : draw.below(items.length);
    return [...items.slice(start), ...items.slice(0, start)];
  };
  const opposite = opposites.flatMap(([a, b]) => (plain === a ? [b] : plain === b ? [a] : []));
  const number = /^\D{0,3}\d[\d.,]*\D{0,3}$/.test(expected) ? [otherNumber(expected, draw)] : [];
  const pool = /\p{Script=Han}/u.test(expected) ? hanWords : words;
  return [...rotated(choices), ...opposite, ...number, ...rotated(pool), "–"]
    .filter((text) => text.trim().toLowerCase() !== plain)
    .map((text) => likeCase(text, expected));
}

function likeCase(text: string, model: string): string {
  const letters = model.replace(/[^\p{L}]/gu, "");
  if (letters.length > 1 && letters === letters.toUpperCase() && letters !== letters.toLowerCase()) {
    return text.toUpperCase();
  }
  if (letters !== "" && letters === letters.toLowerCase()) return text.toLowerCase();
  return /^\p{Lu}/u.test(letters) ? text.charAt(0).toUpperCase() + text.slice(1) : text;
}

/**
 * The text with its last number replaced by another one of the same form (decimals, thousands separators, sign).
 * The value differs by at least a tenth of it and by at least one unit of the last place.
 */
export function otherNumber(expected: string, draw: Draw): string {
  const match = [...expected.matchAll(/(\d[\d,]*(?:\.\d+)?)(?:e[-+]?\d+)?/gi)].at(-1);
  const written = match?.[1];
  if (match === undefined || written === undefined) return expected;
  const digits = written.replaceAll(",", "");
  const decimals = digits.split(".")[1]?.length ?? 0;
  const value = Number(digits);
  const changed =
    Number.isSafeInteger(Math.round(value * 10 ** decimals * 4)) && value < 1e15
      ? shifted(value, decimals, draw)
      : digits.replace(/\d/, (digit) => String((Number(digit) % 9) + 1));
  const grouped = written.includes(",") ? changed.replace(/\B(?=(\d{3})+(?!\d))(?<!\.\d*)/g, ",") : changed;
  return expected.slice(0, match.index) + grouped + expected.slice(match.index + written.length);
}

function shifted(value: number, decimals: number, draw: Draw): string {
  const unit = 10 ** -decimals;
  const by = Math.max(unit, value * draw.pick([0.1, 0.2, 0.5, 1, 2]));
  const up = value + (value === 0 ? draw.pick([1, 2, 5, 10]) : by);
  const down = value - by;
  const other = down > 0 && draw.below(2) === 0 ? down : up;
  const rounded = other.toFixed(decimals);
  return rounded === value.toFixed(decimals) ? (value + Math.max(unit, 1)).toFixed(decimals) : rounded;
}

/** A value of the same shape with one field, element or scalar changed. */
export function otherValue(value: unknown, draw: Draw): unknown {
  if (typeof value === "string") return otherTexts(value, [], draw)[0] ?? "–";
  if (typeof value === "number") {
    const other = Number(otherNumber(String(value), draw));
    if (Number.isFinite(other) && other !== value) return other;
    // At the ends of the range of doubles a changed digit can overflow, or round back.
    return Math.abs(value) > 1 ? value / 2 : value + 1;
  }
  if (typeof value === "boolean") return !value;
  if (Array.isArray(value)) {
    if (value.length === 0) return [otherTexts("", [], draw)[0] ?? "–"];
    const index = draw.below(value.length);
    return value.map((item: unknown, at) => (at === index ? otherValue(item, draw) : item));
  }
  if (typeof value !== "object" || value === null) return otherTexts("", [], draw)[0] ?? "–";
  const entries = Object.entries(value);
  if (entries.length === 0) return { answer: otherTexts("", [], draw)[0] ?? "–" };
  const index = draw.below(entries.length);
  return Object.fromEntries(
    entries.map(([key, item], at) => [key, at === index ? otherValue(item, draw) : item]),
  );
}
