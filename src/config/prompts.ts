import type { Diagnostic, Place } from "../diagnostics/diagnostic.ts";
import { type InputFiles, referredName } from "../system/input-files.ts";
import type { PromptFile } from "./matrix-file.ts";
import { decodeUtf8, nearestFile } from "./read-text.ts";
import { tryRead } from "./references.ts";
import type { PromptSpec } from "./run-config.ts";
import { type Path, parseYaml, type YamlSource } from "./yaml-source.ts";
import { describe } from "./zod-diagnostics.ts";

/** The prompts of a YAML matrix: inline ones, and files read (globs expanded). */
export function readPrompts(
  prompts: readonly PromptFile[],
  source: YamlSource,
  files: InputFiles,
): {
  readonly prompts: readonly PromptSpec[];
  /** The ids that each entry has: a glob of files has many. */
  readonly ids: readonly (readonly string[])[];
  readonly diagnostics: readonly Diagnostic[];
} {
  const diagnostics: Diagnostic[] = [];
  const entries = prompts.map((prompt, i) =>
    readPrompt(prompt, ["prompts", i], prompts.length, source, files, diagnostics),
  );
  const read = entries.flat();
  const first = new Map<string, PromptSpec>();
  for (const prompt of read) {
    const other = first.get(prompt.id);
    if (other === undefined) first.set(prompt.id, prompt);
    else {
      diagnostics.push({
        code: "config/duplicate-prompt",
        severity: "error",
        message: `two prompts have the id \`${prompt.id}\``,
        hint: "an id names a prompt in reports and baselines: give each its own",
        place: prompt.place,
        related: other.place,
      });
    }
  }
  return { prompts: read, ids: entries.map((entry) => entry.map(({ id }) => id)), diagnostics };
}

function readPrompt(
  prompt: PromptFile,
  path: Path,
  count: number,
  source: YamlSource,
  files: InputFiles,
  diagnostics: Diagnostic[],
): readonly PromptSpec[] {
  const place = source.place(path);
  const problem = (message: string, hint: string, at: Place = place): readonly PromptSpec[] => {
    diagnostics.push({ code: "config/prompt", severity: "error", message, hint, place: at });
    return [];
  };
  const inline = prompt.system !== undefined || prompt.user !== undefined;
  const forms = [inline, prompt.messages !== undefined, prompt.file !== undefined].filter(Boolean).length;
  if (forms === 0)
    return problem("a prompt needs `user`, `messages` or `file`", '`- { id: v1, user: "{{ question }}" }`');
  if (forms > 1)
    return problem("a prompt has one of `system`/`user`, `messages`, `file`", "keep one of them");
  if (prompt.file !== undefined)
    return readPromptFiles(prompt, prompt.file, path, source, files, diagnostics);
  if (prompt.id === undefined && count > 1) {
    return problem(
      "a prompt among several needs an `id`",
      "reports, baselines and comparisons know prompts by it",
    );
  }
  const messages = inline
    ? systemAndUser(prompt)
    : typeof prompt.messages === "string"
      ? [prompt.messages]
      : (prompt.messages ?? []);
  const complaint = messagesProblem(messages);
  if (complaint !== null) {
    const at: Path = typeof prompt.messages === "string" ? [] : complaint.path;
    return problem(complaint.message, messagesHint, source.place([...path, "messages", ...at]));
  }
  const id = prompt.id ?? "prompt";
  const excerpt = source.excerpt(path);
  return [{ id, raw: prompt.raw ?? false, messages, place, excerpt, axes: {}, rowId: null }];
}

function systemAndUser(prompt: PromptFile): readonly unknown[] {
  const system = prompt.system === undefined ? [] : [{ role: "system", content: prompt.system }];
  const user = prompt.user === undefined ? [] : [{ role: "user", content: prompt.user }];
  return [...system, ...user];
}

const messagesHint = "`- { role: user, content: … }`, or one placeholder of a message list";

interface Complaint {
  readonly message: string;
  /** From the list to the message. */
  readonly path: Path;
}

