/** How an answer is written, where servers differ. */
export interface WireForm {
  /** Where a stream has its usage: in every chunk so far, in a last chunk without choices, or nowhere. */
  readonly usage: "each" | "last" | "none";
  /** Whether a stream ends with `[DONE]`. */
  readonly done: boolean;
  /** The `finish_reason` of a chunk before the last. */
  readonly unfinished: null | "";
  /** Whether the answer has a `content-type`. */
  readonly contentType: boolean;
}

/** How most of SiliconFlow's models write. */
export const plainForm: WireForm = { usage: "each", done: true, unfinished: null, contentType: true };
