import { z } from "zod";
import { failureKinds } from "../outcome/failure.ts";
import type { MatrixFile } from "./matrix-file.ts";
import { priceFileSchema } from "./price-file.ts";
import { scorerItemSchema, scorerListSchema } from "./scorer-file.ts";

const text = z.string().min(1);
const positive = z.int().min(1);

const rate = z.number().positive().optional();
const limit = {
  concurrency: positive.optional().describe("requests in flight at once"),
  rpm: rate.describe("requests per minute"),
  rph: rate.describe("requests per hour, in any 60 minutes"),
  rpd: rate.describe("requests per day, in any 24 hours; the lane stops when they are used up"),
  tpm: rate.describe("tokens per minute, prompt and completion together"),
  tpd: rate.describe("tokens per day, in any 24 hours"),
  itpm: rate.describe("prompt tokens per minute, where a provider limits them by themselves"),
  otpm: rate.describe("completion tokens per minute, likewise"),
};

const provider = z
  .strictObject({
    preset: text
      .optional()
      .describe("row of the preset table to start from; without it the generic OpenAI-compatible row"),
    base_url: text
      .optional()
      .describe("up to and without `/chat/completions`; `${ENV}` is filled from the environment"),
    api_key_env: text
      .nullable()
      .optional()
      .describe("environment variable that holds the key; without it no key is sent"),
    headers: z.record(z.string(), z.string()).optional(),
    query: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
    models: z
      .record(z.string(), text)
      .optional()
      .describe("model names of this file → names on this endpoint"),
    ca_file: text.optional().describe("PEM file of a private certificate authority"),
    replay: text.optional().describe("recorded answers to serve (preset simulator)"),
    answers: text.optional().describe("right answers the simulated models know (preset simulator)"),
  })
  .describe("an endpoint of your own, or changes to a preset");

const prompt = z
  .strictObject({
    id: text.optional(),
    system: z.string().optional(),
    user: z.string().optional(),
    messages: z
      .union([z.array(z.unknown()), z.string()])
      .optional()
      .describe("a message list; an item that is one placeholder is spliced in"),
    file: text
      .optional()
      .describe(".md/.txt: one user message, byte for byte; .yaml/.json: a message list; globs"),
    raw: z.boolean().optional().describe("true turns templating off"),
    scorers: scorerListSchema
      .optional()
      .describe(
        "what is asked of this prompt's answers, too; one of the same `id` takes the place of the matrix's",
      ),
  })
  .describe("one prompt: `system`/`user`, `messages`, or `file`");

const dataset = z.strictObject({
  path: text,
  limit: positive.optional().describe("rows at most"),
  offset: z.int().min(0).optional().describe("rows to leave out at the start"),
  shuffle_seed: z.int().optional(),
  id_column: text.optional(),
  cluster_column: text.optional(),
  json_columns: z.array(text).optional(),
  file_columns: z.array(text).optional(),
});

const grid = z
  .record(z.string(), z.unknown())
  .describe(
    "axes, each a list of values, crossed in the order written; `exclude` and `include` as in GitHub Actions",
  );

const duration = z
  .union([z.string().regex(/^\d+(\.\d+)?(ms|s|m|h)$/), z.number().min(0), z.null()])
  .describe("`500ms`, `10s`, `2m`; a bare number is seconds; null is no limit");

const connectLimit = z
  .union([z.string().regex(/^\d+(\.\d+)?(ms|s|m|h)$/), z.number().min(0)])
  .describe("`500ms`, `10s`, `2m`; a bare number is seconds");

const countText = z.union([positive, text]);
const money = z.union([z.number().min(0), text]);

const budget = z
  .strictObject({
    cost: z
      .union([money, z.array(money).min(1)])
      .optional()
      .describe("money that may be spent: `5 CNY`, or a list with one amount for each currency"),
    requests: countText.optional().describe("attempts that may be sent"),
    tokens: countText.optional().describe("prompt and completion tokens together"),
    time: z
      .union([z.number().positive(), text])
      .optional()
      .describe("`90s`, `30m`, `2h`; a bare number is seconds; all sessions of a run together"),
  })
  .describe("what the run may use in all: a request whose worst case does not fit is not sent");

const limitValue = z.union([z.number().min(0), text]);
const selector = z.union([z.record(z.string(), z.unknown()), text]);