/** What is wrong with a message list as written, or null. */
function messagesProblem(messages: unknown): Complaint | null {
  if (!Array.isArray(messages))
    return { message: `expected a list of messages, found ${describe(messages)}`, path: [] };
  if (messages.length === 0) return { message: "`messages` is empty", path: [] };
  for (const [i, message] of (messages as readonly unknown[]).entries()) {
    const complaint = messageProblem(message);
    if (complaint !== null) return { message: complaint, path: [i] };
  }
  return null;
}

function messageProblem(message: unknown): string | null {
  if (typeof message === "string") {
    return /^\s*\{\{.*\}\}\s*$/s.test(message)
      ? null
      : 'a message that is text must be one placeholder, such as `"{{ history }}"`';
  }
  if (typeof message !== "object" || message === null || Array.isArray(message))
    return "a message must be a map with `role` and `content`";
  const { role, content } = message as { role?: unknown; content?: unknown };
  if (typeof role !== "string") return "a message has no `role`";
  return content === undefined && !("tool_calls" in message) ? "a message has no `content`" : null;
}

function readPromptFiles(
  prompt: PromptFile,
  written: string,
  path: Path,
  source: YamlSource,
  files: InputFiles,
  diagnostics: Diagnostic[],
): readonly PromptSpec[] {
  const pattern = referredName(source.file, written);
  const glob = /[*?]/.test(pattern);
  const folder = pattern.includes("/") ? pattern.slice(0, pattern.lastIndexOf("/")) : ".";
  const names = glob ? files.list(folder).filter((name) => matcher(pattern).test(name)) : [pattern];
  const place = source.place([...path, "file"]);
  if (names.length === 0) {
    diagnostics.push({
      code: "config/prompt-file",
      severity: "error",
      message: `no file matches \`${pattern}\``,
      hint: "`*` stands for any characters of one file name",
      place,
    });
  }
  return names.flatMap((name): readonly PromptSpec[] => {
    const bytes = tryRead(files, name);
    if (bytes === null) {
      diagnostics.push({
        code: "config/prompt-file",
        severity: "error",
        message: `cannot read the prompt file \`${name}\``,
        hint: nearestFile(name, files) ?? `paths are relative to \`${source.file}\``,
        place,
      });
      return [];
    }
    const text = decodeUtf8(bytes, name);
    if (typeof text !== "string") {
      diagnostics.push(text);
      return [];
    }
    const messages = fileMessages(text, name, diagnostics);
    if (messages === null) return [];
    const base = name.slice(name.lastIndexOf("/") + 1).replace(/\.[^.]*$/, "");
    const id = prompt.id === undefined ? base : glob ? `${prompt.id}/${base}` : prompt.id;
    const excerpt = { place: { file: name, line: 1, column: 1 }, text };
    return [{ id, raw: prompt.raw ?? false, messages, place, excerpt, axes: {}, rowId: null }];
  });
}

/** The messages that a prompt file holds; null where it holds none, which is reported. */
function fileMessages(text: string, name: string, diagnostics: Diagnostic[]): readonly unknown[] | null {
  if (!/\.(ya?ml|json)$/i.test(name)) return [{ role: "user", content: text }];
  const inner = parseYaml(text, name);
  diagnostics.push(...inner.diagnostics);
  if (inner.value === undefined) return null;
  const bare = Array.isArray(inner.value);
  const base: Path =
    bare || (inner.value as { messages?: unknown } | null)?.messages === undefined ? [] : ["messages"];
  const messages = base.length === 0 ? inner.value : (inner.value as { messages: unknown }).messages;
  const complaint = messagesProblem(messages);
  if (complaint === null) return messages as readonly unknown[];
  diagnostics.push({
    code: "config/prompt-file",
    severity: "error",
    message: complaint.message,
    hint: "the file holds a list of messages: `- { role: user, content: … }`",
    place: inner.place([...base, ...complaint.path]),
  });
  return null;
}

function matcher(pattern: string): RegExp {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", "[^/]*")
    .replaceAll("?", "[^/]");
  return new RegExp(`^${source}$`);
}
