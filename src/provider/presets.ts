import {
  commonParameters,
  openaiParameters,
  type ParameterRules,
  siliconflowParameters,
  temperatureToOne,
  temperatureToTwo,
} from "./parameter-rules.ts";

/** How the answers of a kind of endpoint are read, where they differ. */
export interface Dialect {
  /**
   * What `x-ratelimit-*-requests` counts. Those of a day are not read: as a pace of requests per minute they would
   * hold a lane for hours.
   */
  readonly requestsAre: "minute" | "day";
  /** Response headers with the server's id of the exchange, in this order; any other known one comes after them. */
  readonly traceHeaders: readonly string[];
  /** Where bodies hold that id, as keys from the top; null where they hold none. */
  readonly traceIdInBody: readonly string[] | null;
  /** Error codes that mean the current minute here, though elsewhere they mean an empty account. */
  readonly paceCodes: readonly string[];
}

/** What is known about a kind of endpoint before the user says anything. */
export interface Preset extends Dialect {
  /** Null where the user, or the run, must give one. */
  readonly baseUrl: string | null;
  /** What a base URL looks like where the user must give one, for messages. */
  readonly baseUrlForm: string;
  /** Other words for it, for suggestions alone: reports, prices and runs know one name. */
  readonly aliases: readonly string[];
  /** Environment variable the key is read from; null when no key is needed or sent. */
  readonly apiKeyEnv: string | null;
  /** Header that carries the key: `authorization` after the word `Bearer`, any other as it is. In lower case. */
  readonly authHeader: string;
  /** Added to the URL unless the user's `query` or base URL has the same name. */
  readonly query: Readonly<Record<string, string>>;
  /** Part of the base URL's path without which `query` is not added; null to add it always. */
  readonly queryOnPath: string | null;
  /** Whether streams must be asked for usage by `stream_options`. */
  readonly streamUsageOption: boolean;
  /** What its reference allows of parameters, beyond and instead of what all take. For warnings: all is sent as written. */
  readonly parameters: ParameterRules;
  /** What reasoning models call the cap of an answer. For warnings, too: nothing that is written is renamed. */
  readonly outputCap: "max_tokens" | "max_completion_tokens";
  /** What the newest models call the role of instructions. For warnings, too. */
  readonly systemRole: "system" | "developer";
  /** Whether `x-promptgrid-request` is sent. */
  readonly sendRequestId: boolean;
  /** Currency of the cost that the server states with its usage; null where it states none. */
  readonly statedCostCurrency: string | null;
}

/** What an endpoint does of which nothing else is known. A row states where it differs. */
export const plainPreset: Preset = {
  baseUrl: null,
  baseUrlForm: "https://host/v1",
  aliases: [],
  apiKeyEnv: null,
  authHeader: "authorization",
  query: {},
  queryOnPath: null,
  streamUsageOption: false,
  parameters: {},
  outputCap: "max_tokens",
  systemRole: "system",
  requestsAre: "minute",
  traceHeaders: ["x-request-id"],
  traceIdInBody: null,
  paceCodes: [],
  sendRequestId: false,
  statedCostCurrency: null,
};

const siliconflow = {
  ...plainPreset,
  parameters: siliconflowParameters,
  traceHeaders: ["x-siliconcloud-trace-id"],
} as const;

// "Usage in streams": asked for where it does not come by itself. "Output cap", "Role names": OpenAI's models alone.
const openai = {
  ...plainPreset,
  streamUsageOption: true,
  parameters: openaiParameters,
  outputCap: "max_completion_tokens",
  systemRole: "developer",
} as const;

// "Which errors are permanent": these recover in about a minute, despite their names. Its ids stand in the body.
const dashscope = {
  ...plainPreset,
  apiKeyEnv: "DASHSCOPE_API_KEY",
  streamUsageOption: true,
  parameters: temperatureToTwo,
  traceIdInBody: ["request_id"],
  paceCodes: [
    "Throttling",
    "Throttling.RateQuota",
    "Throttling.AllocationQuota",
    "insufficient_quota",
    "LimitRequests",
  ],
} as const;

