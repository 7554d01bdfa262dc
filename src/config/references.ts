import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { nearest } from "../diagnostics/nearest.ts";
import { type InputFiles, referredName } from "../system/input-files.ts";
import { type Path, parseYaml, type YamlSource } from "./yaml-source.ts";

const prefix = "file://";
const deepest = 8;
const imageTypes: Readonly<Record<string, string>> = {
  png: "png",
  jpg: "jpeg",
  jpeg: "jpeg",
  gif: "gif",
  webp: "webp",
};

/**
 * The value with every `file://…` text replaced by what the file holds: the value of a JSON or YAML file, a data URL
 * for an image, else the text byte for byte. Paths are relative to the file they stand in.
 */
export function resolveReferences(
  source: YamlSource,
  files: InputFiles,
): { readonly value: unknown; readonly diagnostics: readonly Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const visit = (value: unknown, path: Path, from: YamlSource, depth: number): unknown => {
    if (typeof value === "string") return value.startsWith(prefix) ? load(value, path, from, depth) : value;
    if (Array.isArray(value)) return value.map((item, i) => visit(item, [...path, i], from, depth));
    if (typeof value === "object" && value !== null) {
      return Object.fromEntries(
        Object.entries(value).map(([key, inner]) => [key, visit(inner, [...path, key], from, depth)]),
      );
    }
    return value;
  };
  const load = (reference: string, path: Path, from: YamlSource, depth: number): unknown => {
    const written = reference.slice(prefix.length);
    const name = referredName(from.file, written);
    const problem = (message: string, hint?: string): string => {
      diagnostics.push({
        code: "config/reference",
        severity: "error",
        message,
        ...(hint === undefined ? {} : { hint }),
        place: from.place(path),
      });
      return "";
    };
    if (depth >= deepest)
      return problem(`\`${reference}\` is ${deepest} files deep: do the files refer to each other?`);
    const bytes = tryRead(files, name);
    if (bytes === null) {
      const close = nearest(name, files.list(name.slice(0, Math.max(0, name.lastIndexOf("/"))) || "."));
      return problem(
        `cannot read \`${name}\``,
        close === null ? `paths are relative to \`${from.file}\`` : `did you mean \`${close}\`?`,
      );
    }
    const extension = name.slice(name.lastIndexOf(".") + 1).toLowerCase();
    const image = imageTypes[extension];
    if (image !== undefined) return `data:image/${image};base64,${Buffer.from(bytes).toString("base64")}`;
    const text = new TextDecoder("utf-8").decode(bytes);
    if (!["json", "yaml", "yml"].includes(extension)) return text;
    const inner = parseYaml(text, name);
    diagnostics.push(...inner.diagnostics);
    return visit(inner.value, [], inner, depth + 1);
  };
  return { value: visit(source.value, [], source, 0), diagnostics };
}

/** The bytes of a file, or null when it cannot be read. */
export function tryRead(files: InputFiles, name: string): Uint8Array | null {
  try {
    return files.read(name);
  } catch {
    return null;
  }
}
