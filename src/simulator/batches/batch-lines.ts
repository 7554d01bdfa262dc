import { mostLines } from "./batch-options.ts";

/** One request of a batch. */
export interface BatchLine {
  readonly customId: string;
  /** JSON, with the model that the batch is for. */
  readonly body: string;
}

/** Why a line of a file cannot be worked on. */
export interface LineProblem {
  readonly code: string;
  /** From 1; null for the file as a whole. */
  readonly line: number | null;
  readonly message: string;
  readonly param: string | null;
}

const chatUrl = "/v1/chat/completions";
/** Problems that are told of one file. */
const mostProblems = 20;

/** Reads a file of requests; `model` replaces that of every line. Problems are those for which the whole file is refused. */
export function readBatchLines(
  file: Buffer,
  model: string | null,
): { readonly lines: readonly BatchLine[]; readonly problems: readonly LineProblem[] } {
  const texts = file.toString("utf8").split("\n");
  if (texts.at(-1) === "") texts.pop();
  const problems: LineProblem[] = [];
  const add = (code: string, line: number | null, message: string, param: string | null = null): void => {
    if (problems.length < mostProblems) problems.push({ code, line, message, param });
  };
  if (texts.length === 0) add("empty_file", null, "The batch file is empty.");
  if (texts.length > mostLines)
    add("too_many_lines", null, `The batch file has ${texts.length} lines, more than ${mostLines}.`);
  const ids = new Set<string>();
  const models = new Set<string>();
  const lines = texts.map((text, i): BatchLine => {
    const line = parsed(text);
    const number = i + 1;
    const { custom_id: id, method, url, body } = line ?? {};
    if (line === null) add("invalid_json_line", number, "This line is not parseable as valid JSON.");
    else if (typeof id !== "string" || id === "")
      add("missing_required_parameter", number, "`custom_id` is missing.", "custom_id");
    else if (ids.has(id))
      add("duplicate_custom_id", number, `The custom_id ${id} stands twice.`, "custom_id");
    else if ((method ?? "POST") !== "POST")
      add("invalid_method", number, "The method must be POST.", "method");
    else if ((url ?? chatUrl) !== chatUrl)
      add("invalid_url", number, "The URL is not that of the batch.", "url");
    else if (!isObject(body) || !Array.isArray(body.messages))
      add("missing_required_parameter", number, "`body.messages` is missing.", "body.messages");
    const customId = typeof id === "string" ? id : "";
    ids.add(customId);
    const asked: Readonly<Record<string, unknown>> = isObject(body) ? body : {};
    const whole = model === null ? asked : { ...asked, model };
    models.add(String(whole.model));
    return { customId, body: JSON.stringify({ ...whole, stream: false }) };
  });
  if (models.size > 1)
    add("mismatched_model", null, `The batch file has ${models.size} models; one is allowed.`, "body.model");
  return { lines, problems };
}

function parsed(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
