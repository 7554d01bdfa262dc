import type { Diagnostic, Place } from "../diagnostics/diagnostic.ts";
import { nearest } from "../diagnostics/nearest.ts";
import { type InputFiles, referredName } from "../system/input-files.ts";
import type { PromptFile } from "./matrix-file.ts";
import { tryRead } from "./references.ts";
import type { PromptSpec } from "./run-config.ts";
import { type Path, parseYaml, type YamlSource } from "./yaml-source.ts";

/** The prompts of a YAML matrix: inline ones, and files read (globs expanded). */
export function readPrompts(
  prompts: readonly PromptFile[],
  source: YamlSource,
  files: InputFiles,
): { readonly prompts: readonly PromptSpec[]; readonly diagnostics: readonly Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const read = prompts.flatMap((prompt, i) =>
    readPrompt(prompt, ["prompts", i], prompts.length, source, files, diagnostics),
  );
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
  return { prompts: read, diagnostics };
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
  if (complaint !== null)
    return problem(
      complaint,
      "`- { role: user, content: … }`, or one placeholder of a message list",
      source.place([...path, "messages"]),
    );
  return [{ id: prompt.id ?? "prompt", raw: prompt.raw ?? false, messages, place, axes: {}, rowId: null }];
}

function systemAndUser(prompt: PromptFile): readonly unknown[] {
  const system = prompt.system === undefined ? [] : [{ role: "system", content: prompt.system }];
  const user = prompt.user === undefined ? [] : [{ role: "user", content: prompt.user }];
  return [...system, ...user];
}

/** What is wrong with a message list as written, or null. */
function messagesProblem(messages: unknown): string | null {
  if (!Array.isArray(messages)) return "`messages` must be a list";
  if (messages.length === 0) return "`messages` is empty";
  for (const message of messages as readonly unknown[]) {
    if (typeof message === "string") {
      if (!/^\s*\{\{.*\}\}\s*$/s.test(message))
        return 'a message that is text must be one placeholder, such as `"{{ history }}"`';
    } else if (typeof message !== "object" || message === null || Array.isArray(message)) {
      return "a message must be a map with `role` and `content`";
    } else {
      const { role, content } = message as { role?: unknown; content?: unknown };
      if (typeof role !== "string") return "a message has no `role`";
      if (content === undefined && !("tool_calls" in message)) return "a message has no `content`";
    }
  }
  return null;
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
      const close = nearest(name, files.list(folder));
      diagnostics.push({
        code: "config/prompt-file",
        severity: "error",
        message: `cannot read the prompt file \`${name}\``,
        hint: close === null ? `paths are relative to \`${source.file}\`` : `did you mean \`${close}\`?`,
        place,
      });
      return [];
    }
    const base = name.slice(name.lastIndexOf("/") + 1).replace(/\.[^.]*$/, "");
    const id = prompt.id === undefined ? base : glob ? `${prompt.id}/${base}` : prompt.id;
    const text = new TextDecoder("utf-8").decode(bytes);
    if (!/\.(ya?ml|json)$/i.test(name)) {
      return [
        {
          id,
          raw: prompt.raw ?? false,
          messages: [{ role: "user", content: text }],
          place,
          axes: {},
          rowId: null,
        },
      ];
    }
    const inner = parseYaml(text, name);
    diagnostics.push(...inner.diagnostics);
    if (inner.value === undefined) return [];
    const messages = Array.isArray(inner.value)
      ? inner.value
      : (inner.value as { messages?: unknown } | null)?.messages;
    const complaint = messagesProblem(messages);
    if (complaint !== null) {
      diagnostics.push({
        code: "config/prompt-file",
        severity: "error",
        message: complaint,
        hint: "the file holds a list of messages",
        place: inner.place([]),
      });
      return [];
    }
    return [
      {
        id,
        raw: prompt.raw ?? false,
        messages: messages as readonly unknown[],
        place,
        axes: {},
        rowId: null,
      },
    ];
  });
}

function matcher(pattern: string): RegExp {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", "[^/]*")
    .replaceAll("?", "[^/]");
  return new RegExp(`^${source}$`);
}
