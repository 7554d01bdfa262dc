import { describe, expect, it } from "vitest";
import { noOverrides } from "../../src/config/overrides.ts";
import type { Price } from "../../src/cost/price.ts";
import type { AttemptRecord } from "../../src/journal/record.ts";
import { JournalIndex } from "../../src/run/journal-index.ts";
import { lostAttempts } from "../../src/run/lost-attempts.ts";
import { type Prepared, prepare } from "../../src/run/prepare.ts";
import { DiskFiles } from "../../src/system/input-files.ts";
import { tempFolder } from "../support/temp-folder.ts";

/** Two models with two trials each: `dear` at 10 CNY per million tokens, `free`, and `unknown`. */
function prepared(): Prepared {
  const folder = tempFolder({
    "m.yaml": `providers: { p: { base_url: "http://127.0.0.1:1/v1" } }
provider: p
prompts: [{ user: Hello }]
grid: { model: [dear, free, unknown] }
trials: 2
`,
  });
  const found = prepare("m.yaml", noOverrides, new DiskFiles(folder)).prepared;
  if (found === null) throw new Error("the matrix is right");
  return { ...found, prices: { find: (_, model) => priceOf(model) } };
}

function priceOf(model: string): Price | null {
  if (model === "unknown") return null;
  const amount = model === "free" ? 0 : 10;
  return {
    provider: "p",
    model,
    currency: "CNY",
    tiers: [{ upTo: null, input: amount, output: amount, cachedInput: null }],
    batchDiscount: null,
    contextTokens: null,
    asOf: "2026-01-01",
    source: "a test",
  };
}

const usage = {
  prompt_tokens: 60,
  completion_tokens: 40,
  reasoning_tokens: null,
  cached_tokens: null,
  total_tokens: 100,
};

const broken = {
  kind: "truncated_stream",
  message: "cut",
  code: null,
  retryable: true,
  maybe_billed: true,
} as const;

/** An index that has read a failed attempt for each entry: its model, and what differs from a lost one. */
function indexOf(
  { plan }: Prepared,
  attempts: readonly (readonly [model: string, more?: Partial<AttemptRecord>])[],
): JournalIndex {
  const index = new JournalIndex(plan.length);
  attempts.forEach(([model, more], i) => {
    const variant = plan.variants.find(({ parameters }) => parameters.model === model);
    if (variant === undefined) throw new Error(`no ${model}`);
    const record: AttemptRecord = {
      v: 1,
      kind: "attempt",
      request_id: "",
      variant_id: variant.id,
      row_id: "-",
      trial: 0,
      attempt: 1,
      body_id: "",
      status: "failed",
      started_at: "",
      queued_ms: 0,
      latency_ms: 0,
      ttft_ms: null,
      total_ms: 0,
      http_status: 200,
      trace_id: null,
      ...(more?.status === "ok" ? {} : { failure: broken }),
      ...more,
    };
    index.note(variant.offset, record, i, 1);
  });
  return index;
}

function lostOf(run: Prepared, index: JournalIndex): Readonly<Record<string, unknown>> {
  const lost = lostAttempts(run, index);
  return Object.fromEntries(
    run.plan.variants.flatMap(({ id, parameters }) => {
      const found = lost.get(id);
      return found === undefined ? [] : [[String(parameters.model), found.summary()]];
    }),
  );
}

describe("attempts without an answer that may have been billed", () => {
  it("cost what the server stated before they broke; what it did not state is unknown, or free", () => {
    const run = prepared();
    const index = indexOf(run, [["dear", { usage }], ["dear"], ["free"], ["unknown", { usage }]]);
    expect(lostOf(run, index)).toEqual({
      dear: { attempts: 2, known: 1, cost: [{ currency: "CNY", amount: 0.001, complete: false }] },
      free: { attempts: 1, known: 0, cost: [{ currency: "CNY", amount: 0, complete: true }] },
      unknown: { attempts: 1, known: 1, cost: [] },
    });
  });

  it("are not those that cannot have been billed, nor those that another run made", () => {
    const run = prepared();
    const index = indexOf(run, [
      ["dear", { failure: { ...broken, maybe_billed: false } }],
      ["dear", { reused_from: "another" }],
    ]);
    expect(lostOf(run, index)).toEqual({});
  });

  it("stay lost when a later attempt brings the answer", () => {
    const run = prepared();
    const index = indexOf(run, [
      ["dear", { usage }],
      ["dear", { status: "ok", usage }],
    ]);
    expect(index.answeredCount).toBe(1);
    expect(lostOf(run, index)).toMatchObject({ dear: { attempts: 1, known: 1 } });
  });
});
