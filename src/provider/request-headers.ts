import type { Endpoint } from "./endpoint.ts";
import type { ChatRequest } from "./provider.ts";

/**
 * The headers of an endpoint's requests, as a list of names and values. Headers of the user replace ours of the same name.
 * `identity` is asked for because proxies that compress a stream hold it back until they have enough.
 */
export function requestHeaders(endpoint: Endpoint, userAgent: string): (request: ChatRequest) => string[] {
  const forKind = (accept: string): string[] => {
    const headers = new Map([
      ["content-type", "application/json"],
      ["accept", accept],
      ["accept-encoding", "identity"],
      ["user-agent", userAgent],
    ]);
    const { apiKey, authHeader } = endpoint;
    if (apiKey !== null)
      headers.set(authHeader, authHeader === "authorization" ? `Bearer ${apiKey}` : apiKey);
    for (const [name, value] of Object.entries(endpoint.headers)) headers.set(name.toLowerCase(), value);
    return [...headers].flat();
  };
  const streamed = forKind("text/event-stream");
  const unstreamed = forKind("application/json");
  return (request) => {
    const headers = request.stream ? streamed : unstreamed;
    return endpoint.sendRequestId ? [...headers, "x-promptgrid-request", request.requestId] : headers;
  };
}
