import { z } from "zod";
import { bleu } from "./bleu.ts";
import { choice } from "./choice.ts";
import { contains } from "./contains.ts";
import { cost } from "./cost.ts";
import { exact } from "./exact.ts";
import { finishReason } from "./finish-reason.ts";
import { json } from "./json.ts";
import { jsonFields } from "./json-fields.ts";
import { jsonSchema } from "./json-schema.ts";
import { judge } from "./judge.ts";
import { latency } from "./latency.ts";
import { length } from "./length.ts";
import { levenshtein } from "./levenshtein.ts";
import { moduleScorer } from "./module.ts";
import { numeric } from "./numeric.ts";
import { regex } from "./regex.ts";
import { rougeL } from "./rouge-l.ts";
import type { ScorerType } from "./scorer.ts";
import { startsWith } from "./starts-with.ts";
import { tokens } from "./tokens.ts";
import { toolCall } from "./tool-call.ts";

const all = [
  exact,
  contains,
  startsWith,
  regex,
  numeric,
  choice,
  json,
  jsonFields,
  jsonSchema,
  toolCall,
  levenshtein,
  rougeL,
  bleu,
  length,
  tokens,
  latency,
  cost,
  finishReason,
  judge,
  moduleScorer,
];

/** Every type of scorer by its name, in the order of the docs. */
export const scorerTypes: Readonly<Record<string, ScorerType<object>>> = Object.assign(
  Object.create(null) as Record<string, ScorerType<object>>,
  Object.fromEntries(all.map((type) => [type.type, type])),
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

/** Whether a scorer of this type gives values between 0 and 1; false for types that do not exist. */
export function isGraded(type: string): boolean {
  return scorerTypes[type]?.graded ?? false;
}
