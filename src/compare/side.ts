/** The rows of one side: what they are paired by. */
export interface SideRow {
  readonly id: string;
  readonly cluster: string | null;
}

/**
 * One quantity of one variant, row by row. Position is that of the row in `Side.rows`. A row without any value is NaN
 * with count 0.
 */
export interface Series {
  /** Mean over the row's trials and choices. */
  readonly means: Float64Array;
  /** How many values that mean is made of. */
  readonly counts: Int32Array;
  /** Every single value of a row, where quantiles are wanted; else null. */
  readonly values: ((row: number) => Float64Array) | null;
}

/** Requests of one variant that brought no answer, row by row. */
export interface Missing {
  /** Failed requests by kind and row; kinds that never happened are absent. */
  readonly failed: ReadonlyMap<string, Int32Array>;
  /** Requests that were never asked, by row; null for none. */
  readonly pending: Int32Array | null;
}

/** One variant of a side with what was measured of it. */
export interface SideVariant {
  readonly variantId: string;
  readonly label: string;
  readonly promptId: string;
  readonly provider: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Planned requests of each row; 0 for a row that the variant does not ask. */
  readonly requests: Int32Array;
  /** Choices of the answered requests of each row, scored or not; absent where that is not known (a baseline file). */
  readonly completions?: Int32Array;
  /** By quantity: `pass`, `scores.ID`, `latency_ms`, `completion_tokens`, `cost`. */
  readonly series: ReadonlyMap<string, Series>;
  readonly missing: Missing;
  /** Model names as answered, sorted, with system fingerprints where the server gives them. */
  readonly models: readonly string[];
  /** Currencies of the costs; more than one cannot be compared. */
  readonly currencies: readonly string[];
}

/** A run, or a baseline saved from one, as comparisons see it. */
export interface Side {
  /** For people: the run directory, the file, or the git ref. */
  readonly name: string;
  /** When the run started and ended, ISO 8601; null where it is not known. */
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly rows: readonly SideRow[];
  readonly rowOfId: ReadonlyMap<string, number>;
  readonly variants: readonly SideVariant[];
  /** Names of the variables that prompts and scorers use. */
  readonly variables: readonly string[];
  /** Digest of some variables of a row; null where the side cannot tell (it lacks one of them). */
  readonly digest: (row: number, variables: readonly string[]) => string | null;
  /** Value of a dataset column in a row as text; null where there is no such column. */
  readonly column: (row: number, name: string) => string | null;
  /** Prompts by id, as written. */
  readonly prompts: ReadonlyMap<string, string>;
  /** Digest of each scorer by id: another digest means another judgement. */
  readonly scorers: ReadonlyMap<string, string>;
  /** Ids of the scorers that must say yes for a pass. */
  readonly required: readonly string[];
  /** Whether rows of equal cluster depend on each other. */
  readonly clustered: boolean;
  /** An answer of a row, the first that passed (or did not, as wanted) where there is one; null where none was kept. */
  readonly output: (variant: number, row: number, passed?: boolean) => string | null;
  /** Id of the request of the first trial, equal on two sides when the very same was asked; null where unknown. */
  readonly requestId: (variant: number, row: number) => string | null;
}
