import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { beats, type ParetoInput, type ParetoVariant, paretoSet } from "../../src/compare/pareto.ts";

const level = fc.integer({ min: 0, max: 4 });

/** Few levels, so that there are ties; some variants lack something. */
const variants: fc.Arbitrary<readonly ParetoInput[]> = fc
  .array(
    fc.record({
      quality: level,
      n: fc.constantFrom(0, 3, 10),
      cost: fc.option(level, { freq: 5 }),
      currency: fc.constantFrom("CNY", "USD"),
      latency: fc.option(level, { freq: 20 }),
    }),
    { maxLength: 8 },
  )
  .map((list) =>
    list.map(({ quality, n, cost, currency, latency }, i) => ({
      variant_id: `v${i}`,
      variant: `variant ${i}`,
      quality: n === 0 ? null : { value: quality / 4, low: null, high: null, n },
      cost: cost === null ? null : cost / 1_000,
      currency: cost === null ? null : currency,
      latency_ms: latency === null ? null : latency * 100,
    })),
  );

/** The variant as it was compared: only by what the set says that it went by. */
function compared(one: ParetoInput, metrics: readonly string[]): ParetoVariant {
  const { variant_id, variant, quality, cost, currency, latency_ms } = one;
  return {
    variant_id,
    variant,
    quality: quality?.value ?? Number.NaN,
    quality_low: null,
    quality_high: null,
    cost,
    currency,
    latency_ms: metrics.includes("latency_ms.p50") ? latency_ms : null,
  };
}

describe("the set of unbeaten variants", () => {
  test("has no member that another variant beats, and each other variant is beaten by a member or left out", () => {
    fc.assert(
      fc.property(variants, (list) => {
        const set = paretoSet("pass_rate", list);
        if (set === null) return;
        const isMember = (id: string): boolean => set.variants.some(({ variant_id }) => variant_id === id);
        const isOut = (id: string): boolean => set.left_out.some(({ variant_id }) => variant_id === id);
        const inside = list
          .filter(({ variant_id }) => !isOut(variant_id))
          .map((one) => compared(one, set.metrics));
        for (const one of inside) {
          const better = inside.filter((other) => beats(other, one)).map(({ variant_id }) => variant_id);
          if (isMember(one.variant_id)) expect(better).toEqual([]);
          else expect(better.some(isMember)).toBe(true);
        }
        expect(set.variants.some(({ variant_id }) => isOut(variant_id))).toBe(false);
        expect(set.variants.length).toBeGreaterThan(0);
      }),
    );
  });

  test("does not depend on the order of the variants", () => {
    const shuffled = variants.chain((list) =>
      fc.tuple(fc.constant(list), fc.shuffledSubarray([...list], { minLength: list.length })),
    );
    const names = (list: readonly ParetoInput[]): unknown => {
      const set = paretoSet("pass_rate", list);
      if (set === null) return null;
      return [
        set.metrics,
        set.variants.map((one) => one.variant_id).sort(),
        set.left_out.map((one) => one.variant_id).sort(),
      ];
    };
    fc.assert(
      fc.property(shuffled, ([list, other]) => {
        expect(names(other)).toEqual(names(list));
      }),
    );
  });

  test("keeps equal variants together", () => {
    fc.assert(
      fc.property(variants, (list) => {
        const twins = list.map((one) => ({ ...one, variant_id: `${one.variant_id} again` }));
        const once = paretoSet("pass_rate", list);
        if (once === null) return;
        const twice = paretoSet("pass_rate", [...list, ...twins]);
        const ids = once.variants.map(({ variant_id }) => variant_id);
        expect(twice?.variants.map(({ variant_id }) => variant_id)).toEqual([
          ...ids,
          ...ids.map((id) => `${id} again`),
        ]);
      }),
    );
  });
});
