import { presets } from "./presets.ts";

/** Response headers with lower-case names, as undici hands them over. */
export type ResponseHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** The value of a header, the first one of several; null without it. */
export function headerOf(headers: ResponseHeaders, name: string): string | null {
  const value = headers[name];
  return (Array.isArray(value) ? value[0] : value) ?? null;
}

/** Those of all presets, because gateways pass on what the servers behind them say. */
const knownTraceHeaders: readonly string[] = [
  ...new Set([...Object.values(presets).flatMap((row) => row.traceHeaders), "request-id"]),
];

/** The server's id of the exchange, by whichever name it has, the names in `own` first; null without one. */
export function traceIdOf(headers: ResponseHeaders, own: readonly string[] = []): string | null {
  return firstOf(headers, own) ?? firstOf(headers, knownTraceHeaders);
}

/** The id that a CDN in front of the server gave, for when there is no better one; null without it. */
export function edgeIdOf(headers: ResponseHeaders): string | null {
  return firstOf(headers, ["cf-ray"]);
}

/** Whether the server says that the same request will fail again: `x-should-retry: false`, as OpenAI's clients read it. */
export function forbidsRetry(headers: ResponseHeaders): boolean {
  return headerOf(headers, "x-should-retry")?.trim().toLowerCase() === "false";
}

function firstOf(headers: ResponseHeaders, names: readonly string[]): string | null {
  for (const name of names) {
    const value = headerOf(headers, name);
    if (value !== null && value !== "") return value.slice(0, 200);
  }
  return null;
}
