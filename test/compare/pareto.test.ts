import { describe, expect, test } from "vitest";
import { type ParetoInput, paretoSet } from "../../src/compare/pareto.ts";

function variant(
  name: string,
  value: number | null,
  cost: number | null,
  latency: number | null,
  { currency = "CNY", n = 10 }: { readonly currency?: string; readonly n?: number } = {},
): ParetoInput {
  return {
    variant_id: name,
    variant: `model=${name}`,
    quality: { value, low: value === null ? null : value - 0.1, high: null, n },
    cost,
    currency: cost === null ? null : currency,
    latency_ms: latency,
  };
}

function summed(list: readonly ParetoInput[]): unknown {
  const set = paretoSet("pass_rate", list);
  if (set === null) return null;
  return {
    metrics: set.metrics,
    unbeaten: set.variants.map(({ variant_id }) => variant_id),
    out: set.left_out.map(({ variant_id, reason }) => `${variant_id}: ${reason}`),
  };
}

const all = ["pass_rate", "cost_per_request", "latency_ms.p50"];

describe("unbeaten variants", () => {
  test("are good, cheap or fast; what another one beats in one and equals in the rest is not among them", () => {
    const list = [
      variant("good", 0.9, 0.01, 900),
      variant("cheap", 0.7, 0.001, 900),
      variant("fast", 0.7, 0.01, 200),
      variant("dear", 0.9, 0.02, 900),
      variant("like good", 0.9, 0.01, 900),
    ];
    expect(summed(list)).toEqual({ metrics: all, unbeaten: ["good", "cheap", "fast", "like good"], out: [] });
    expect(paretoSet("pass_rate", list)?.variants[0]).toEqual({
      variant_id: "good",
      variant: "model=good",
      quality: 0.9,
      quality_low: 0.8,
      quality_high: null,
      cost: 0.01,
      currency: "CNY",
      latency_ms: 900,
    });
  });

  test("leave out whose cost is unknown, what was not scored, and what has too few rows", () => {
    const list = [
      variant("a", 0.9, 0.01, 900),
      variant("b", 0.5, 0.01, 900),
      variant("unpriced", 1, null, 100),
      variant("unscored", null, 0.01, 100, { n: 0 }),
      variant("few", 1, 0.01, 100, { n: 4 }),
    ];
    expect(summed(list)).toEqual({
      metrics: all,
      unbeaten: ["a"],
      out: [
        "unpriced: its cost is unknown",
        "unscored: no answer was scored",
        "few: only 4 of 10 rows were scored",
      ],
    });
  });

  test("of several currencies are a set for each", () => {
    const dollars = { currency: "USD" };
    const list = [
      variant("a", 0.9, 5, 900),
      variant("b", 0.5, 0.001, 900, dollars),
      variant("c", 0.5, 0.002, 900, dollars),
    ];
    expect(summed(list)).toMatchObject({ unbeaten: ["a", "b"] });
  });

  test("go by quality and latency where no price is known, and by quality and cost where answers are reused", () => {
    expect(summed([variant("a", 0.9, null, 900), variant("b", 0.9, null, 800)])).toEqual({
      metrics: ["pass_rate", "latency_ms.p50"],
      unbeaten: ["b"],
      out: [],
    });
    const reused = [variant("a", 0.9, 0.01, null), variant("b", 0.9, 0.02, 1)];
    expect(summed(reused)).toEqual({ metrics: ["pass_rate", "cost_per_request"], unbeaten: ["a"], out: [] });
    expect(paretoSet("pass_rate", reused)?.variants[0]?.latency_ms).toBeNull();
  });

  test("are none for one variant, without quality, and by quality alone", () => {
    expect(summed([variant("a", 0.9, 0.01, 900)])).toBeNull();
    expect(summed([variant("a", 0.9, 0.01, 900), variant("b", 0.9, null, 900)])).toBeNull();
    expect(summed([variant("a", null, 0.01, 900), variant("b", null, 0.01, 900)])).toBeNull();
    expect(summed([variant("a", 0.9, null, null), variant("b", 0.8, null, null)])).toBeNull();
  });
});