const gate = z
  .strictObject({
    id: text.optional().describe("names the gate in reports; by default its own words"),
    metric: text.describe(
      "`pass_rate`, `scores.ID`, `failure_rate`, `latency_ms.p50`, `completion_tokens.mean`, `cost`, …",
    ),
    min: limitValue.optional().describe("the value must be at least this"),
    max: limitValue.optional().describe("the value must be at most this; times in milliseconds, or `2s`"),
    max_drop: limitValue
      .optional()
      .describe("the drop that is too much: `0.05`, `5%` and `5pt` are 5 points of a share"),
    max_increase: limitValue
      .optional()
      .describe("the increase that is too much, as a share of the base: `20%`"),
    against: selector
      .optional()
      .describe("a variant of this run to compare with, such as `{ prompt: v1 }`; without it the baseline"),
    variants: selector.optional().describe("the variants that are judged; without it every one"),
    per: z
      .enum(["variant", "run"])
      .optional()
      .describe("`variant`: each for itself (default); `run`: all of them together, row by row"),
    by: text.optional().describe("a dataset column: every value of it is judged for itself"),
    max_missing: limitValue
      .optional()
      .describe("share of requests that may be missing before the verdict is `invalid`; default 2%"),
    missing: z
      .array(z.enum(failureKinds))
      .optional()
      .describe(
        "failures that count as missing, not as not passed: `content_filtered`, `context_overflow`, `invalid_request`",
      ),
    vary: z
      .union([text, z.array(text).min(1)])
      .optional()
      .describe("keys in which the run and its baseline may differ, such as `model`"),
  })
  .describe("what a run must keep: a metric, and one of `min`, `max`, `max_drop`, `max_increase`");

/** The matrix file. Without transforms, so that the JSON Schema for editors is made from it. */
export const matrixFileSchema: z.ZodType<MatrixFile> = z.strictObject({
  name: text.optional().describe("names the run directory"),
  description: z.string().optional(),
  provider: text.optional().describe("a preset, or a key of `providers`; default siliconflow"),
  providers: z.record(z.string(), provider).optional(),
  prompts: z.union([text, z.array(prompt).min(1)]).describe("the prompts, or the path of a CSV matrix"),
  dataset: z
    .union([text, dataset])
    .optional()
    .describe("rows that fill the prompts: csv, tsv, jsonl, json, yaml"),
  grid: z.union([grid, z.array(grid).min(1)]).optional(),
  grid_sample: z.strictObject({ n: positive, seed: z.int().optional() }).optional(),
  parameters: z.record(z.string(), z.unknown()).optional().describe("sent with every request, as written"),
  stream: z.boolean().optional().describe("default true"),
  trials: positive.optional().describe("answers wanted for each request; default 1"),
  limits: z
    .strictObject({
      ...limit,
      strict: z
        .boolean()
        .optional()
        .describe("reserve the 95th percentile of an answer's tokens instead of the mean; default false"),
      models: z
        .record(z.string(), z.strictObject(limit))
        .optional()
        .describe("by model name, `*` for any run of characters"),
      providers: z.record(z.string(), z.strictObject(limit)).optional(),
    })
    .optional(),
  timeouts: z
    .strictObject({
      connect: connectLimit.optional(),
      first_token: duration.optional(),
      idle: duration.optional(),
      total: duration.optional(),
    })
    .optional(),
  retry: z
    .strictObject({ attempts: positive.optional().describe("attempts for a request in all; default 6") })
    .optional(),
  max_failed: z
    .union([z.string().regex(/^\d+(\.\d+)?%$/), z.number().min(0)])
    .optional()
    .describe(
      "more failed requests than this (a count, or a share such as 2%) and the run exits 3; default 2%",
    ),
  budget: budget.optional(),
  prices: z
    .union([text, z.array(z.union([text, priceFileSchema])).min(1)])
    .optional()
    .describe(
      "what models cost: entries, or a file of them (YAML, JSON, CSV, a models.dev or LiteLLM export); they go before the shipped prices",
    ),
  scorers: scorerListSchema
    .optional()
    .describe("what is asked of every answer; an item may be one placeholder of a column that holds scorers"),
  baseline: text
    .optional()
    .describe("an earlier run, or the file saved from one, that `max_drop` and `max_increase` compare with"),
  gates: z.array(gate).optional().describe("what a run must keep to be good"),
  confirm: z
    .strictObject({ trials: positive.describe("more answers for each row of a suspected regression") })
    .optional()
    .describe("asks suspected regressions again before they count"),
});

/** The published JSON Schema of the matrix file (draft 2020-12). */
export function matrixJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(matrixFileSchema, { target: "draft-2020-12" });
  return { $schema: schema.$schema, title: "promptgrid matrix", ...schema };
}

/** The published schema, in which scorers are told apart by their type, with the options of each. */
export function editorSchema(): Record<string, unknown> {
  const withTypes = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(withTypes);
    if (typeof node !== "object" || node === null) return node;
    return Object.fromEntries(
      Object.entries(node).map(([key, value]) => [
        key,
        key === "scorers" && isArraySchema(value)
          ? { ...value, items: { $ref: "#/$defs/scorer" } }
          : withTypes(value),
      ]),
    );
  };
  const schema = withTypes(matrixJsonSchema()) as Record<string, unknown>;
  return { ...schema, $defs: { scorer: scorerItemSchema() } };
}

function isArraySchema(node: unknown): node is object {
  return typeof node === "object" && node !== null && (node as { type?: unknown }).type === "array";
}
