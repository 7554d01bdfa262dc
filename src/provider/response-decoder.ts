import { AnswerBuilder, badResponse, type Decoded } from "./answer-builder.ts";
import { readErrorBody, readErrorValue } from "./error-body.ts";
import { classifyHiddenError } from "./failure-classifier.ts";
import { isJsonObject, parseJson } from "./json-value.ts";
import { oneLine } from "./one-line.ts";

const quoted = 300;

/**
 * The answer, or the failure, in the whole body of a 2xx response that is no event stream. `url` is for messages, `asked`
 * gives the number of choices wanted.
 */
export function decodeResponse(
  body: string,
  url: string,
  asked: () => number = () => 1,
  paceCodes: readonly string[] = [],
): Decoded {
  const value = parseJson(body);
  if (isJsonObject(value)) {
    const builder = new AnswerBuilder(asked, paceCodes);
    builder.add(value);
    if (builder.broken || Array.isArray(value.choices)) return builder.build();
    return {
      ...badResponse(`${url} answered JSON without \`choices\`: ${oneLine(body, quoted)}`, true),
      ...builder.stated,
    };
  }
  if (typeof value === "string" && value.trim() !== "") {
    return { status: "failed", failure: classifyHiddenError(readErrorValue(value), false, paceCodes) };
  }
  const text = body.replace(/^\uFEFF/, "").trim();
  if (text === "") return badResponse(`${url} answered with an empty body`, true);
  if (text.startsWith("<")) {
    const { page } = readErrorBody(text);
    const title = page === null || page === "" ? "" : ` titled "${page}"`;
    return badResponse(`${url} answered an HTML page${title}, not JSON; is the base URL right?`, false);
  }
  const said = oneLine(text, quoted);
  const what = said === "" ? `${text.length} control characters` : `something that is not JSON: ${said}`;
  return badResponse(`${url} answered ${what}`, true);
}
