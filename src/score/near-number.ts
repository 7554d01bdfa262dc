import { z } from "zod";

/** How far off a number may be: absolute, or relative to the expected one as `1%`. */
export type Tolerance = number | string;

/** Schema of a `Tolerance`. */
export const toleranceSchema: z.ZodType<Tolerance> = z.union([
  z.number().min(0),
  z.string().regex(/^(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*%?$/, "a number or a percentage is needed"),
]);

/** How far off is right where nothing is stated. */
export const defaultTolerance = 1e-6;

/** What a tolerance allows around an expected number. */
export function allowedDifference(expected: number, tolerance: Tolerance = defaultTolerance): number {
  const relative = typeof tolerance === "string" && tolerance.endsWith("%");
  const stated = typeof tolerance === "string" ? Number(tolerance.replace("%", "")) : tolerance;
  return relative ? (stated / 100) * Math.abs(expected) : stated;
}

/** Whether a number lies within the tolerance, its border included. */
export function isNearNumber(found: number, expected: number, tolerance?: Tolerance): boolean {
  // A difference that is the tolerance in decimals must not fail by the last bit of its binary form.
  const slack = 4 * Number.EPSILON * Math.max(Math.abs(found), Math.abs(expected));
  return Math.abs(found - expected) <= allowedDifference(expected, tolerance) + slack;
}
