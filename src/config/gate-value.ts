import type { GateLimit } from "../compare/gate.ts";
import type { Metric } from "../compare/metric.ts";
import { durationMs } from "./duration.ts";

/** A number that was read, or what is wrong with how it is written. */
export type ReadNumber = { readonly value: number } | { readonly problem: string; readonly hint: string };

/**
 * The value of a gate's limit. On a share or score `0.05`, `5%` and `5pt` are the same. A change of anything else is a
 * share of the base (`0.2`, `20%`); its `min` and `max` are milliseconds (or `2s`), tokens, or an amount of money.
 */
export function readLimitValue(
  kind: GateLimit["kind"],
  written: string | number,
  metric: Metric,
): ReadNumber {
  if (metric.scale === "points") return readShare(written);
  return kind === "min" || kind === "max" ? readAmount(written, metric) : readRelative(written);
}

/** A share of 0 to 1: `0.05`, `5%`, `5pt`. */
export function readShare(written: string | number): ReadNumber {
  const { number, unit } = split(written);
  if (number === null || !["", "%", "pt", "point", "points"].includes(unit))
    return { problem: `\`${written}\` is no share`, hint: "write it as `5%` or `0.05`" };
  const value = unit === "" ? number : percent(number);
  if (value >= 0 && value <= 1) return { value };
  const meant = unit === "" && number > 1 && number <= 100;
  return {
    problem: `\`${written}\` is more than the whole`,
    hint: meant ? `write \`${number}%\` or \`${percent(number)}\`` : "a share is 0 to 1, or 0% to 100%",
  };
}

/** A change as a share of the base: `0.2`, `20%`. More than the whole has to be written with its sign. */
function readRelative(written: string | number): ReadNumber {
  const { number, unit } = split(written);
  if (number !== null && unit === "%") return { value: percent(number) };
  if (number !== null && unit.startsWith("p"))
    return {
      problem: `\`${written}\`: only shares and scores have points`,
      hint: `write \`${number}%\` of the base`,
    };
  if (number === null || unit !== "")
    return { problem: `\`${written}\` is no share of the base`, hint: "write it as `20%` or `0.2`" };
  if (number <= 1) return { value: number };
  const whole = Number((number * 100).toPrecision(12));
  return {
    problem: `\`${written}\` would be ${whole} % of the base`,
    hint: `write \`${number}%\`, or \`${whole}%\` if that is meant`,
  };
}

function readAmount(written: string | number, { name, quantity }: Metric): ReadNumber {
  const { number, unit } = split(written);
  if (number !== null && unit === "") return { value: number };
  if (unit === "%")
    return {
      problem: `\`${name}\` is no share, found \`${written}\``,
      hint: "`max_increase: 20%` is a share of the base",
    };
  if (quantity.endsWith("_ms")) {
    const ms = durationMs(String(written));
    if (ms !== null) return { value: ms };
    return {
      problem: `\`${written}\` is no time`,
      hint: "milliseconds, or a duration such as `2s`, `500ms`",
    };
  }
  if (quantity === "cost" && number !== null)
    return {
      problem: `\`${written}\` is no number`,
      hint: `write \`${number}\`: it is in the currency of the prices`,
    };
  return { problem: `\`${written}\` is no number`, hint: "write a number, such as `200`" };
}

function split(written: string | number): { readonly number: number | null; readonly unit: string } {
  if (typeof written === "number") return { number: written, unit: "" };
  const [, digits, unit = ""] = /^(\d+(?:\.\d+)?|\.\d+)\s*(\S*)$/.exec(written.trim()) ?? [];
  return { number: digits === undefined ? null : Number(digits), unit };
}

/** A hundredth, without the noise of binary fractions: 5.1 % is 0.051. */
function percent(number: number): number {
  return Number((number / 100).toPrecision(12));
}
