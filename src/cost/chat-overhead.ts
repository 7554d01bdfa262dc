import type { TemplateName } from "./tokenizer-family.ts";

/** What a chat becomes before a model reads it: texts to count, and what its template and its media add. */
export interface ChatPrompt {
  readonly texts: readonly string[];
  /** Tokens of the marks around messages, of the start of the answer, and of fixed words about tools. */
  readonly overhead: number;
  /** Content parts that are no text: images, audio, video. */
  readonly media: number;
}

/**
 * Tokens taken for an image or another part that is no text: what a picture of 448 × 448 takes with patches of
 * 28 × 28. It is a guess: at full resolution a picture takes several times as many, so a count with media is rather a
 * lower bound.
 */
export const mediaTokens = 256;

type Fields = Readonly<Record<string, unknown>>;

/** What a template adds; all are counts of tokens. */
interface Template {
  readonly message: (role: unknown) => number;
  /** Start of the prompt and of the answer. */
  readonly frame: (model: string, parameters: Fields) => number;
  /** The words around a list of tools. */
  readonly tools: number;
  readonly toolTexts: (tools: readonly unknown[]) => readonly string[];
}

const templates: Readonly<Record<TemplateName, Template>> = {
  // 3 around a message, 1 for its role, 3 before the answer: OpenAI's cookbook, "How to count tokens with tiktoken".
  openai: { message: () => 4, frame: () => 3, tools: 0, toolTexts: (tools) => [JSON.stringify(tools)] },
  // <|im_start|> role \n … <|im_end|> \n; a tool's answer has <tool_response> \n … \n </tool_response> inside.
  chatml: {
    message: (role) => (role === "tool" ? 9 : 5),
    frame: (model, parameters) => 3 + chatmlThinking(model, parameters),
    tools: 86,
    toolTexts: linesOfJson,
  },
  // <｜begin▁of▁sentence｜> system <｜User｜> … <｜Assistant｜> … <｜end▁of▁sentence｜>
  deepseek: {
    message: (role) => (role === "system" || role === "developer" ? 0 : role === "user" ? 1 : 2),
    frame: (model) => 2 + deepseekThinking(model),
    tools: 150,
    toolTexts: linesOfJson,
  },
};

/** Switched off, thinking is an empty `<think>\n\n</think>\n\n`; a model that always thinks has it opened. */
function chatmlThinking(model: string, parameters: Fields): number {
  if (parameters.enable_thinking === false) return 4;
  return /thinking|qwq|qvq/i.test(model) ? 2 : 0;
}

/** R1 has `<think>\n` opened; from V3.1 on there is a mark that opens or closes thinking; before, nothing. */
function deepseekThinking(model: string): number {
  if (/(^|[^a-z])r1/i.test(model)) return 2;
  return /v2|v3(?:-0324)?$/i.test(model) ? 0 : 1;
}

/** Qwen2.5 has a system message of its own where none is given. */
const qwenSystem = "You are Qwen, created by Alibaba Cloud. You are a helpful assistant.";

/** A chat as the template of its model's family would write it, roughly. Unknown members of messages are left out. */
export function chatPrompt(
  name: TemplateName,
  model: string,
  messages: readonly Fields[],
  parameters: Fields,
): ChatPrompt {
  const template = templates[name];
  const texts = messages.flatMap(messageTexts);
  let overhead = template.frame(model, parameters);
  for (const { role } of messages) overhead += template.message(role);
  const { tools } = parameters;
  const hasTools = Array.isArray(tools) && tools.length > 0;
  if (hasTools) {
    texts.push(...template.toolTexts(tools));
    overhead += template.tools;
  }
  const opened = messages[0]?.role === "system";
  if (name === "chatml" && !opened && /qwen-?2\.5/i.test(model)) {
    texts.push(qwenSystem);
    overhead += template.message("system");
  } else if (name === "chatml" && !opened && hasTools) overhead += template.message("system");
  const schema = writtenSchema(model, parameters.response_format);
  if (schema !== null) texts.push(schema);
  return { texts, overhead, media: messages.reduce((sum, { content }) => sum + mediaIn(content), 0) };
}

function messageTexts({ content, tool_calls: calls, name }: Fields): readonly string[] {
  const texts: string[] = [];
  if (typeof name === "string") texts.push(name);
  if (typeof content === "string") texts.push(content);
  else if (Array.isArray(content)) {
    const parts = content.filter(isTextPart).map(({ text }) => text);
    if (parts.length > 0) texts.push(parts.join(""));
  }
  if (Array.isArray(calls) && calls.length > 0) texts.push(JSON.stringify(calls));
  return texts;
}

function isTextPart(part: unknown): part is { readonly text: string } {
  return (
    typeof part === "object" &&
    part !== null &&
    typeof (part as { readonly text?: unknown }).text === "string"
  );
}

function mediaIn(content: unknown): number {
  return Array.isArray(content) ? content.filter((part) => !isTextPart(part)).length : 0;
}

/** OpenAI writes the schema into the prompt; servers of open models only constrain what is generated. */
function writtenSchema(model: string, format: unknown): string | null {
  if (!/^(?:openai\/)?(?:gpt-|chatgpt-|o\d)/i.test(model)) return null;
  if (typeof format !== "object" || format === null) return null;
  const { json_schema: schema } = format as { readonly json_schema?: unknown };
  return schema === undefined ? null : JSON.stringify(schema);
}

function linesOfJson(tools: readonly unknown[]): readonly string[] {
  return tools.map((tool) => `\n${spacedJson(tool)}`);
}

/** JSON as templates write it: a space after every comma and colon, which takes a quarter more tokens than none. */
function spacedJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spacedJson).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}: ${spacedJson(member)}`).join(", ")}}`;
}
