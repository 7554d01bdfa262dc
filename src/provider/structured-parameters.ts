import type { ParameterRule } from "./parameter-rules.ts";

type Members = Readonly<Record<string, unknown>>;

const formats: readonly unknown[] = ["text", "json_object", "json_schema"];
const functionName = /^[A-Za-z0-9_-]{1,64}$/;

/** Rules for parameters whose values are lists or objects, as OpenAI's and SiliconFlow's references have them. */
export const structuredRules: Readonly<Record<string, ParameterRule>> = {
  stop: {
    takes: "a text, or a list of texts",
    allows: (value) =>
      typeof value === "string" ||
      (Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === "string")),
  },
  // Servers of one's own have further types (`grammar`, `regex`, `structural_tag`), and a `schema` of other names.
  response_format: {
    takes: "a map with a `type`",
    allows: (value) => isMembers(value) && isWord(value.type),
  },
  tools: {
    takes:
      "at most 128 entries `{ type: function, function: { name, … } }`, names of 1 to 64 letters, digits, `_` and `-`",
    allows: (value) => Array.isArray(value) && value.length <= 128 && value.every(isTool),
  },
  tool_choice: {
    takes: "`auto`, `none`, `required`, or `{ type: function, function: { name } }`",
    allows: (value) =>
      value === "auto" || value === "none" || value === "required" || value === "any" || isTool(value),
  },
  stream_options: { takes: "an object such as `{ include_usage: true }`", allows: isMembers },
};

/** The forms of `response_format` in OpenAI's reference, and in those that follow it to the letter. */
export const referenceFormats: ParameterRule = {
  takes:
    "`{ type: text }`, `{ type: json_object }` or `{ type: json_schema, json_schema: { name, schema } }`",
  allows: (value) => isMembers(value) && formats.includes(value.type) && hasSchema(value),
};

function hasSchema(format: Members): boolean {
  if (format.type !== "json_schema") return true;
  const { json_schema: stated } = format;
  return isMembers(stated) && typeof stated.name === "string" && isMembers(stated.schema);
}

/** Types other than `function` are a server's own affair. */
function isTool(tool: unknown): boolean {
  if (!isMembers(tool) || typeof tool.type !== "string") return false;
  if (tool.type !== "function") return true;
  const { function: called } = tool;
  return isMembers(called) && typeof called.name === "string" && functionName.test(called.name);
}

function isWord(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}

function isMembers(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
