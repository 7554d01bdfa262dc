import type { ValidateFunction } from "ajv";
import { z } from "zod";
import { answerJson, type JsonReading, jsonReadingKeys } from "./answer-json.ts";
import { excerpt } from "./excerpt.ts";
import { compileSchema } from "./schema-compiler.ts";
import type { ScorerType } from "./scorer.ts";

export interface JsonSchemaOptions extends JsonReading {
  readonly schema: Readonly<Record<string, unknown>> | boolean | string;
}

/** `json_schema`: the answer is JSON that its schema allows. */
export const jsonSchema: ScorerType<JsonSchemaOptions> = {
  type: "json_schema",
  about: "the answer is JSON that fits a JSON Schema",
  graded: false,
  options: z.strictObject({
    schema: z
      .union([z.record(z.string(), z.unknown()), z.boolean(), z.string()])
      .describe(
        "a JSON Schema, `file://schema.json`, or the JSON text of one. Draft 2020-12 unless its `$schema` says 2019-09 or draft-07; formats are asserted",
      ),
    ...jsonReadingKeys,
  }),
  check: (options) => {
    try {
      validatorOf(options.schema);
      return null;
    } catch (error) {
      return `\`schema\` does not compile: ${excerpt(error instanceof Error ? error.message : String(error), 160)}`;
    }
  },
  score: (target, options) => {
    const read = answerJson(target, options);
    if ("problem" in read) return { value: 0, reason: read.problem };
    const validate = validatorOf(options.schema);
    if (validate(read.value)) return { value: 1 };
    return { value: 0, reason: problemsOf(validate) };
  },
};

function problemsOf({ errors }: ValidateFunction): string {
  const found = errors ?? [];
  const shown = found.slice(0, 3).map(({ instancePath, message, params }) => {
    const extra = params as { readonly additionalProperty?: string; readonly allowedValues?: unknown };
    const detail =
      extra.additionalProperty !== undefined
        ? ` \`${extra.additionalProperty}\``
        : extra.allowedValues !== undefined
          ? ` ${excerpt(JSON.stringify(extra.allowedValues))}`
          : "";
    return `${instancePath === "" ? "the value" : `\`${instancePath}\``} ${message ?? "does not fit"}${detail}`;
  });
  return `${shown.join("; ")}${found.length > 3 ? " …" : ""}`;
}

const byObject = new WeakMap<object, ValidateFunction>();
const byText = new Map<string, ValidateFunction>();
const mostKept = 200;

/** The validator of a schema, compiled once. Throws for a schema that does not compile. */
function validatorOf(schema: JsonSchemaOptions["schema"]): ValidateFunction {
  const known = typeof schema === "object" ? byObject.get(schema) : byText.get(String(schema));
  if (known !== undefined) return known;
  const text = typeof schema === "string" ? schema : JSON.stringify(schema);
  const compiled = byText.get(text) ?? compileSchema(schemaOf(text));
  if (byText.size >= mostKept) byText.clear();
  byText.set(text, compiled);
  if (typeof schema === "object") byObject.set(schema, compiled);
  return compiled;
}

function schemaOf(text: string): object | boolean {
  const value = JSON.parse(text) as unknown;
  if (typeof value === "boolean" || (typeof value === "object" && value !== null && !Array.isArray(value)))
    return value;
  throw new Error(`a schema is an object, or true or false, found ${text.slice(0, 40)}`);
}
