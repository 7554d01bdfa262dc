import type { LimitName } from "./limits.ts";

/** An answer made of a status and a body, mostly an error, before it is written. */
export interface Refusal {
  readonly status: number;
  readonly body: string;
  readonly contentType: string;
  /** Further headers; absent for none. */
  readonly headers?: Readonly<Record<string, string>>;
}

const json = "application/json; charset=utf-8";

/** SiliconFlow's error object. The `code` is left out where it is null, as on its 429s. */
export function refusal(status: number, code: number | null, message: string): Refusal {
  const body = code === null ? { message, data: null } : { code, message, data: null };
  return jsonRefusal(status, body);
}

/** An error whose body is a bare JSON string. */
export function bareRefusal(status: number, text: string): Refusal {
  return jsonRefusal(status, text);
}

/** An error with any JSON for a body. */
export function jsonRefusal(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Refusal {
  return { status, body: JSON.stringify(body), contentType: json, headers };
}

/** An error in plain text. */
export function textRefusal(status: number, body: string): Refusal {
  return { status, body, contentType: "text/plain; charset=utf-8" };
}

/** The HTML page of a gateway. */
export function pageRefusal(status: number, title: string): Refusal {
  const head = `<head><title>${title}</title></head>`;
  const body = `<html>\r\n${head}\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n</body>\r\n</html>\r\n`;
  return { status, body, contentType: "text/html" };
}

/** The 429 of a limit, by SiliconFlow's own words. */
export function limitRefusal(limit: LimitName): Refusal {
  return refusal(429, null, `Request was rejected due to rate limiting. Details: ${limit} limit reached.`);
}

/** SiliconFlow's 503 of a model that has too much to do. */
export function overloadRefusal(): Refusal {
  return refusal(503, 50505, "Model service overloaded. Please try again later.");
}
