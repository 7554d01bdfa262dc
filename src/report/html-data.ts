import type { Summary } from "../aggregate/summary-shape.ts";

/** What the page holds besides its text: `summary.json`, and what is not in it. */
export interface HtmlData {
  readonly summary: Summary;
  /** By variant, in plan order. */
  readonly times: readonly VariantTimes[];
  readonly throughput: Throughput;
  readonly sample: SampleFacts;
  /** Requests and tokens per minute that the matrix states, by model; null for none. */
  readonly limits: Readonly<Record<string, { readonly rpm: number | null; readonly tpm: number | null }>>;
}

/** Quantiles of a variant's times in milliseconds at 0, 2, 4 … 100 %; empty where there are none. */
export interface VariantTimes {
  readonly latency_ms: readonly number[];
  readonly ttft_ms: readonly number[];
}

/** Answers and tokens over time, by model. */
export interface Throughput {
  /** ISO 8601, UTC; null where nothing was sent. */
  readonly from: string | null;
  /** Length of a bin in seconds. */
  readonly seconds: number;
  readonly lanes: readonly {
    readonly lane: string;
    /** Requests that were answered, by the bin they were sent in. */
    readonly requests: readonly number[];
    readonly tokens: readonly number[];
  }[];
}

/** How the rows in the page were chosen. */
export interface SampleFacts {
  readonly rows: number;
  readonly of: number;
  readonly completions: number;
  readonly of_completions: number;
}

/** The rows of the sample with their answers: deflated in the page. */
export interface HtmlAnswers {
  readonly rows: readonly HtmlRow[];
}

export interface HtmlRow {
  readonly row_id: string;
  readonly variables: Readonly<Record<string, unknown>>;
  /** The message lists that were sent, each once. */
  readonly messages: readonly (readonly unknown[])[];
  readonly answers: readonly HtmlAnswer[];
}

/** One completion, or one request that failed. */
export interface HtmlAnswer {
  /** Position of the variant in the summary. */
  readonly variant: number;
  readonly trial: number;
  readonly choice: number;
  readonly status: "ok" | "failed" | "pending";
  readonly passed: boolean | null;
  readonly reason: string | null;
  readonly output: string;
  readonly reasoning: string;
  readonly tool_calls: readonly { readonly name: string; readonly arguments: string }[];
  readonly finish_reason: string | null;
  readonly scores: Readonly<Record<string, { readonly value: number | null; readonly reason?: string }>>;
  readonly latency_ms: number | null;
  readonly completion_tokens: number | null;
  readonly cost: string | null;
  readonly error: string | null;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Position among the row's messages. */
  readonly asked: number;
}
