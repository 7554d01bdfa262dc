import { type Diagnostic, hasErrors, type Place } from "../diagnostics/diagnostic.ts";
import { imageDataUrl } from "../system/image-data-url.ts";
import { type InputFiles, referredName } from "../system/input-files.ts";
import { decodeUtf8, nearestFile } from "./read-text.ts";
import { type Path, parseYaml, type YamlSource } from "./yaml-source.ts";

const prefix = "file://";
const deepest = 8;
/** A value whose references are filled in; `failed` are the places of those that could not be, null in the value. */
export interface ResolvedReferences {
  readonly value: unknown;
  readonly diagnostics: readonly Diagnostic[];
  readonly failed: readonly Place[];
}

/**
 * The value with every `file://…` text replaced by what the file holds: the value of a JSON or YAML file, a data URL
 * for an image, else the text byte for byte. Paths are relative to the file they stand in.
 */
export function resolveReferences(source: YamlSource, files: InputFiles): ResolvedReferences {
  const diagnostics: Diagnostic[] = [];
  const failed: Place[] = [];
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
    const place = from.place(path);
    const give = (found: readonly Diagnostic[]): null => {
      diagnostics.push(...found);
      failed.push(place);
      return null;
    };
    const problem = (message: string, hint?: string): null => {
      const finding: Diagnostic = {
        code: "config/reference",
        severity: "error",
        message,
        ...(hint === undefined ? {} : { hint }),
        place,
      };
      return give([finding]);
    };
    if (depth >= deepest)
      return problem(
        `\`${reference}\` is ${deepest} files deep`,
        "files that refer to each other in a circle never end",
      );
    const bytes = tryRead(files, name);
    if (bytes === null)
      return problem(
        `cannot read \`${name}\``,
        nearestFile(name, files) ?? `paths are relative to \`${from.file}\``,
      );
    const extension = name.slice(name.lastIndexOf(".") + 1).toLowerCase();
    const image = imageDataUrl(name, bytes);
    if (image !== null) return image;
    const text = decodeUtf8(bytes, name);
    if (typeof text !== "string") return give([text]);
    if (!["json", "yaml", "yml"].includes(extension)) return text;
    const inner = parseYaml(text, name);
    if (hasErrors(inner.diagnostics)) return give(inner.diagnostics);
    diagnostics.push(...inner.diagnostics);
    return visit(inner.value, [], inner, depth + 1);
  };
  return { value: visit(source.value, [], source, 0), diagnostics, failed };
}

/** The bytes of a file, or null when it cannot be read. */
export function tryRead(files: InputFiles, name: string): Uint8Array | null {
  try {
    return files.read(name);
  } catch {
    return null;
  }
}
