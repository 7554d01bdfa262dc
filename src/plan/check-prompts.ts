import type { RunConfig } from "../config/run-config.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { Plan } from "./plan.ts";
import { placeOfText } from "./template-fault.ts";

/** JSON mode wants the word in the prompt: OpenAI refuses a request without it, others answer white space without end. */
export function jsonWithoutTheWord(plan: Plan, config: RunConfig): readonly Diagnostic[] {
  const inJsonMode = new Set(
    plan.variants
      .filter(({ parameters }) => isJsonMode(parameters.response_format))
      .map((one) => one.promptId),
  );
  return config.prompts
    .filter(({ id }) => inJsonMode.has(id))
    .filter(({ messages }) => !/json|\{\{|\{%/i.test(JSON.stringify(messages)))
    .map(({ id, place }) => ({
      code: "plan/json-unasked",
      severity: "warning",
      message: `prompt \`${id}\` does not say JSON, and \`response_format: { type: json_object }\` wants it said`,
      hint: "ask for JSON in the prompt, or give a `json_schema`",
      place,
    }));
}

/** Images whose URL no server can open. */
export function imagesFromNowhere(config: RunConfig): readonly Diagnostic[] {
  return config.prompts.flatMap((prompt) =>
    imageUrls(prompt.messages)
      .filter((url) => !/^(?:https?:|data:)/i.test(url) && !url.includes("{{") && !url.includes("{%"))
      .map((url) => {
        const excerpts = prompt.excerpt == null ? [] : [prompt.excerpt];
        return {
          code: "plan/image-url",
          severity: "warning" as const,
          message: `the image \`${url}\` of prompt \`${prompt.id}\` is neither an http(s) nor a data URL`,
          hint: `\`file://${url.replace(/^\.\//, "")}\` sends the file itself`,
          place: placeOfText(url, excerpts) ?? prompt.place,
        };
      }),
  );
}

function isJsonMode(format: unknown): boolean {
  return typeof format === "object" && format !== null && "type" in format && format.type === "json_object";
}

/** The URLs of all `image_url` parts. */
function imageUrls(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(imageUrls);
  if (typeof value !== "object" || value === null) return [];
  if ("type" in value && value.type === "image_url" && "image_url" in value) {
    const { image_url: image } = value;
    if (typeof image === "string") return [image];
    if (typeof image === "object" && image !== null && "url" in image && typeof image.url === "string")
      return [image.url];
  }
  return Object.values(value).flatMap(imageUrls);
}
