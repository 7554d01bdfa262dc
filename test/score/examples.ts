import { existsSync, readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";
import type { Completion, FinishReason, Usage } from "../../src/outcome/completion.ts";
import { unknownUsage } from "../../src/outcome/completion.ts";
import { scorerTypes } from "../../src/score/registry.ts";
import type { Score, ScoreInput } from "../../src/score/scorer.ts";
import { answered, rendered, verdictWith } from "./scored.ts";

/** An example of a scorer at work: what it is given, and what it says. */
export interface Example {
  readonly options: Readonly<Record<string, unknown>>;
  readonly answer?: string;
  readonly calls?: readonly { readonly name: string; readonly arguments: unknown }[];
  readonly finish_reason?: FinishReason;
  readonly tokens?: number;
  readonly latency_ms?: number;
  readonly cost?: NonNullable<ScoreInput["cost"]>;
  readonly value: number | null;
  readonly details?: Readonly<Record<string, number>>;
}

/** The examples of a type; none where there is no file of them. */
export function examplesOf(type: string): readonly Example[] {
  const file = new URL(`examples/${type}.yaml`, import.meta.url);
  return existsSync(file) ? (parse(readFileSync(file, "utf8")) as readonly Example[]) : [];
}

/** What the scorer says of an example. */
export function scoreExample(type: string, example: Example): Score {
  const usage: Usage = { ...unknownUsage, completionTokens: example.tokens ?? null };
  const facts = { usage, latencyMs: example.latency_ms ?? null, cost: example.cost ?? null };
  const scorer = rendered(type, example.options);
  if (scorer.problem !== null) throw new Error(`${type}: ${scorer.problem}`);
  return verdictWith(facts, completionOf(example), scorer).scores[type] ?? { value: null };
}

function completionOf({ answer, calls, finish_reason }: Example): Completion {
  return answered(answer ?? "", {
    toolCalls: (calls ?? []).map((call) => ({
      id: null,
      name: call.name,
      arguments: JSON.stringify(call.arguments),
    })),
    finishReason: finish_reason ?? "stop",
    finishReasonRaw: null,
  });
}

/** The page of a type with its tables made again; the text around them stays. */
export function pageOf(type: string, before: string): string {
  const tables = { options: optionsTable(type), examples: examplesTable(type) };
  const page = before === "" ? blankPage(type) : before;
  return Object.entries(tables).reduce(
    (text, [name, table]) =>
      text.replace(
        new RegExp(`<!-- ${name} -->[\\s\\S]*?<!-- end -->`),
        () => `<!-- ${name} -->\n${table}<!-- end -->`,
      ),
    page,
  );
}

function blankPage(type: string): string {
  const { about = "" } = scorerTypes[type] ?? {};
  const title = `# ${type}\n\n${about.charAt(0).toUpperCase()}${about.slice(1)}.\n\n`;
  const options = "<!-- options -->\n<!-- end -->\n";
  if (examplesOf(type).length === 0) return `${title}${options}`;
  return `${title}${options}\n## Examples\n\n<!-- examples -->\n<!-- end -->\n`;
}

function optionsTable(type: string): string {
  const schema = scorerTypes[type]?.options;
  const json: z.core.JSONSchema.BaseSchema = schema === undefined ? {} : z.toJSONSchema(schema);
  const required = new Set(json.required ?? []);
  const lines = Object.entries(json.properties ?? {}).map(([name, option]) => {
    const { description = "" } = option as { readonly description?: string };
    return `| \`${name}\`${required.has(name) ? " (needed)" : ""} | ${cell(description)} |`;
  });
  return `| option | what |\n|---|---|\n${lines.join("\n")}\n`;
}

function examplesTable(type: string): string {
  const lines = examplesOf(type).map((example) => {
    const { value, reason } = scoreExample(type, example);
    const said = `${value === null ? "–" : Math.round(value * 1e3) / 1e3}${reason === undefined ? "" : `, ${reason}`}`;
    return `| ${code(flow(example.options))} | ${given(example)} | ${cell(said)} |`;
  });
  return `| options | answer | value |\n|---|---|---|\n${lines.join("\n")}\n`;
}

function given(example: Example): string {
  const { answer, calls, finish_reason, tokens, latency_ms, cost } = example;
  const facts = [
    ...(answer === undefined ? [] : [code(JSON.stringify(answer).slice(1, -1).replaceAll('\\"', '"'))]),
    ...(calls ?? []).map((call) => code(`${call.name}(${JSON.stringify(call.arguments)})`)),
    ...(finish_reason === undefined ? [] : [`ends with ${code(finish_reason)}`]),
    ...(tokens === undefined ? [] : [`${tokens} tokens`]),
    ...(latency_ms === undefined ? [] : [`${latency_ms} ms`]),
    ...(cost === undefined ? [] : [`${cost.amount} ${cost.currency}`]),
  ];
  return facts.length === 0 ? "not known" : facts.join(", ");
}

/** Options as they stand in a matrix, on one line. */
function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(", ")}]`;
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).map(([key, member]) => `${key}: ${flow(member)}`);
    return entries.length === 0 ? "{}" : `{ ${entries.join(", ")} }`;
  }
  if (typeof value !== "string") return JSON.stringify(value);
  return /^[\p{L}][\p{L}\p{N} _-]*$/u.test(value) && !/^(yes|no|true|false|null|on|off)$/i.test(value)
    ? value
    : `'${value.replaceAll("'", "''")}'`;
}

function code(text: string): string {
  if (text === "") return "(empty)";
  const escaped = text.replaceAll("|", "\\|");
  return text.includes("`") ? `\`\` ${escaped} \`\`` : `\`${escaped}\``;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}
