import { referenceFormats, structuredRules } from "./structured-parameters.ts";

/** What a parameter's value must be, for the servers that a rule holds for. */
export interface ParameterRule {
  /** What is expected, in words that follow "takes". */
  readonly takes: string;
  readonly allows: (value: unknown) => boolean;
}

/** Rules by parameter. */
export type ParameterRules = Readonly<Record<string, ParameterRule>>;

function number(low: number, high: number): ParameterRule {
  const most =
    high === Number.POSITIVE_INFINITY ? `a number of at least ${low}` : `a number from ${low} to ${high}`;
  return { takes: most, allows: (value) => typeof value === "number" && value >= low && value <= high };
}

function integer(low: number, high: number = Number.POSITIVE_INFINITY): ParameterRule {
  const { allows } = number(low, high);
  const range = high === Number.POSITIVE_INFINITY ? `of at least ${low}` : `from ${low} to ${high}`;
  return { takes: `a whole number ${range}`, allows: (value) => Number.isInteger(value) && allows(value) };
}

function oneOf(...words: readonly string[]): ParameterRule {
  return {
    takes: words.map((word) => `\`${word}\``).join(", "),
    allows: (value) => words.some((word) => word === value),
  };
}

const yesOrNo: ParameterRule = { takes: "`true` or `false`", allows: (value) => typeof value === "boolean" };
const wholeNumber: ParameterRule = { takes: "a whole number", allows: (value) => Number.isInteger(value) };

/** What holds wherever a parameter is known at all. */
export const commonParameters: ParameterRules = {
  temperature: number(0, Number.POSITIVE_INFINITY),
  top_p: number(0, 1),
  min_p: number(0, 1),
  frequency_penalty: number(-2, 2),
  presence_penalty: number(-2, 2),
  // llama.cpp and its kin take -1 for "no limit".
  max_tokens: {
    takes: "a whole number of at least 1, or -1 where a server knows it",
    allows: (value) => Number.isInteger(value) && (value === -1 || Number(value) >= 1),
  },
  max_completion_tokens: integer(1),
  n: integer(1),
  seed: wholeNumber,
  random_seed: wholeNumber,
  // Together takes a number of them.
  logprobs: {
    takes: "`true`, `false`, or a whole number where a server knows it",
    allows: (value) => typeof value === "boolean" || (Number.isInteger(value) && Number(value) >= 0),
  },
  top_logprobs: integer(0, 20),
  enable_thinking: yesOrNo,
  thinking_budget: integer(-1),
  ...structuredRules,
};

/** SiliconFlow's OpenAPI schema, and for `top_k` the text of its error 20060. */
export const siliconflowParameters: ParameterRules = {
  temperature: number(0, 2),
  max_tokens: integer(1),
  thinking_budget: integer(128, 32_768),
  stop: { takes: "a text, or a list of 1 to 4 texts", allows: (value) => isStop(value, 4) },
  top_k: {
    takes: "-1, or a number from 1 to 100",
    allows: (value) => value === -1 || (typeof value === "number" && value >= 1 && value <= 100),
  },
  logprobs: yesOrNo,
  response_format: referenceFormats,
  reasoning_effort: oneOf("low", "medium", "high", "xhigh", "max"),
};

/** OpenAI's API reference. */
export const openaiParameters: ParameterRules = {
  temperature: number(0, 2),
  max_tokens: integer(1),
  stop: { takes: "a text, or a list of 1 to 4 texts", allows: (value) => isStop(value, 4) },
  n: integer(1, 128),
  logprobs: yesOrNo,
  response_format: referenceFormats,
  reasoning_effort: oneOf("none", "minimal", "low", "medium", "high", "xhigh"),
};

/** Those whose references let the temperature go to 2, and to 1: Moonshot's, and the glossary of errors of Mistral's. */
export const temperatureToTwo: ParameterRules = { temperature: number(0, 2) };
export const temperatureToOne: ParameterRules = { temperature: number(0, 1) };

function isStop(value: unknown, most: number): boolean {
  if (typeof value === "string") return true;
  return (
    Array.isArray(value) &&
    value.length >= 1 &&
    value.length <= most &&
    value.every((item) => typeof item === "string")
  );
}
