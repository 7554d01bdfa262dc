import type { IncomingMessage, ServerResponse } from "node:http";
import type { Refusal } from "./refusal.ts";

/** One HTTP exchange under way. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** 32 hex digits, unique to this exchange: the `id` of its answer. */
  readonly id: string;
  /** Sent as `x-siliconcloud-trace-id`. */
  readonly trace: string;
  /** Further headers of its answer; absent for none. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Writes an error, whole. */
export function writeRefusal(exchange: Exchange, refused: Refusal): void {
  const { status, contentType, body, headers } = refused;
  writeHead(exchange, status, contentType, Buffer.byteLength(body), headers);
  exchange.response.end(body);
}

/** Writes a head; a null length means chunks, a null type none. */
export function writeHead(
  exchange: Exchange,
  status: number,
  contentType: string | null,
  length: number | null,
  further: Readonly<Record<string, string>> = {},
): void {
  exchange.response.writeHead(status, {
    ...(contentType === null ? {} : { "content-type": contentType }),
    ...(length === null ? { "cache-control": "no-cache" } : { "content-length": length }),
    "x-siliconcloud-trace-id": exchange.trace,
    ...exchange.headers,
    ...further,
  });
}
