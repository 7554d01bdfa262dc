/** One line of the dataset: the variables that fill a prompt. Values are data; nothing in them is ever expanded. */
export interface Row {
  readonly id: string;
  readonly variables: Readonly<Record<string, unknown>>;
  /** Line of the file the row starts on, from 1; 0 for a row that stands in no file. */
  readonly line: number;
  /** The value of the dataset's `cluster_column`, rows of equal value being dependent; null when none is named. */
  readonly cluster: string | null;
}

/** The rows of a matrix, in the order of the file (or of the seeded shuffle). */
export interface Dataset {
  readonly rows: readonly Row[];
  /** Headers in file order; for JSON forms the keys in order of first appearance. */
  readonly columns: readonly string[];
  /** The file as the user named it; null for "no dataset", which is one row with id `-`. */
  readonly file: string | null;
}

/** How a dataset is read: the `dataset:` key of a matrix in its long form. */
export interface DatasetSpec {
  readonly path: string;
  readonly limit: number | null;
  readonly offset: number;
  /** Rows are shuffled with this seed before offset and limit; null keeps the file's order. */
  readonly shuffleSeed: number | null;
  readonly idColumn: string | null;
  readonly clusterColumn: string | null;
  /** Columns whose cells are JSON text and become values. */
  readonly jsonColumns: readonly string[];
  /** Columns whose cells are paths (relative to the dataset) and become the file's text. */
  readonly fileColumns: readonly string[];
}

/** The dataset of a matrix that names none: one empty row with id `-`. */
export const noDataset: Dataset = {
  rows: [{ id: "-", variables: {}, line: 0, cluster: null }],
  columns: [],
  file: null,
};
