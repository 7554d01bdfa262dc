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
}

const rows: Record<string, Preset> = {
  siliconflow: {
    baseUrl: "https://api.siliconflow.cn/v1",
    apiKeyEnv: "SILICONFLOW_API_KEY",
    streamUsageOption: false,
    sendRequestId: false,
  },
  "siliconflow-intl": {
    baseUrl: "https://api.siliconflow.com/v1",
    apiKeyEnv: "SILICONFLOW_INTL_API_KEY",
    streamUsageOption: false,
    sendRequestId: false,
  },
  openai: {
    baseUrl: "https://api.openai.com/v1",
    apiKeyEnv: "OPENAI_API_KEY",
    streamUsageOption: true,
    sendRequestId: false,
  },
  simulator: { baseUrl: null, apiKeyEnv: null, streamUsageOption: false, sendRequestId: true },
  generic: { baseUrl: null, apiKeyEnv: null, streamUsageOption: false, sendRequestId: false },
};

/**
 * One row per kind of endpoint, by its name in the matrix. The two SiliconFlow sites share no accounts, so each has
 * a variable of its own. Without a prototype: a name such as `constructor` finds nothing.
 */
export const presets: Readonly<Record<string, Preset>> = Object.freeze(
  Object.assign(Object.create(null) as Record<string, Preset>, rows),
);
