import { z } from "zod";
import { answerJson, type JsonReading, jsonReadingKeys } from "./answer-json.ts";
import { excerpt } from "./excerpt.ts";
import { pathProblem, valuesAt } from "./json-place.ts";
import { isNearNumber, type Tolerance, toleranceSchema } from "./near-number.ts";
import { isExpected } from "./same-json.ts";
import type { ScorerType } from "./scorer.ts";

export interface JsonFieldsOptions extends JsonReading {
  readonly expected: Readonly<Record<string, unknown>> | string;
  readonly tolerance?: Tolerance | undefined;
}

/** `json_fields`: each expected field of the answer's JSON object gives a score; the value is the share that is right. */
export const jsonFields: ScorerType<JsonFieldsOptions> = {
  type: "json_fields",
  about: "fields of the answer's JSON are the expected ones, each with a score of its own",
  graded: true,
  // A contract is kept as a whole, unless somebody says that a part is enough.
  defaultThreshold: 1,
  options: z.strictObject({
    expected: z
      .union([z.record(z.string(), z.unknown()), z.string()])
      .describe(
        "the fields with their values: `{ name: Ada, address.city: Paris }`, or the JSON text of such a map; a dot leads into an object, a name that begins with `$` is a JSONPath",
      ),
    tolerance: toleranceSchema
      .optional()
      .describe(
        "how far off numbers may be: absolute, or relative to the expected one as `1%`; default 1e-6",
      ),
    ...jsonReadingKeys,
  }),
  check: (options) => {
    const fields = fieldsOf(options);
    if (fields === null) return "`expected` is no map of fields to values";
    if (Object.keys(fields).length === 0) return "`expected` has no fields";
    for (const name of Object.keys(fields)) {
      const problem = name.startsWith("$") ? pathProblem(name) : null;
      if (problem !== null) return `\`${name}\`: ${problem}`;
    }
    return null;
  },
  parts: (options) => Object.keys(fieldsOf(options) ?? {}),
  score: (target, options) => {
    const fields = Object.entries(fieldsOf(options) ?? {});
    const read = answerJson(target, options);
    if ("problem" in read)
      return {
        value: 0,
        reason: read.problem,
        details: Object.fromEntries(fields.map(([name]) => [name, 0])),
      };
    const near = (found: number, expected: number): boolean =>
      isNearNumber(found, expected, options.tolerance);
    const wrong: string[] = [];
    const details = fields.map(([name, expected]): readonly [string, number] => {
      const found = valuesOf(read.value, name);
      if (found.some((value) => isExpected(value, expected, near)) || isExpected(found, expected, near))
        return [name, 1];
      wrong.push(
        found.length === 0
          ? `no \`${name}\``
          : `\`${name}\` is ${excerpt(JSON.stringify(found.length === 1 ? found[0] : found))}`,
      );
      return [name, 0];
    });
    return {
      value: (fields.length - wrong.length) / fields.length,
      ...(wrong.length > 0 && { reason: `${wrong.slice(0, 5).join(", ")}${wrong.length > 5 ? " …" : ""}` }),
      details: Object.fromEntries(details),
    };
  },
};

function fieldsOf({ expected }: JsonFieldsOptions): Readonly<Record<string, unknown>> | null {
  let value: unknown = expected;
  if (typeof expected === "string") {
    try {
      value = JSON.parse(expected);
    } catch {
      return null;
    }
  }
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : null;
}

/** A field by its whole name first: a key may hold a dot. */
function valuesOf(value: unknown, name: string): readonly unknown[] {
  if (name.startsWith("$")) return valuesAt(value, name);
  if (isRecord(value) && Object.hasOwn(value, name)) return [value[name]];
  let place: unknown = value;
  for (const step of name.split(".")) {
    if (Array.isArray(place) && /^\d+$/.test(step)) place = place[Number(step)];
    else if (isRecord(place) && Object.hasOwn(place, step)) place = place[step];
    else return [];
  }
  return place === undefined ? [] : [place];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
