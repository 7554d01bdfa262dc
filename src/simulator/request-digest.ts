import { contentId } from "../plan/canonical-json.ts";

/** Identity of a request body, 32 hex digits: everything in it but how the answer travels (`stream`, `stream_options`). */
export function requestDigest(body: Readonly<Record<string, unknown>>): string {
  const { stream: _stream, stream_options: _options, ...rest } = body;
  return contentId(rest, 32);
}
