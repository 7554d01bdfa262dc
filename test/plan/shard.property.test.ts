import fc from "fast-check";
import { expect, it } from "vitest";
import { noBudget } from "../../src/config/budget.ts";
import type { RunConfig } from "../../src/config/run-config.ts";
import { limitAxes } from "../../src/outcome/limit-axis.ts";
import { readShard, ShardRequests, shardOf, shardText } from "../../src/plan/shard.ts";
import { withShare } from "../../src/run/shard-share.ts";
import { planFrom } from "../support/plan-from.ts";

const count = fc.integer({ min: 1, max: 20 });

it("every request is in exactly one shard, whatever else the plan has", () => {
  fc.assert(
    fc.property(
      count,
      fc.integer({ min: 1, max: 30 }),
      fc.integer({ min: 1, max: 30 }),
      (shards, rows, more) => {
        const rowsOf = (n: number): string => Array.from({ length: n }, (_, i) => `r${i},${i}`).join("\n");
        const matrix =
          "name: n\nprovider: simulator\ndataset: d.csv\nprompts: [{ id: p, user: '{{ a }}' }]\ngrid: { model: [m, n] }\ntrials: 2\n";
        const small = planFrom(matrix, { "d.csv": `id,a\n${rowsOf(rows)}\n` }).plan;
        const large = planFrom(matrix, { "d.csv": `id,a\n${rowsOf(rows + more)}\n` }).plan;
        const parts = Array.from({ length: shards }, (_, i) => ({ index: i + 1, count: shards }));
        const [ofSmall, ofLarge] = [small, large].map((plan) =>
          parts.map((part) => new ShardRequests(plan, part)),
        );
        for (let i = 0; i < small.length; i++) {
          const owners = ofSmall?.flatMap((part, k) => (part.has(i) ? [k + 1] : []));
          const { requestId, variant, row, trial } = small.request(i);
          const there = large.locate(variant.id, row.id, trial);
          expect(owners).toEqual([shardOf(requestId, shards)]);
          expect(ofLarge?.flatMap((part, k) => (part.has(there) ? [k + 1] : []))).toEqual(owners);
        }
        expect(ofSmall?.reduce((sum, part) => sum + part.count, 0)).toBe(small.length);
      },
    ),
    { numRuns: 30 },
  );
});

it("what is written reads back, and nothing else is a shard", () => {
  fc.assert(
    fc.property(count, count, (index, of) => {
      const text = shardText({ index, count: of });
      expect(readShard(text)).toEqual(index <= of ? { index, count: of } : null);
    }),
  );
  fc.assert(
    fc.property(fc.string(), (text) => {
      const shard = readShard(text);
      if (shard !== null) expect(text.replace(/\s/g, "").replace(/\b0+(?=\d)/g, "")).toBe(shardText(shard));
    }),
  );
});

it("the parts of a budget and of limits are together what is stated", () => {
  const amounts = fc.integer({ min: 1, max: 1_000_000 });
  fc.assert(
    fc.property(count, amounts, amounts, amounts, (shards, requests, tokens, rpm) => {
      const none = Object.fromEntries(limitAxes.map((axis) => [axis, null]));
      const config = {
        limits: {
          ...none,
          rpm,
          concurrency: 64,
          strict: false,
          models: { "a/*": { tpm: tokens } },
          providers: {},
        },
        budget: { ...noBudget, cost: [{ amount: 5, currency: "CNY" }], requests, tokens, timeMs: 1_000 },
      } as unknown as RunConfig;
      const parts = Array.from({ length: shards }, (_, i) =>
        withShare(config, { index: i + 1, count: shards, limit_share: 1 / shards }),
      );
      const sum = (of: (part: RunConfig) => number | null | undefined): number =>
        parts.reduce((total, part) => total + (of(part) ?? 0), 0);
      expect(sum(({ budget }) => budget.requests)).toBe(requests);
      expect(sum(({ budget }) => budget.tokens)).toBe(tokens);
      expect(sum(({ budget }) => budget.cost[0]?.amount)).toBeCloseTo(5, 9);
      expect(sum(({ limits }) => limits.rpm)).toBeCloseTo(rpm, 5);
      expect(sum(({ limits }) => limits.models["a/*"]?.tpm)).toBeCloseTo(tokens, 5);
      for (const { limits, budget } of parts) {
        expect(limits.concurrency).toBe(Math.max(1, Math.floor(64 / shards)));
        expect([limits.tpm, budget.timeMs]).toEqual([null, 1_000]);
      }
    }),
  );
});
