import type { Endpoint } from "./endpoint.ts";

/** Where chat requests of one endpoint go. */
export interface ChatUrl {
  /** Scheme, host and port. */
  readonly origin: string;
  /** Path and query, as it stands in the request line. */
  readonly path: string;
  /** The base URL for messages: no credentials, no query. */
  readonly base: string;
  /** The full URL for messages: no credentials, no query. */
  readonly shown: string;
}

const chatPath = "/chat/completions";

/**
 * The URL that chat requests are posted to. Tolerates trailing slashes and a base that already ends with
 * `/chat/completions`; the base's own query comes first, `query` is added and wins over equal names.
 */
export function chatUrl(endpoint: Pick<Endpoint, "baseUrl" | "query">): ChatUrl {
  const url = new URL(endpoint.baseUrl);
  const trimmed = url.pathname.replace(/\/+$/, "");
  const folder = trimmed.endsWith(chatPath) ? trimmed.slice(0, -chatPath.length) : trimmed;
  for (const [name, value] of Object.entries(endpoint.query)) url.searchParams.set(name, value);
  const query = url.searchParams.size === 0 ? "" : `?${url.searchParams.toString()}`;
  return {
    origin: url.origin,
    path: `${folder}${chatPath}${query}`,
    base: `${url.origin}${folder}`,
    shown: `${url.origin}${folder}${chatPath}`,
  };
}
