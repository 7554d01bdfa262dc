import { describe, expect, it } from "vitest";
import { RecentMap } from "../../src/cost/recent-map.ts";

describe("the map of recent entries", () => {
  it("keeps what is asked for, and forgets the rest", () => {
    const map = new RecentMap<number>(10);
    map.set("template", 1, 1);
    for (let i = 0; i < 100; i++) {
      map.set(`row ${i}`, i, 1);
      expect(map.get("template")).toBe(1);
    }
    expect(map.get("row 0")).toBeUndefined();
    expect(map.get("row 99")).toBe(99);
  });

  it("never holds more than twice its capacity", () => {
    const map = new RecentMap<number>(10);
    const names = Array.from({ length: 50 }, (_, i) => `row ${i}`);
    for (const name of names) map.set(name, 1, 3);
    // Reading would move entries: those that are left are counted in one pass over copies of the names.
    const left = names.filter((name) => map.get(name) !== undefined);
    expect(left.length).toBeGreaterThan(0);
    expect(left.length * 3).toBeLessThanOrEqual(20);
  });

  it("does not take an entry that is heavier than all it may hold", () => {
    const map = new RecentMap<number>(10);
    map.set("small", 1, 1);
    map.set("large", 2, 11);
    expect(map.get("large")).toBeUndefined();
    expect(map.get("small")).toBe(1);
  });
});
