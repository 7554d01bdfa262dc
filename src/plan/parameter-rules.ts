import { structuredRules } from "./structured-parameters.ts";

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
const everywhere: ParameterRules = {
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
  logprobs: yesOrNo,
  top_logprobs: integer(0, 20),
  enable_thinking: yesOrNo,
  thinking_budget: integer(0),
  ...structuredRules,
};

/** SiliconFlow's OpenAPI schema, and for `top_k` the text of its error 20060. */
const siliconflow: ParameterRules = {
  temperature: number(0, 2),
  max_tokens: integer(1),
  thinking_budget: integer(128, 32_768),
  stop: { takes: "a text, or a list of 1 to 4 texts", allows: (value) => isStop(value, 4) },
  top_k: {
    takes: "-1, or a number from 1 to 100",
    allows: (value) => value === -1 || (typeof value === "number" && value >= 1 && value <= 100),
  },
  reasoning_effort: oneOf("low", "medium", "high", "xhigh", "max"),
};

/** OpenAI's API reference. */
const openai: ParameterRules = {
  temperature: number(0, 2),
  max_tokens: integer(1),
  stop: { takes: "a text, or a list of 1 to 4 texts", allows: (value) => isStop(value, 4) },
  n: integer(1, 128),
  reasoning_effort: oneOf("none", "minimal", "low", "medium", "high", "xhigh"),
};

const upToTwo: ParameterRules = { temperature: number(0, 2) };
/** Moonshot's reference, and the glossary of errors of Mistral's. */
const upToOne: ParameterRules = { temperature: number(0, 1) };

/** What holds for a preset beyond, or instead of, what holds everywhere. */
const byPreset: Readonly<Record<string, ParameterRules>> = {
  siliconflow,
  "siliconflow-intl": siliconflow,
  simulator: siliconflow,
  openai,
  azure: openai,
  deepseek: upToTwo,
  groq: upToTwo,
  openrouter: upToTwo,
  dashscope: upToTwo,
  "dashscope-intl": upToTwo,
  moonshot: upToOne,
  mistral: upToOne,
};

/** Who says so, and what: the rule for a parameter at a preset; null where none is known. */
export function parameterRule(
  name: string,
  preset: string,
): { readonly rule: ParameterRule; readonly by: string | null } | null {
  const own = byPreset[preset];
  if (own !== undefined && Object.hasOwn(own, name)) {
    const rule = own[name];
    return rule === undefined ? null : { rule, by: preset };
  }
  const rule = Object.hasOwn(everywhere, name) ? everywhere[name] : undefined;
  return rule === undefined ? null : { rule, by: null };
}

function isStop(value: unknown, most: number): boolean {
  if (typeof value === "string") return true;
  return (
    Array.isArray(value) &&
    value.length >= 1 &&
    value.length <= most &&
    value.every((item) => typeof item === "string")
  );
}
