import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { permutation, seededRandom, shuffleInPlace } from "../../src/system/seeded-random.ts";

const seed = fc.oneof(fc.integer(), fc.string());

describe("seededRandom", () => {
  it("gives the same numbers in [0, 1) for the same seed", () => {
    fc.assert(
      fc.property(seed, (value) => {
        const [a, b] = [seededRandom(value), seededRandom(value)];
        for (let i = 0; i < 50; i++) {
          const x = a();
          expect(x).toBe(b());
          expect(x >= 0 && x < 1).toBe(true);
        }
      }),
    );
  });

  it("gives these numbers, on every machine and in every version", () => {
    const random = seededRandom(7);
    expect([random(), random(), random()]).toMatchInlineSnapshot(`
      [
        0.9684413167884633,
        0.09119004018002697,
        0.21246140432966032,
      ]
    `);
    expect([...permutation(12, "promptgrid")]).toMatchInlineSnapshot(`
      [
        4,
        9,
        2,
        1,
        8,
        6,
        11,
        5,
        3,
        7,
        10,
        0,
      ]
    `);
  });

  it("spreads over the unit interval: mean 1/2 and 16 equal classes, by chi-squared", () => {
    const random = seededRandom("spread");
    const n = 160_000;
    const classes = new Array<number>(16).fill(0);
    let sum = 0;
    for (let i = 0; i < n; i++) {
      const x = random();
      sum += x;
      const k = Math.floor(x * 16);
      classes[k] = (classes[k] ?? 0) + 1;
    }
    const expected = n / 16;
    const chiSquared = classes.reduce((total, count) => total + (count - expected) ** 2 / expected, 0);
    // 15 degrees of freedom: 44.3 is passed once in ten thousand seeds. The mean's deviation is 1/sqrt(12 n).
    expect(chiSquared).toBeLessThan(44.3);
    expect(Math.abs(sum / n - 0.5)).toBeLessThan(4 / Math.sqrt(12 * n));
  });
});

describe("permutation", () => {
  it("holds every number once, in an order that the seed decides", () => {
    fc.assert(
      fc.property(fc.nat({ max: 300 }), seed, (n, value) => {
        const order = permutation(n, value);
        expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
        expect(permutation(n, value)).toEqual(order);
      }),
    );
  });

  it("differs between seeds", () => {
    const orders = new Set(Array.from({ length: 200 }, (_, i) => permutation(30, i).join()));
    expect(orders.size).toBe(200);
  });

  it("makes all orders of four equally likely, by chi-squared", () => {
    const random = seededRandom("orders");
    const counts = new Map<string, number>();
    const n = 48_000;
    for (let i = 0; i < n; i++) {
      const items = ["a", "b", "c", "d"];
      shuffleInPlace(items, random);
      counts.set(items.join(""), (counts.get(items.join("")) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    const expected = n / 24;
    const chiSquared = [...counts.values()].reduce(
      (total, count) => total + (count - expected) ** 2 / expected,
      0,
    );
    // 23 degrees of freedom: 56.6 is passed once in ten thousand seeds.
    expect(chiSquared).toBeLessThan(56.6);
  });
});
