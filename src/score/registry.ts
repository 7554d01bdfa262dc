import { z } from "zod";
import { choice } from "./choice.ts";
import { contains } from "./contains.ts";
import { exact } from "./exact.ts";
import { numeric } from "./numeric.ts";
import { regex } from "./regex.ts";
import type { ScorerType } from "./scorer.ts";
import { startsWith } from "./starts-with.ts";

/** Every type of scorer by its name, in the order of the docs. */
export const scorerTypes: Readonly<Record<string, ScorerType<object>>> = Object.assign(
  Object.create(null) as Record<string, ScorerType<object>>,
  Object.fromEntries([exact, contains, startsWith, regex, numeric, choice].map((type) => [type.type, type])),
);

/** Keys that every scorer has, whatever its type. */
export const commonScorerKeys: readonly string[] = [
  "id",
  "type",
  "negate",
  "required",
  "threshold",
  "weight",
  "target",
];

/** Names of the options of a type, without the common keys; null for a type that does not exist. */
export function rawOptionKeys(type: string): readonly string[] | null {
  const options = scorerTypes[type]?.options;
  if (options === undefined) return null;
  if (!(options instanceof z.ZodObject)) throw new Error(`the options of ${type} must be a zod object`);
  return Object.keys(options.shape);
}
