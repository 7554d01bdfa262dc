import { type Refusal, refusal } from "./refusal.ts";

/** A function the model may call. */
export interface Tool {
  readonly name: string;
  /** JSON Schema of the arguments; an empty object when none was given. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** What form the answer must have; `schema` is that of `json_schema`. */
export type AnswerFormat =
  | { readonly kind: "text" }
  | { readonly kind: "json_object" }
  | { readonly kind: "json_schema"; readonly schema: unknown };

/** The parameters of a request that the endpoint acts upon. Absent ones are null. */
export interface RequestParameters {
  readonly stream: boolean;
  readonly n: number;
  readonly maxTokens: number | null;
  readonly stop: readonly string[];
  readonly temperature: number | null;
  readonly enableThinking: boolean | null;
  readonly thinkingBudget: number | null;
  readonly tools: readonly Tool[];
  /** The tools as they stood in the body, for counting their tokens; "" without tools. */
  readonly toolsText: string;
  /** `none`, `auto`, `required`, or the name of the one function to call. */
  readonly toolChoice: string;
  readonly format: AnswerFormat;
  /** Whether the request fixes a `seed`. */
  readonly seeded: boolean;
  readonly logprobs: boolean;
}

type Body = Readonly<Record<string, unknown>>;

class BadParameter extends Error {
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** Reads the parameters of a body, or gives the 400 for the first bad one. Unknown names are ignored. */
export function decodeParameters(body: Body): RequestParameters | Refusal {
  try {
    for (const [name, low, high] of numberRanges) numberOf(body, name, low, high);
    const topK = body.top_k ?? null;
    if (topK !== null && topK !== -1 && !(typeof topK === "number" && topK >= 1 && topK <= 100)) {
      throw new BadParameter(20060, "top_k must be -1 or between 1 and 100");
    }
    const n = integerOf(body, "n", 1, 20015) ?? 1;
    if (n > 20) throw new BadParameter(20081, "n cannot exceed 20");
    const thinkingBudget = integerOf(body, "thinking_budget", 128, 20084);
    if (thinkingBudget !== null && thinkingBudget > 32_768) {
      throw new BadParameter(20084, "thinking_budget: Input should be less than or equal to 32768");
    }
    const tools = toolsOf(body.tools ?? []);
    return {
      stream: booleanOf(body, "stream") ?? false,
      n,
      maxTokens: integerOf(body, "max_tokens", 1, 20015),
      stop: stopsOf(body.stop ?? []),
      temperature: numberOf(body, "temperature", 0, 2),
      enableThinking: booleanOf(body, "enable_thinking"),
      thinkingBudget,
      tools,
      toolsText: tools.length === 0 ? "" : JSON.stringify(body.tools),
      toolChoice: toolChoiceOf(body.tool_choice ?? "auto", tools),
      format: formatOf(body.response_format ?? { type: "text" }),
      seeded: (body.seed ?? null) !== null,
      logprobs: booleanOf(body, "logprobs") ?? false,
    };
  } catch (error) {
    if (error instanceof BadParameter) return refusal(400, error.code, error.message);
    throw error;
  }
}

const numberRanges = [
  ["top_p", 0, 1],
  ["min_p", 0, 1],
  ["frequency_penalty", -2, 2],
  ["presence_penalty", -2, 2],
] as const;

function numberOf(body: Body, name: string, low: number, high: number): number | null {
  const value = body[name] ?? null;
  if (value === null) return null;
  if (typeof value !== "number") throw new BadParameter(20015, `${name}: Input should be a valid number`);
  if (value < low) throw new BadParameter(20015, `${name}: Input should be greater than or equal to ${low}`);
  if (value > high) throw new BadParameter(20015, `${name}: Input should be less than or equal to ${high}`);
  return value;
}

function integerOf(body: Body, name: string, low: number, code: number): number | null {
  const value = body[name] ?? null;
  if (value === null) return null;
  if (!Number.isSafeInteger(value)) throw new BadParameter(code, `${name}: Input should be a valid integer`);
  if (Number(value) < low)
    throw new BadParameter(code, `${name}: Input should be greater than or equal to ${low}`);
  return Number(value);
}

function booleanOf(body: Body, name: string): boolean | null {
  const value = body[name] ?? null;
  if (value !== null && typeof value !== "boolean") {
    throw new BadParameter(20015, `${name}: Input should be a valid boolean`);
  }
  return value;
}

function stopsOf(value: unknown): readonly string[] {
  const stops = typeof value === "string" ? [value] : value;
  if (!Array.isArray(stops) || !stops.every((stop) => typeof stop === "string")) {
    throw new BadParameter(20015, "stop: Input should be a valid string or list of strings");
  }
  if (stops.length > 4) throw new BadParameter(20015, "stop: List should have at most 4 items");
  return stops.filter((stop) => stop !== "");
}

function toolsOf(value: unknown): readonly Tool[] {
  if (!Array.isArray(value)) throw new BadParameter(20015, "tools: Input should be a valid list");
  if (value.length > 128) throw new BadParameter(20015, "tools: List should have at most 128 items");
  return value.map((tool: unknown) => {
    const called = asRecord(asRecord(tool)?.function);
    const name = called?.name;
    if (asRecord(tool)?.type !== "function" || typeof name !== "string") {
      throw new BadParameter(20015, "tools: Field required: function.name");
    }
    if (!/^[A-Za-z0-9_-]{1,64}$/.test(name)) {
      throw new BadParameter(20015, `tools: function name \`${name}\` should match [A-Za-z0-9_-]{1,64}`);
    }
    return { name, parameters: asRecord(called?.parameters) ?? {} };
  });
}

function toolChoiceOf(value: unknown, tools: readonly Tool[]): string {
  const named = asRecord(asRecord(value)?.function)?.name;
  if (typeof named === "string") {
    if (tools.some((tool) => tool.name === named)) return named;
    throw new BadParameter(20015, `tool_choice: function \`${named}\` is not among the tools`);
  }
  if (value === "none" || value === "auto" || value === "required") return value;
  throw new BadParameter(20015, "tool_choice: Input should be 'none', 'auto', 'required' or a function");
}

function formatOf(value: unknown): AnswerFormat {
  const format = asRecord(value);
  const kind = format?.type;
  if (kind === "text" || kind === "json_object") return { kind };
  const schema = asRecord(format?.json_schema)?.schema;
  if (kind === "json_schema" && asRecord(schema) !== null) return { kind, schema };
  throw new BadParameter(
    20015,
    kind === "json_schema"
      ? "response_format: Field required: json_schema.schema"
      : "response_format: Input should be 'text', 'json_object' or 'json_schema'",
  );
}

function asRecord(value: unknown): Body | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Body) : null;
}
