import { isDeepStrictEqual } from "node:util";
import type { KeptEstimate, RunStatus } from "../aggregate/summary-shape.ts";
import type { Overrides } from "../config/overrides.ts";
import type { BatchMode } from "./batch-options.ts";
import type { KeptPrice } from "./kept-prices.ts";
import type { RunShard } from "./shard-share.ts";

/** One input as a run directory keeps it. */
export interface RunInput {
  /** The name it was read by. */
  readonly name: string;
  /** Its copy, relative to the run directory. */
  readonly file: string;
  readonly sha256: string;
  readonly bytes: number;
}

/** `run.json`: what was asked and what happened. Holds no secret: keys are named by their variable only. */
export interface RunFile {
  readonly schema_version: 1;
  readonly id: string;
  readonly name: string;
  readonly promptgrid_version: string;
  readonly node_version: string;
  readonly git_revision: string | null;
  readonly status: RunStatus | "running";
  /** What stopped a run that is not complete. */
  readonly reason: string | null;
  readonly started_at: string;
  readonly ended_at: string | null;
  readonly matrix: { readonly file: string; readonly overrides: Overrides };
  readonly inputs: readonly RunInput[];
  readonly providers: Readonly<Record<string, RunProvider>>;
  readonly plan: {
    readonly requests: number;
    readonly rows: number;
    readonly variants: readonly {
      readonly variant_id: string;
      readonly variant: string;
      readonly prompt_id: string;
      readonly provider: string;
      readonly parameters: Readonly<Record<string, unknown>>;
      readonly requests: number;
    }[];
  };
  readonly resolved: Readonly<Record<string, unknown>>;
  readonly reports: ReportSettings;
  /** The matrix whose scorers judge instead, after `score --matrix`; null for the run's own. */
  readonly scoring: { readonly file: string; readonly inputs: readonly RunInput[] } | null;
  /** Records that `--allow-shrink` left aside: the journal holds them and the plan no longer has them. 0 for none. */
  readonly set_aside: number;
  /** `against`: the base of the run in the folder above, sent together with it. */
  readonly role: "run" | "against";
  /** What the run is compared with, asked in the same sessions; null for nothing. */
  readonly against: RunAgainst | null;
  /** Further trials of suspected regressions; null while none were asked for. */
  readonly confirmation: Confirmation | null;
  /** What its models cost, unknown ones as null; absent in runs of earlier versions. */
  readonly prices?: readonly KeptPrice[];
  /** What the run was expected to use, where that was reckoned before it was sent. */
  readonly estimate?: KeptEstimate;
  /** The part of the plan that was asked; absent for all of it. */
  readonly shard?: RunShard & { readonly requests: number };
  /** The Redis through which workers ask it, without credentials; absent for a run that is asked otherwise. */
  readonly queue?: string;
  /** How it goes through the batch API; absent for a run that is asked directly. */
  readonly batch?: BatchMode;
  /** The runs that were merged into this one, by id; absent for a run that was asked as one. */
  readonly merged_from?: readonly string[];
}

/** The other side of a run: a git revision, and where its own run directory is. */
export interface RunAgainst {
  /** As the user named it. */
  readonly ref: string;
  /** The commit behind it. */
  readonly revision: string;
  /** Relative to the run directory. */
  readonly directory: string;
}

/** Trials that are asked for beyond those of the matrix, by variant id. */
export interface Confirmation {
  readonly variants: Readonly<Record<string, number>>;
}

export interface RunProvider {
  readonly preset: string;
  readonly base_url: string;
  readonly api_key_env: string | null;
  /** Model names of the matrix → names on the endpoint. */
  readonly models: Readonly<Record<string, string>>;
  readonly simulated: boolean;
  /** Digest of headers, query and key variable as the matrix writes them; absent in runs of earlier versions. */
  readonly settings?: string;
}

/** Whether two descriptions mean the same answers: endpoint, preset and what the models are called there. */
export function isSameProvider(one: RunProvider, other: RunProvider): boolean {
  return (
    one.base_url === other.base_url &&
    one.preset === other.preset &&
    isDeepStrictEqual(one.models, other.models)
  );
}

/** Whether the same body is the same request to both: headers, query and account count, too. */
export function asksTheSame(one: RunProvider, other: RunProvider): boolean {
  return isSameProvider(one, other) && one.settings === other.settings;
}

/** How the CSV is written. */
export interface ReportSettings {
  readonly csv_vars: "used" | "all" | "none" | readonly string[];
  readonly safe_csv: boolean;
  /** CSV files begin with a byte order mark. */
  readonly csv_bom?: boolean;
  /** What the test cases of `junit.xml` are; absent is `gates`. */
  readonly junit?: "gates" | "rows";
  /** An inconclusive gate is a failure of `junit.xml`, too. */
  readonly strict?: boolean;
  /** Dataset columns by whose values the summary is given, too. */
  readonly by?: readonly string[];
}