const rows: Record<string, Preset> = {
  siliconflow: {
    ...siliconflow,
    baseUrl: "https://api.siliconflow.cn/v1",
    apiKeyEnv: "SILICONFLOW_API_KEY",
    aliases: ["siliconcloud", "siliconflow-cn"],
  },
  "siliconflow-intl": {
    ...siliconflow,
    baseUrl: "https://api.siliconflow.com/v1",
    apiKeyEnv: "SILICONFLOW_INTL_API_KEY",
    aliases: ["siliconflow-com"],
  },
  openai: { ...openai, baseUrl: "https://api.openai.com/v1", apiKeyEnv: "OPENAI_API_KEY" },
  // "Azure OpenAI": the deployment stands in the path and wants a version; under `/openai/v1` there is none.
  azure: {
    ...openai,
    baseUrlForm: "https://RESOURCE.openai.azure.com/openai/deployments/DEPLOYMENT",
    apiKeyEnv: "AZURE_OPENAI_API_KEY",
    aliases: ["azure-openai", "azureopenai", "azure-ai"],
    authHeader: "api-key",
    query: { "api-version": "2024-10-21" },
    queryOnPath: "/openai/deployments/",
    traceHeaders: ["apim-request-id", "x-ms-request-id", "x-request-id"],
  },
  deepseek: {
    ...plainPreset,
    baseUrl: "https://api.deepseek.com",
    apiKeyEnv: "DEEPSEEK_API_KEY",
    parameters: temperatureToTwo,
  },
  dashscope: {
    ...dashscope,
    baseUrl: "https://dashscope.aliyuncs.com/compatible-mode/v1",
    aliases: ["qwen", "bailian", "aliyun", "alibaba", "alibaba-cn"],
  },
  "dashscope-intl": {
    ...dashscope,
    baseUrl: "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
    apiKeyEnv: "DASHSCOPE_INTL_API_KEY",
    aliases: ["qwen-intl", "alibaba-intl"],
  },
  moonshot: {
    ...plainPreset,
    baseUrl: "https://api.moonshot.ai/v1",
    apiKeyEnv: "MOONSHOT_API_KEY",
    parameters: temperatureToOne,
    aliases: ["kimi", "moonshotai"],
  },
  zhipu: {
    ...plainPreset,
    baseUrl: "https://open.bigmodel.cn/api/paas/v4",
    apiKeyEnv: "ZHIPU_API_KEY",
    aliases: ["bigmodel", "zhipuai", "glm"],
  },
  zai: {
    ...plainPreset,
    baseUrl: "https://api.z.ai/api/paas/v4",
    apiKeyEnv: "ZAI_API_KEY",
    aliases: ["z.ai", "z-ai"],
  },
  // §4: "`*-requests` is the daily (RPD) limit and `*-tokens` the per-minute (TPM) one".
  groq: {
    ...plainPreset,
    baseUrl: "https://api.groq.com/openai/v1",
    apiKeyEnv: "GROQ_API_KEY",
    parameters: temperatureToTwo,
    requestsAre: "day",
    traceHeaders: ["x-request-id", "x-groq-id"],
    traceIdInBody: ["x_groq", "id"],
  },
  mistral: {
    ...plainPreset,
    baseUrl: "https://api.mistral.ai/v1",
    apiKeyEnv: "MISTRAL_API_KEY",
    parameters: temperatureToOne,
    aliases: ["mistralai"],
    traceHeaders: ["mistral-correlation-id", "x-request-id"],
  },
  together: {
    ...plainPreset,
    baseUrl: "https://api.together.xyz/v1",
    apiKeyEnv: "TOGETHER_API_KEY",
    aliases: ["togetherai", "together-ai", "together_ai"],
    streamUsageOption: true,
  },
  openrouter: {
    ...plainPreset,
    baseUrl: "https://openrouter.ai/api/v1",
    apiKeyEnv: "OPENROUTER_API_KEY",
    parameters: temperatureToTwo,
    traceHeaders: ["x-generation-id", "x-request-id"],
    statedCostCurrency: "USD",
  },
  // `stream_options` is among the request fields of https://docs.ollama.com/api/openai-compatibility.
  ollama: { ...plainPreset, baseUrl: "http://localhost:11434/v1", streamUsageOption: true },
  vllm: { ...plainPreset, baseUrl: "http://localhost:8000/v1", streamUsageOption: true },
  llamacpp: {
    ...plainPreset,
    baseUrl: "http://localhost:8080/v1",
    aliases: ["llama.cpp", "llama-cpp", "llama-server"],
    streamUsageOption: true,
  },
  simulator: { ...siliconflow, sendRequestId: true },
  generic: plainPreset,
};

/**
 * One row per kind of endpoint, by its name in the matrix. The two SiliconFlow sites share no accounts, so each has
 * a variable of its own, and so have DashScope's. Without a prototype: a name such as `constructor` finds nothing.
 * Facts are those of the vendors' documentation, as collected under "Request differences" (usage in streams, output
 * cap, role names), "Rate-limit headers", "Errors" and "Provider notes" of `openai-compatible-dialects.md`.
 */
export const presets: Readonly<Record<string, Preset>> = Object.freeze(
  Object.assign(Object.create(null) as Record<string, Preset>, rows),
);

/** What is wrong with a parameter's value at a preset, as in `groq takes a number from 0 to 2`; null for nothing. */
export function parameterComplaint(preset: string, name: string, value: unknown): string | null {
  const { parameters: own } = presets[preset] ?? plainPreset;
  const rules = Object.hasOwn(own, name) ? own : commonParameters;
  const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
  if (rule === undefined || rule.allows(value)) return null;
  return `${rules === own ? preset : "it"} takes ${rule.takes}`;
}

/**
 * The preset whose host a base URL has, so that an endpoint written out is known, too; null for any other, and for
 * local ones: a port says nothing about the server behind it.
 */
export function presetOfUrl(baseUrl: string): string | null {
  const host = hostOf(baseUrl);
  if (host === null) return null;
  const found = Object.entries(presets).find(
    ([, { baseUrl: own }]) => own?.startsWith("https:") === true && hostOf(own) === host,
  );
  return found?.[0] ?? null;
}

/** The preset that a word stands for: one of its `aliases`, in any case; null for any other. */
export function presetOfAlias(word: string): string | null {
  const wanted = word.toLowerCase();
  const found = Object.entries(presets).find(
    ([name, row]) => name === wanted || row.aliases.includes(wanted),
  );
  return found?.[0] ?? null;
}

function hostOf(url: string): string | null {
  return URL.canParse(url) ? new URL(url).host : null;
}
