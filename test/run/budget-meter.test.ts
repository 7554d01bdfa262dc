import { describe, expect, it } from "vitest";
import { noOverrides } from "../../src/config/overrides.ts";
import type { Price } from "../../src/cost/price.ts";
import type { TokenCounter } from "../../src/cost/token-counter.ts";
import type { AttemptRecord } from "../../src/journal/record.ts";
import { BudgetMeter } from "../../src/run/budget-meter.ts";
import { type Prepared, prepare } from "../../src/run/prepare.ts";
import type { BudgetAxis } from "../../src/schedule/budget.ts";
import { DiskFiles } from "../../src/system/input-files.ts";
import { tempFolder } from "../support/temp-folder.ts";

const axes: readonly BudgetAxis[] = ["requests", "tokens", "CNY", "USD"].map((name) => ({
  name,
  limit: 1e9,
}));

/** Counts 100 for every request. */
const counter: TokenCounter = { text: () => 100, request: () => 100 };

function preparedWith(parameters: string, currency: string | null = "CNY"): Prepared {
  const folder = tempFolder({
    "m.yaml": `providers: { p: { base_url: "http://127.0.0.1:1/v1" } }
provider: p
prompts: [{ user: Hello }]
grid: { model: m }
parameters: ${parameters}
`,
  });
  const { prepared } = prepare("m.yaml", noOverrides, new DiskFiles(folder));
  if (prepared === null) throw new Error("the matrix is right");
  const price: Price | null =
    currency === null
      ? null
      : {
          provider: "p",
          model: "m",
          currency,
          tiers: [
            { upTo: 105, input: 1, output: 2, cachedInput: 0.1 },
            { upTo: null, input: 3, output: 10, cachedInput: null },
          ],
          batchDiscount: null,
          contextTokens: null,
          asOf: "2026-01-01",
          source: "a test",
        };
  return { ...prepared, prices: { find: () => price } };
}

function record(more: Partial<AttemptRecord>): AttemptRecord {
  return {
    v: 1,
    kind: "attempt",
    request_id: "",
    variant_id: "",
    row_id: "-",
    trial: 0,
    attempt: 1,
    body_id: "",
    status: "ok",
    started_at: "",
    queued_ms: 0,
    latency_ms: 0,
    ttft_ms: null,
    total_ms: 0,
    http_status: 200,
    trace_id: null,
    ...more,
  };
}

function usage(
  prompt: number,
  completion: number,
  cached: number | null = null,
): NonNullable<AttemptRecord["usage"]> {
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    reasoning_tokens: null,
    cached_tokens: cached,
    total_tokens: prompt + completion,
  };
}

function failure(maybeBilled: boolean): Partial<AttemptRecord> {
  return {
    status: "failed",
    failure: { kind: "timeout", message: "", code: null, retryable: true, maybe_billed: maybeBilled },
  };
}

describe("what a request may use at worst", () => {
  it("is its counted prompt with 10 % more, n × (max_tokens + thinking_budget), and the dearest tier of that", () => {
    const prepared = preparedWith("{ max_tokens: 50, n: 2, enable_thinking: true, thinking_budget: 200 }");
    const { amounts } = new BudgetMeter(axes, counter).worst(prepared, prepared.plan.request(0));
    expect(amounts).toEqual([1, 110 + 500, (110 * 3 + 500 * 10) / 1e6, 0]);
  });

  it("is not known without max_tokens, nor without a price; attempts are", () => {
    const open = preparedWith("{}");
    const meter = new BudgetMeter(axes, counter);
    expect(meter.worst(open, open.plan.request(0)).amounts).toEqual([1, Number.NaN, Number.NaN, 0]);
    const unpriced = preparedWith("{ max_tokens: 5 }", null);
    expect(meter.worst(unpriced, unpriced.plan.request(0)).amounts).toEqual([1, 115, Number.NaN, Number.NaN]);
  });

  it("goes by the ratio that the model's own usage has on the whole, and never below our count with 10 % more", () => {
    const prepared = preparedWith("{ max_tokens: 50 }");
    const meter = new BudgetMeter(axes, counter);
    const request = prepared.plan.request(0);
    const tokens = (): number | undefined => meter.worst(prepared, request).amounts[1];
    meter.learn(prepared, request, record({ usage: usage(90, 1) }), 100);
    expect(tokens()).toBe(160);
    for (let i = 0; i < 9; i++) meter.learn(prepared, request, record({ usage: usage(190, 1) }), 100);
    // 1 800 for 1 000; the first of the longer ones was 36 above what was known by then.
    expect(tokens()).toBe(198 + 36 + 50);
  });

  it("is not blown up by one odd prompt, but by what it had more", () => {
    const prepared = preparedWith("{ max_tokens: 50 }");
    const meter = new BudgetMeter(axes, counter);
    const request = prepared.plan.request(0);
    for (let i = 0; i < 99; i++) meter.learn(prepared, request, record({ usage: usage(100, 1) }), 100);
    meter.learn(prepared, request, record({ usage: usage(600, 1) }), 100);
    const tokens = meter.worst(prepared, request).amounts[1] ?? Number.NaN;
    expect(tokens).toBeGreaterThan(600);
    expect(tokens).toBeLessThan(700);
  });

  it("knows prompts with images by themselves", () => {
    const prepared = preparedWith("{ max_tokens: 50 }");
    const meter = new BudgetMeter(axes, counter);
    const request = prepared.plan.request(0);
    const image = [{ role: "user", content: [{ type: "image_url", image_url: { url: "data:," } }] }];
    meter.learn(prepared, { ...request, messages: image }, record({ usage: usage(9_000, 1) }), 100);
    expect(meter.worst(prepared, request).amounts[1]).toBe(160);
    expect(meter.worst(prepared, { ...request, messages: image }).amounts[1]).toBeGreaterThan(9_000);
  });
});

describe("what an attempt used", () => {
  const prepared = (): Prepared => preparedWith("{ max_tokens: 50 }");
  const worst = [1, 160, 0.5, 0];
  const used = (one: Prepared, attempt: AttemptRecord): readonly number[] =>
    new BudgetMeter(axes, counter).used(one, one.plan.request(0).variant, attempt, () => worst);

  it("is its usage at the run's price, cached tokens cheaper", () => {
    expect(used(prepared(), record({ usage: usage(100, 20, 40) }))).toEqual([
      1,
      120,
      (60 * 1 + 40 * 0.1 + 20 * 2) / 1e6,
      0,
    ]);
  });

  it("is the worst case where an answer has no usage, or a failure may have been billed", () => {
    expect(used(prepared(), record({}))).toEqual(worst);
    expect(used(prepared(), record(failure(true)))).toEqual(worst);
  });

  it("is one attempt and nothing else where it was refused", () => {
    expect(used(prepared(), record(failure(false)))).toEqual([1, 0, 0, 0]);
  });

  it("is the worst case of a failure that may have been billed, whatever it stated before it broke", () => {
    expect(used(prepared(), record({ ...failure(true), usage: usage(100, 10) }))[1]).toBe(160);
    expect(used(prepared(), record({ ...failure(true), usage: usage(100, 100) }))[1]).toBe(200);
    expect(used(prepared(), record({ ...failure(false), usage: usage(100, 10) }))[1]).toBe(110);
  });
});
