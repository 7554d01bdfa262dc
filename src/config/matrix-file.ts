import type { FailureKind } from "../outcome/failure.ts";
import type { LimitAxis } from "../outcome/limit-axis.ts";
import type { BudgetFile } from "./budget.ts";
import type { PricesFile } from "./read-prices.ts";

/**
 * The matrix file as a user writes it, once it has passed the schema. Keys are those of the file.
 * `RunConfig` is what the program works with; this is what the border sees.
 */
export interface MatrixFile {
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly provider?: string | undefined;
  readonly providers?: Readonly<Record<string, ProviderFile>> | undefined;
  readonly prompts: string | readonly PromptFile[];
  readonly dataset?: string | DatasetFile | undefined;
  readonly grid?: GridFile | readonly GridFile[] | undefined;
  readonly grid_sample?: { readonly n: number; readonly seed?: number | undefined } | undefined;
  readonly parameters?: Readonly<Record<string, unknown>> | undefined;
  readonly stream?: boolean | undefined;
  readonly trials?: number | undefined;
  readonly limits?: LimitsFile | undefined;
  readonly timeouts?:
    | Readonly<
        Partial<Record<"connect" | "first_token" | "idle" | "total", string | number | null | undefined>>
      >
    | undefined;
  readonly retry?: { readonly attempts?: number | undefined } | undefined;
  readonly max_failed?: string | number | undefined;
  readonly budget?: BudgetFile | undefined;
  readonly prices?: PricesFile | undefined;
  readonly scorers?: readonly (ScorerFile | string)[] | undefined;
  readonly baseline?: string | undefined;
  readonly gates?: readonly GateFile[] | undefined;
  readonly confirm?: { readonly trials: number } | undefined;
}

/** One entry of `providers`: a preset changed, or an endpoint of the user's own. */
export interface ProviderFile {
  readonly preset?: string | undefined;
  readonly base_url?: string | undefined;
  readonly api_key_env?: string | null | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly query?: Readonly<Record<string, string | number | boolean>> | undefined;
  readonly models?: Readonly<Record<string, string>> | undefined;
  readonly ca_file?: string | undefined;
  readonly replay?: string | undefined;
  readonly answers?: string | undefined;
}

export interface PromptFile {
  readonly id?: string | undefined;
  readonly system?: string | undefined;
  readonly user?: string | undefined;
  readonly messages?: readonly unknown[] | string | undefined;
  readonly file?: string | undefined;
  readonly raw?: boolean | undefined;
  readonly scorers?: readonly (ScorerFile | string)[] | undefined;
}

export interface DatasetFile {
  readonly path: string;
  readonly limit?: number | undefined;
  readonly offset?: number | undefined;
  readonly shuffle_seed?: number | undefined;
  readonly id_column?: string | undefined;
  readonly cluster_column?: string | undefined;
  readonly json_columns?: readonly string[] | undefined;
  readonly file_columns?: readonly string[] | undefined;
}

/** Axes by name, with `include` and `exclude` among them. */
export type GridFile = Readonly<Record<string, unknown>>;

export interface LimitFile extends Readonly<Partial<Record<LimitAxis, number | undefined>>> {
  readonly concurrency?: number | undefined;
}

export interface LimitsFile extends LimitFile {
  readonly strict?: boolean | undefined;
  readonly models?: Readonly<Record<string, LimitFile>> | undefined;
  readonly providers?: Readonly<Record<string, LimitFile>> | undefined;
}

export interface ScorerFile {
  readonly id?: string | undefined;
  readonly type: string;
  readonly [option: string]: unknown;
}

/** One entry of `gates`. Of `min`, `max`, `max_drop`, `max_increase` one is stated. */
export interface GateFile {
  readonly id?: string | undefined;
  readonly metric: string;
  readonly min?: string | number | undefined;
  readonly max?: string | number | undefined;
  readonly max_drop?: string | number | undefined;
  readonly max_increase?: string | number | undefined;
  readonly against?: string | Readonly<Record<string, unknown>> | undefined;
  readonly variants?: string | Readonly<Record<string, unknown>> | undefined;
  readonly per?: "variant" | "run" | undefined;
  readonly by?: string | undefined;
  readonly max_missing?: string | number | undefined;
  readonly missing?: readonly FailureKind[] | undefined;
  readonly vary?: string | readonly string[] | undefined;
}
