import type { RunConfig } from "../config/run-config.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { Plan } from "./plan.ts";
import type { RulesOf } from "./provider-rules.ts";
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

/** The role `developer` is that of one vendor's newest models; everybody else wants `system`. */
export function developerElsewhere(plan: Plan, config: RunConfig, rulesOf: RulesOf): readonly Diagnostic[] {
  return config.prompts.flatMap(({ id, messages, place }) => {
    if (!messages.some(isFromDeveloper)) return [];
    const elsewhere = plan.variants
      .filter(({ promptId }) => promptId === id)
      .map(({ provider }) => ({ provider, role: rulesOf(provider).systemRole }))
      .find(({ role }) => role !== null && role !== "developer");
    if (elsewhere === undefined) return [];
    return [
      {
        code: "plan/developer-role",
        severity: "warning" as const,
        message: `prompt \`${id}\` has the role \`developer\`, which ${elsewhere.provider} does not know`,
        hint: `write \`role: ${elsewhere.role}\`; it is sent as written, and may be refused`,
        place,
      },
    ];
  });
}

function isFromDeveloper(message: unknown): boolean {
  return typeof message === "object" && message !== null && "role" in message && message.role === "developer";
}

/** Rows of which the images are looked at; whoever forgets that a column holds paths forgets it in the first one. */
const rowsSeen = 20;

/** Images whose URL no server can open: in the prompts as written, and in what the first rows make of them. */
export function imagesFromNowhere(plan: Plan, config: RunConfig): readonly Diagnostic[] {
  return config.prompts.flatMap((prompt) => {
    const urls = imageUrls(prompt.messages);
    const excerpts = prompt.excerpt == null ? [] : [prompt.excerpt];
    const lost = (url: string, from: string, written: string, hint: string): Diagnostic => ({
      code: "plan/image-url",
      severity: "warning",
      message: `the image \`${shown(url)}\` of prompt \`${prompt.id}\`${from} is neither an http(s) nor a data URL`,
      hint,
      place: placeOfText(written, excerpts) ?? prompt.place,
    });
    const fixed = urls
      .filter((url) => !isTemplate(url) && !isOpenable(url))
      .map((url) => lost(url, "", url, `\`file://${url.replace(/^\.\//, "")}\` sends the file itself`));
    const filled = urls.find(isTemplate);
    if (filled === undefined || prompt.raw) return fixed;
    const variant = plan.variants.find(({ promptId }) => promptId === prompt.id);
    for (let i = 0; variant !== undefined && i < Math.min(rowsSeen, variant.requests); i++) {
      const { messages, row } = plan.request(variant.offset + i);
      const url = imageUrls(messages).find((one) => !isOpenable(one));
      if (url !== undefined)
        return [
          ...fixed,
          lost(
            url,
            ` in row \`${row.id}\``,
            filled,
            "`file_columns` of the dataset sends the files that a column names",
          ),
        ];
    }
    return fixed;
  });
}

function isOpenable(url: string): boolean {
  return /^(?:https?:|data:)/i.test(url);
}

function isTemplate(text: string): boolean {
  return text.includes("{{") || text.includes("{%");
}

function shown(url: string): string {
  return url.length > 60 ? `${url.slice(0, 59)}…` : url;
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
