/** How the endpoint's batches behave. */
export interface BatchOptions {
  /** Milliseconds from a batch's creation until it is done; default 0. */
  readonly takesMs?: number;
  /** Share of lines that fail, 0..1, drawn anew for each batch. */
  readonly failShare?: number;
  /** So many first batches expire when they are half done. */
  readonly expire?: number;
  /** How uploads are answered: wrapped, or as OpenAI does. Default `siliconflow`. */
  readonly shape?: BatchShape;
  /** Batches that may be open at once; default any number. */
  readonly mostOpen?: number;
}

/** Whose shape the answers have. */
export const batchShapes = ["siliconflow", "openai"] as const;

export type BatchShape = (typeof batchShapes)[number];

/** The most lines of a batch. */
export const mostLines = 5_000;
