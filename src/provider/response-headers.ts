/** Response headers with lower-case names, as undici hands them over. */
export type ResponseHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** The value of a header, the first one of several; null without it. */
export function headerOf(headers: ResponseHeaders, name: string): string | null {
  const value = headers[name];
  return (Array.isArray(value) ? value[0] : value) ?? null;
}

const traceHeaders = ["x-siliconcloud-trace-id", "x-request-id", "request-id", "x-generation-id"] as const;

/** The server's id of the exchange, by whichever name it has; null without one. */
export function traceIdOf(headers: ResponseHeaders): string | null {
  for (const name of traceHeaders) {
    const value = headerOf(headers, name);
    if (value !== null && value !== "") return value.slice(0, 200);
  }
  return null;
}
