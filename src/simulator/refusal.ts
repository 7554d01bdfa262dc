/** An answer with an error status, before it is written. */
export interface Refusal {
  readonly status: number;
  readonly body: string;
  readonly contentType: string;
}

const json = "application/json; charset=utf-8";

/** SiliconFlow's error object. The `code` is left out where it is null, as on its 429s. */
export function refusal(status: number, code: number | null, message: string): Refusal {
  const body = code === null ? { message, data: null } : { code, message, data: null };
  return { status, body: JSON.stringify(body), contentType: json };
}

/** An error whose body is a bare JSON string. */
export function bareRefusal(status: number, text: string): Refusal {
  return { status, body: JSON.stringify(text), contentType: json };
}

/** The 429 of a limit, by SiliconFlow's own words. */
export function limitRefusal(limit: "RPM" | "TPM"): Refusal {
  return refusal(429, null, `Request was rejected due to rate limiting. Details: ${limit} limit reached.`);
}

const gatewayPage = (title: string): string =>
  `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n</body>\r\n</html>\r\n`;

/** What an error fault answers, by its kind. */
export const faultRefusals: Readonly<Record<"401" | "429" | "500" | "503" | "504" | "html", Refusal>> = {
  "401": bareRefusal(401, "Api key is invalid"),
  "429": limitRefusal("RPM"),
  "500": refusal(500, 50507, "Unexpected system error. Please try again later."),
  "503": refusal(503, 50505, "Model service overloaded. Please try again later."),
  "504": { status: 504, body: gatewayPage("504 Gateway Time-out"), contentType: "text/html" },
  html: { status: 200, body: gatewayPage("Welcome"), contentType: "text/html" },
};
