import type { Transform } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate, constants as zlib } from "node:zlib";

/**
 * A stream that undoes a `content-encoding` we did not ask for; null when there is nothing to undo, undefined when we
 * cannot. A compressed body cut short gives what it has: whether that is an answer is for the decoder to say.
 */
export function bodyInflater(encoding: string | null): Transform | null | undefined {
  const options = { flush: zlib.Z_SYNC_FLUSH, finishFlush: zlib.Z_SYNC_FLUSH };
  switch (encoding?.trim().toLowerCase() ?? "identity") {
    case "identity":
    case "":
      return null;
    case "gzip":
    case "x-gzip":
      return createGunzip(options);
    case "deflate":
      return createInflate(options);
    case "br":
      return createBrotliDecompress({
        flush: zlib.BROTLI_OPERATION_FLUSH,
        finishFlush: zlib.BROTLI_OPERATION_FLUSH,
      });
    default:
      return undefined;
  }
}
