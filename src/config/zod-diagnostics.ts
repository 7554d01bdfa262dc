import type { z } from "zod";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { nearest } from "../diagnostics/nearest.ts";
import { familiarHint } from "./familiar-words.ts";
import { matrixJsonSchema } from "./schema.ts";
import type { Path, YamlSource } from "./yaml-source.ts";

/** What to write where a key is missing. */
const missingHints: Readonly<Record<string, string>> = {
  prompts: '`prompts: [ { user: "{{ question }}" } ]`, or the path of a CSV file',
  type: "such as `exact`, `contains`, `numeric`",
  path: "`dataset: { path: rows.csv }`",
  n: "`grid_sample: { n: 20 }`",
  metric: "such as `pass_rate`, `scores.ID`, `latency_ms.p50`, `cost`",
  trials: "`confirm: { trials: 3 }`",
};

/** What zod found, in the house's words, each at its place in the file. */
export function zodDiagnostics(error: z.ZodError, source: YamlSource): readonly Diagnostic[] {
  const found: Finding[] = [];
  for (const issue of error.issues) collect(issue as z.core.$ZodIssue, [], source, found);
  // A key that is missing because it is mistyped is said once, at the mistyped one.
  const meant = new Set(found.flatMap(({ meant: key }) => key ?? []));
  return found.filter(({ missing }) => missing === null || !meant.has(missing)).map(({ finding }) => finding);
}

interface Finding {
  readonly finding: Diagnostic;
  /** The key that is missing, as a path; null for other findings. */
  readonly missing: string | null;
  /** The key that an unknown one stands for, as a path. */
  readonly meant: string | null;
}

function plain(finding: Diagnostic): Finding {
  return { finding, missing: null, meant: null };
}

function collect(issue: z.core.$ZodIssue, base: Path, source: YamlSource, found: Finding[]): void {
  const path: Path = [...base, ...issue.path.map((step) => (typeof step === "symbol" ? String(step) : step))];
  if (issue.code === "unrecognized_keys") {
    for (const key of issue.keys) found.push(unknownKey(key, path, source));
    return;
  }
  if (issue.code === "invalid_union" && issue.errors.length > 0) {
    const branch = likeliestBranch(issue.errors);
    if (branch !== null) {
      for (const inner of branch) collect(inner, path, source, found);
      return;
    }
    const wanted = issue.errors
      .flatMap((errors) => errors.slice(0, 1))
      .map((inner) => expectation(inner).replace(/^expected /, ""));
    found.push(invalid(path, source, `expected ${[...new Set(wanted)].join(" or ")}`));
    return;
  }
  found.push(invalid(path, source, expectation(issue)));
}

/** The union member the user meant: one whose top-level type agrees, so that its complaints are inside. */
function likeliestBranch(
  branches: readonly (readonly z.core.$ZodIssue[])[],
): readonly z.core.$ZodIssue[] | null {
  const agreeing = branches.filter(
    (issues) => !issues.some((issue) => issue.code === "invalid_type" && issue.path.length === 0),
  );
  return agreeing.length === 1 ? (agreeing[0] ?? null) : null;
}

