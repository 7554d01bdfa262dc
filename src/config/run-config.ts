import type { GateSpec } from "../compare/gate.ts";
import type { Price } from "../cost/price.ts";
import type { DatasetSpec, Row } from "../dataset/dataset.ts";
import type { Place } from "../diagnostics/diagnostic.ts";
import type { Excerpt } from "../diagnostics/excerpt.ts";
import type { LimitAxis } from "../outcome/limit-axis.ts";
import type { Point } from "../plan/grid.ts";
import type { ScorerSpec } from "../score/scorer.ts";
import type { BudgetSpec } from "./budget.ts";

/** A prompt: a template of one message list. */
export interface PromptSpec {
  readonly id: string;
  /** True: no templating, every byte stands for itself. */
  readonly raw: boolean;
  /** Messages as written; an item that is a string is one placeholder for a list of messages. */
  readonly messages: readonly unknown[];
  readonly place: Place;
  /** The prompt as it is written, where it can be had: its entry of the matrix, or its file. For places alone. */
  readonly excerpt?: Excerpt | null;
  /** Axes of this prompt alone (`param.*` of a CSV matrix). */
  readonly axes: Readonly<Record<string, readonly unknown[]>>;
  /** The row this message list belongs to, in a CSV matrix whose lines are rows; null for every row. */
  readonly rowId: string | null;
}

/** A provider as the files state it; the environment is not asked yet. */
export interface ProviderSpec {
  readonly key: string;
  readonly preset: string;
  readonly baseUrl: string | null;
  /** undefined: the preset's own; null: none. */
  readonly apiKeyEnv: string | null | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly models: Readonly<Record<string, string>>;
  /** Path as an input key; null without. */
  readonly caFile: string | null;
  readonly replay: string | null;
  readonly answers: string | null;
  readonly place: Place | null;
}

/** Limits of one lane; null is not stated. */
export interface LimitSpec extends Readonly<Record<LimitAxis, number | null>> {
  readonly concurrency: number | null;
}

export interface LimitsSpec extends LimitSpec {
  /** Reserve the 95th percentile of tokens instead of the mean. */
  readonly strict: boolean;
  readonly models: Readonly<Record<string, Partial<LimitSpec>>>;
  readonly providers: Readonly<Record<string, Partial<LimitSpec>>>;
}

/** Timeouts of one attempt in milliseconds; null is no limit. */
export interface TimeoutSpec {
  readonly connectMs: number;
  readonly firstTokenMs: number | null;
  readonly idleMs: number | null;
  readonly totalMs: number | null;
}

/** How many requests may fail: a share of the plan, or a count. */
export type MaxFailed = { readonly share: number } | { readonly count: number };

/** A point of the grid and where it is written. */
export interface PlacedPoint {
  readonly point: Point;
  readonly place: Place;
}

/** Where the parts of a matrix are written; used for the places of diagnostics and for nothing else. */
export interface ConfigSources {
  /** By name: axes of the grid, keys of `include` entries, `param.*` columns of a CSV matrix. */
  readonly axes: ReadonlyMap<string, readonly Excerpt[]>;
  /** Keys of `parameters`. */
  readonly parameters: ReadonlyMap<string, readonly Excerpt[]>;
  readonly provider: Excerpt | null;
  readonly dataset: Excerpt | null;
  /** In the order of the scorers that the matrix states. */
  readonly scorers: readonly (Excerpt | null)[];
  /** By prompt id, in the order of the prompt's scorers. */
  readonly promptScorers: Readonly<Record<string, readonly (Excerpt | null)[]>>;
  readonly confirm: Excerpt | null;
  readonly budget: Excerpt | null;
  /** The providers that entries of `prices` name, and where each is named first. */
  readonly priceProviders: ReadonlyMap<string, Place>;
}

/** A matrix that has passed every check which needs no rendering: defaults filled in, paths resolved. */
export interface RunConfig {
  readonly name: string;
  /** The matrix file as the user named it. */
  readonly file: string;
  readonly provider: string;
  readonly providers: Readonly<Record<string, ProviderSpec>>;
  readonly prompts: readonly PromptSpec[];
  readonly dataset: DatasetSpec | null;
  /** Rows that stand in the matrix itself (a CSV matrix without a dataset); null otherwise. */
  readonly inlineRows: readonly Row[] | null;
  /** The parameter grid, expanded and sampled; one empty point without a grid. */
  readonly points: readonly PlacedPoint[];
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly stream: boolean;
  readonly trials: number;
  readonly limits: LimitsSpec;
  readonly timeouts: TimeoutSpec;
  readonly retryAttempts: number;
  readonly maxFailed: MaxFailed;
  readonly budget: BudgetSpec;
  /** The entries that the user wrote. */
  readonly prices: readonly Price[];
  /** Of exports: they come after the user's entries, and before the shipped ones. */
  readonly exportedPrices: readonly Price[];
  /** Those of every prompt. */
  readonly scorers: readonly ScorerSpec[];
  /** By prompt id, for those that have their own. */
  readonly promptScorers: Readonly<Record<string, readonly ScorerSpec[]>>;
  /** Columns of the dataset that hold scorers, each one placeholder. */
  readonly rowScorers: readonly { readonly template: string; readonly place: Place | null }[];
  /** The scorers were not stated but follow from `expected`: rows without it are not scored. */
  readonly scorersImplied: boolean;
  readonly gates: readonly GateSpec[];
  /** The baseline file, as an input name; null for none. */
  readonly baseline: string | null;
  /** More trials for suspected regressions before they count; null for none. */
  readonly confirm: { readonly trials: number } | null;
  /** Absent in a config that was not read from a file. */
  readonly sources?: ConfigSources;
}
