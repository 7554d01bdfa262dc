/** What is known about a kind of endpoint before the user says anything. */
export interface Preset {
  /** Null where the user, or the run, must give one. */
  readonly baseUrl: string | null;
  /** Environment variable the key is read from; null when no key is needed or sent. */
  readonly apiKeyEnv: string | null;
  /** Whether streams must be asked for usage by `stream_options`. */
  readonly streamUsageOption: boolean;
  /** Whether `x-promptgrid-request` is sent. */
  readonly sendRequestId: boolean;
  /** Currency of the cost that the server states with its usage; null where it states none. */
  readonly statedCostCurrency: string | null;
}

const plain = {
  apiKeyEnv: null,
  streamUsageOption: false,
  sendRequestId: false,
  statedCostCurrency: null,
} as const;

const rows: Record<string, Preset> = {
  siliconflow: {
    ...plain,
    baseUrl: "https://api.siliconflow.cn/v1",
    apiKeyEnv: "SILICONFLOW_API_KEY",
  },
  "siliconflow-intl": {
    ...plain,
    baseUrl: "https://api.siliconflow.com/v1",
    apiKeyEnv: "SILICONFLOW_INTL_API_KEY",
  },
  openai: {
    ...plain,
    baseUrl: "https://api.openai.com/v1",
    apiKeyEnv: "OPENAI_API_KEY",
    streamUsageOption: true,
  },
  deepseek: { ...plain, baseUrl: "https://api.deepseek.com", apiKeyEnv: "DEEPSEEK_API_KEY" },
  moonshot: { ...plain, baseUrl: "https://api.moonshot.ai/v1", apiKeyEnv: "MOONSHOT_API_KEY" },
  zai: { ...plain, baseUrl: "https://api.z.ai/api/paas/v4", apiKeyEnv: "ZAI_API_KEY" },
  groq: { ...plain, baseUrl: "https://api.groq.com/openai/v1", apiKeyEnv: "GROQ_API_KEY" },
  mistral: { ...plain, baseUrl: "https://api.mistral.ai/v1", apiKeyEnv: "MISTRAL_API_KEY" },
  together: {
    ...plain,
    baseUrl: "https://api.together.xyz/v1",
    apiKeyEnv: "TOGETHER_API_KEY",
    streamUsageOption: true,
  },
  openrouter: {
    ...plain,
    baseUrl: "https://openrouter.ai/api/v1",
    apiKeyEnv: "OPENROUTER_API_KEY",
    statedCostCurrency: "USD",
  },
  simulator: { ...plain, baseUrl: null, sendRequestId: true },
  generic: { ...plain, baseUrl: null },
};

/**
 * One row per kind of endpoint, by its name in the matrix. The two SiliconFlow sites share no accounts, so each has
 * a variable of its own. Without a prototype: a name such as `constructor` finds nothing.
 */
export const presets: Readonly<Record<string, Preset>> = Object.freeze(
  Object.assign(Object.create(null) as Record<string, Preset>, rows),
);

/** The preset whose host a base URL has, so that an endpoint written out is known, too; null for any other. */
export function presetOfUrl(baseUrl: string): string | null {
  const host = hostOf(baseUrl);
  if (host === null) return null;
  const found = Object.entries(presets).find(([, { baseUrl: own }]) => own !== null && hostOf(own) === host);
  return found?.[0] ?? null;
}

function hostOf(url: string): string | null {
  return URL.canParse(url) ? new URL(url).host : null;
}