function expectation(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return `expected ${typeWords[issue.expected] ?? issue.expected}`;
    case "invalid_format":
      return `expected a value like \`${issue.pattern === undefined ? issue.format : formatExample(issue.pattern)}\``;
    case "too_small":
      return issue.origin === "string" || issue.origin === "array"
        ? "must not be empty"
        : `must be ${issue.inclusive === false ? "more than" : "at least"} ${issue.minimum}`;
    case "too_big":
      return `must be at most ${issue.maximum}`;
    case "invalid_value":
      return `expected one of ${issue.values.map((value) => `\`${String(value)}\``).join(", ")}`;
    default:
      return issue.message.replace(/\.$/, "").toLowerCase();
  }
}

const typeWords: Readonly<Record<string, string>> = {
  string: "text",
  int: "a whole number",
  number: "a number",
  boolean: "`true` or `false`",
  object: "a map of keys and values",
  record: "a map of keys and values",
  array: "a list",
  null: "null",
};

function formatExample(pattern: string): string {
  if (pattern.includes("\\{\\{")) return "{{ checks }}";
  if (pattern.includes("A-Z")) return "CNY";
  if (pattern.includes("{4}-")) return "2026-11-30";
  return pattern.includes("%") ? "2%" : "10s";
}

function invalid(path: Path, source: YamlSource, words: string): Finding {
  const name = pathText(path);
  const parent = path.slice(0, -1);
  const missing = valueAt(source.value, path) === undefined;
  if (missing && path.length > 0) {
    const key = String(path.at(-1));
    const written = valueAt(source.value, parent);
    const close = isMap(written) ? nearest(key, Object.keys(written)) : null;
    const hint = close === null ? missingHints[key] : `did you mean it by \`${close}\`?`;
    return {
      finding: {
        code: "config/missing-key",
        severity: "error",
        message: `\`${key}\` is missing${parent.length > 0 ? ` in \`${pathText(parent)}\`` : ""}`,
        ...(hint === undefined ? {} : { hint }),
        // The whole file is no place to underline.
        place: parent.length === 0 ? { ...source.place([]), length: 1 } : source.keyPlace(parent),
      },
      missing: pathText(path),
      meant: null,
    };
  }
  const value = valueAt(source.value, path);
  const hint = valueHint(path, words, value);
  return plain({
    code: "config/invalid-value",
    severity: "error",
    message: `${name === "" ? "the file" : `\`${name}\``}: ${words}, found ${describe(value)}`,
    ...(hint === null ? {} : { hint }),
    place: source.place(path),
  });
}

/** What to do about values that are wrong for a common reason. */
function valueHint(path: Path, words: string, value: unknown): string | null {
  const inMap = isMap(value) ? Object.keys(value).find((key) => /^\{.*\}$/s.test(key)) : undefined;
  if (inMap !== undefined) return `YAML reads \`{{ … }}\` as a map: put it in quotes, \`"{${inMap}}"\``;
  if (words.includes("`true` or `false`") && typeof value === "string")
    return /^(yes|no|on|off|y|n)$/i.test(value)
      ? `\`${value}\` is text in YAML 1.2: write \`${/^(yes|on|y)$/i.test(value) ? "true" : "false"}\``
      : null;
  if (words === "expected text" && (typeof value === "number" || typeof value === "boolean"))
    return `in quotes it is text: \`"${String(value)}"\``;
  const percent = /^(\d+(?:\.\d+)?)\s*%$/.exec(typeof value === "string" ? value : "")?.[1];
  if (words === "expected a number" && percent !== undefined) return `write \`${Number(percent) / 100}\``;
  if (path.length === 2 && path[0] === "prompts" && typeof value === "string")
    return "a prompt is a map: `- user: …`, or `- file: …`";
  if (path.at(-2) === "scorers" && typeof value === "string")
    return "a scorer is a map: `- { type: exact, expected: … }`; one placeholder names a column that holds scorers";
  if (path.length === 1 && path[0] === "prompts" && isMap(value))
    return "each prompt is an item of the list: `- { id: v1, user: … }`";
  if (path.length === 1 && path[0] === "gates" && isMap(value))
    return "each gate is an item of the list: `- { metric: pass_rate, min: 0.9 }`";
  if (path.length === 1 && path[0] === "confirm" && typeof value === "number")
    return `write \`confirm: { trials: ${value} }\``;
  if (path.length === 0) return "a matrix has keys such as `prompts`, `dataset` and `grid`";
  return null;
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function unknownKey(key: string, path: Path, source: YamlSource): Finding {
  const where = path.length === 0 ? "" : ` in \`${pathText(path)}\``;
  const candidates = knownKeys(path);
  const close = nearest(key, candidates);
  const familiar = familiarHint(key, path.length === 0 ? null : String(path[0]));
  const hint =
    familiar ??
    (close !== null
      ? `did you mean \`${close}\`?`
      : candidates.length > 0
        ? `known keys: ${candidates.join(", ")}`
        : undefined);
  const finding: Diagnostic = {
    code: "config/unknown-key",
    severity: "error",
    message: `unknown key \`${key}\`${where}`,
    ...(hint === undefined ? {} : { hint }),
    place: source.keyPlace([...path, key]),
  };
  const familiarKey = familiar === null ? null : (/^here it is `(\w+)`$/.exec(familiar)?.[1] ?? null);
  const meant = familiarKey ?? (familiar === null ? close : null);
  return { finding, missing: null, meant: meant === null ? null : pathText([...path, meant]) };
}

/** Keys that the schema knows at a path, from the published JSON Schema. */
function knownKeys(path: Path): readonly string[] {
  let nodes: readonly JsonSchema[] = [matrixJsonSchema() as JsonSchema];
  for (const step of path) {
    nodes = nodes.flatMap(unfold).flatMap((node) => {
      const next =
        typeof step === "number" ? node.items : (node.properties?.[step] ?? node.additionalProperties);
      return typeof next === "object" ? [next] : [];
    });
  }
  return nodes.flatMap(unfold).flatMap((node) => Object.keys(node.properties ?? {}));
}

interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
}

function unfold(node: JsonSchema): readonly JsonSchema[] {
  return node.anyOf === undefined ? [node] : node.anyOf.flatMap(unfold);
}

/** A path as a user would write it: `prompts[0].id`. */
export function pathText(path: Path): string {
  return path
    .map((step, i) => (typeof step === "number" ? `[${step}]` : `${i === 0 ? "" : "."}${step}`))
    .join("");
}

/** The value at a path, or undefined. */
export function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (inner, step) =>
      typeof inner === "object" && inner !== null
        ? (inner as Record<string | number, unknown>)[step]
        : undefined,
    value,
  );
}

/** A value in a few words for a message. */
export function describe(value: unknown): string {
  if (value === null || value === undefined) return "nothing";
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  if (typeof value === "object") return "a map";
  const text = JSON.stringify(value) ?? "nothing";
  return `\`${text.length > 60 ? `${text.slice(0, 60)}…` : text}\``;
}
