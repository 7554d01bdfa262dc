/** How a run goes through a provider's batch API, as `run.json` has it. */
export interface BatchMode {
  /** Within what time the provider is to work, such as `24h`. */
  readonly window: string;
}

/** What a command line says of batches. */
export interface BatchAsked {
  /** Null for the window that the run has already; a run without one is asked directly. */
  readonly window: string | null;
  /** Leave once everything is handed in, instead of waiting. */
  readonly detach: boolean;
  /** Give up batches that are open, and ask their requests again. */
  readonly drop: boolean;
}

/** How a session goes through the batch API. */
export interface BatchOptions extends BatchMode {
  readonly detach: boolean;
  readonly drop: boolean;
}

/** The window where nothing is said: every provider has it. */
export const defaultWindow = "24h";
/** The most requests of a batch, the lowest of what providers take (SiliconFlow). */
export const mostBatchRequests = 5_000;
/** The most UTF-16 units of a batch: well below what providers take in bytes. */
export const mostBatchLength: number = 100 * 1024 * 1024;
