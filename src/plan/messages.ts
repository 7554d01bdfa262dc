import { type CompiledValue, compileValue, constant, type Variables } from "./template.ts";

/** A message list ready to be rendered. */
export interface MessageTemplate {
  readonly parts: CompiledValue;
  /** Whether the trials of a row may differ in it. */
  readonly usesTrial: boolean;
  /** The message list for a row. Throws TemplateError, or MessageError when the result is no message list. */
  render(variables: Variables): readonly Message[];
}

/** One chat message; content is text or a list of parts; other members pass through. */
export interface Message {
  readonly role: string;
  readonly [member: string]: unknown;
}

/** A rendered prompt that is not a list of chat messages. */
export class MessageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "MessageError";
  }
}

/** Reads a prompt's messages. A string among them is one placeholder whose list of messages is spliced in. */
export function compileMessages(messages: readonly unknown[], raw: boolean): MessageTemplate {
  const splices = messages.map((message) => typeof message === "string");
  const compiled = raw ? constant(messages) : compileValue(messages);
  // What a splice brings is only seen by rendering it.
  const parts = splices.includes(true) ? { ...compiled, elaborate: true } : compiled;
  return {
    parts,
    usesTrial: parts.variables.includes("trial"),
    render: (variables) => {
      const rendered = parts.render(variables) as readonly unknown[];
      const list = rendered.flatMap((item, i) => (splices[i] === true ? spliced(item, messages[i]) : [item]));
      if (list.length === 0) throw new MessageError("the prompt has no messages");
      return list.map(checkMessage);
    },
  };
}

function spliced(value: unknown, written: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new MessageError(
    `\`${String(written)}\` must be a list of messages to be spliced in, found ${typeof value === "string" ? "text" : typeof value}` +
      (typeof value === "string" ? "; name its column in the dataset's `json_columns`" : ""),
  );
}

function checkMessage(message: unknown, i: number): Message {
  if (typeof message !== "object" || message === null || Array.isArray(message)) {
    throw new MessageError(`message ${i + 1} is not a map with \`role\` and \`content\``);
  }
  const { role, content } = message as { role?: unknown; content?: unknown };
  if (typeof role !== "string" || role === "") throw new MessageError(`message ${i + 1} has no \`role\``);
  if (content === undefined || content === null || typeof content === "string" || Array.isArray(content)) {
    return message as Message;
  }
  // A placeholder keeps its type, but content is text or a list of parts: a number or a map becomes its text.
  return {
    ...message,
    role,
    content: typeof content === "object" ? JSON.stringify(content) : String(content),
  };
}
