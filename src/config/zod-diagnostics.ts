import type { z } from "zod";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { nearest } from "../diagnostics/nearest.ts";
import { matrixJsonSchema } from "./schema.ts";
import type { Path, YamlSource } from "./yaml-source.ts";

/** Words of other tools, and where they live here. */
const familiar: Readonly<Record<string, string>> = {
  repeat: "trials",
  epochs: "trials",
  repeats: "trials",
  runs: "trials",
  assert: "scorers",
  asserts: "scorers",
  assertions: "scorers",
  metrics: "scorers",
  evaluators: "scorers",
  tests: "dataset",
  vars: "dataset",
  data: "dataset",
  rows: "dataset",
  matrix: "grid",
  sweep: "grid",
  params: "parameters",
  config: "parameters",
  concurrency: "limits: { concurrency: … }",
  max_concurrency: "limits: { concurrency: … }",
  rpm: "limits: { rpm: … }",
  tpm: "limits: { tpm: … }",
  timeout: "timeouts",
  endpoints: "providers",
  model: "grid: { model: … }` or `parameters: { model: …",
  temperature: "grid: { temperature: … }` or `parameters: { temperature: …",
  max_tokens: "parameters: { max_tokens: …",
};

/** Keys of the contract that this version does not know yet: to ignore one silently would be a lie. */
const notYet: ReadonlySet<string> = new Set(["gates", "baseline", "budget", "prices"]);

/** What zod found, in the house's words, each at its place in the file. */
export function zodDiagnostics(error: z.ZodError, source: YamlSource): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  for (const issue of error.issues) collect(issue as z.core.$ZodIssue, [], source, found);
  return found;
}

function collect(issue: z.core.$ZodIssue, base: Path, source: YamlSource, found: Diagnostic[]): void {
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
    const wanted = issue.errors.flatMap((errors) => errors.slice(0, 1)).map(expectation);
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
  return pattern.includes("%") ? "2%" : "10s";
}

function invalid(path: Path, source: YamlSource, words: string): Diagnostic {
  const name = pathText(path);
  const parent = path.slice(0, -1);
  const missing = valueAt(source.value, path) === undefined;
  if (missing && path.length > 0) {
    return {
      code: "config/missing-key",
      severity: "error",
      message: `\`${String(path.at(-1))}\` is missing${parent.length > 0 ? ` in \`${pathText(parent)}\`` : ""}`,
      place: source.place(parent),
    };
  }
  return {
    code: "config/invalid-value",
    severity: "error",
    message: `${name === "" ? "the file" : `\`${name}\``}: ${words}, found ${describe(valueAt(source.value, path))}`,
    place: source.place(path),
  };
}

function unknownKey(key: string, path: Path, source: YamlSource): Diagnostic {
  const where = path.length === 0 ? "" : ` in \`${pathText(path)}\``;
  const candidates = knownKeys(path);
  const close = nearest(key, candidates);
  const here = familiar[key];
  const hint =
    notYet.has(key) && path.length === 0
      ? `this version has no \`${key}\`; take it out`
      : close !== null
        ? `did you mean \`${close}\`?`
        : here !== undefined && path.length === 0
          ? `here it is \`${here}\``
          : candidates.length > 0
            ? `known keys: ${candidates.join(", ")}`
            : undefined;
  return {
    code: "config/unknown-key",
    severity: "error",
    message: `unknown key \`${key}\`${where}`,
    ...(hint === undefined ? {} : { hint }),
    place: source.keyPlace([...path, key]),
  };
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
  if (value === null) return "nothing";
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  if (typeof value === "object") return "a map";
  const text = JSON.stringify(value) ?? "nothing";
  return `\`${text.length > 60 ? `${text.slice(0, 60)}…` : text}\``;
}
