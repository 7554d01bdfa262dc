import { z } from "zod";
import { scorerTypes } from "../score/registry.ts";
import type { ScorerFile } from "./matrix-file.ts";

const text = z.string().min(1);

const commonKeys = {
  id: text.optional().describe("names the column `score.<id>`; by default the type"),
  type: text,
  negate: z.boolean().optional().describe("yes becomes no, and the value 1 − value"),
  required: z
    .boolean()
    .optional()
    .describe("default true: the completion passes only if this scorer says yes"),
  threshold: z.number().min(0).max(1).optional().describe("the scorer says yes from this value on"),
  weight: z.number().min(0).optional().describe("for the weighted score; default 1"),
  target: z.enum(["answer", "reasoning"]).optional().describe("the text to judge; default `answer`"),
};

/** One scorer as a matrix or a cell writes it. Its own options are checked by its type. */
export const scorerFileSchema: z.ZodType<ScorerFile> = z
  .looseObject(commonKeys)
  .describe("what is asked of an answer; options depend on the type");

/** A list of scorers; an item that is one placeholder stands for a list that a column of the dataset holds. */
export const scorerListSchema: z.ZodType<readonly (ScorerFile | string)[]> = z.array(
  z.union([scorerFileSchema, z.string().regex(/^\s*\{\{[\s\S]*\}\}\s*$/)]),
);

type JsonSchema = Readonly<Record<string, unknown>>;

const placeholder = { type: "string", pattern: "\\{\\{" };

/** JSON Schema of an item of `scorers`, type by type, for editors: an option may be a template, too. */
export function scorerItemSchema(): JsonSchema {
  const common = propertiesOf(z.strictObject(commonKeys));
  const types = Object.values(scorerTypes).map((type): JsonSchema => {
    const options = Object.entries(propertiesOf(type.options)).map(([name, schema]) => {
      const { description, ...rest } = schema;
      const any = Object.keys(rest).length === 0;
      return [
        name,
        any ? schema : { ...(description === undefined ? {} : { description }), anyOf: [rest, placeholder] },
      ];
    });
    return {
      description: type.about,
      type: "object",
      properties: { ...common, type: { const: type.type }, ...Object.fromEntries(options) },
      required: ["type"],
      additionalProperties: false,
    };
  });
  return {
    anyOf: [
      ...types,
      { ...placeholder, description: "a column of the dataset that holds a list of scorers" },
    ],
  };
}

function propertiesOf(schema: z.ZodType): Readonly<Record<string, JsonSchema>> {
  const json = z.toJSONSchema(schema, { target: "draft-2020-12" });
  return (json.properties ?? {}) as Readonly<Record<string, JsonSchema>>;
}
