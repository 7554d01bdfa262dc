import fc from "fast-check";
import { expect, it } from "vitest";
import { type Linked, LinkedList } from "../../src/system/linked-list.ts";

class Item implements Linked<Item> {
  previous: Item | null = null;
  next: Item | null = null;
}

it("is a set in the order of adding, whatever comes and goes", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), fc.nat(9))), (steps) => {
      const items = Array.from({ length: 10 }, () => new Item());
      const list = new LinkedList<Item>();
      const model = new Set<Item>();
      for (const [isAdd, which] of steps) {
        const item = items[which] as Item;
        if (!isAdd) expect(list.delete(item)).toBe(model.delete(item));
        else if (!model.has(item)) {
          list.add(item);
          model.add(item);
        }
        expect([...list]).toEqual([...model]);
        expect([list.size, list.first]).toEqual([model.size, [...model][0] ?? null]);
      }
      for (const item of list) list.delete(item);
      expect([list.size, items.every(({ previous, next }) => previous === null && next === null)]).toEqual([
        0,
        true,
      ]);
      for (const item of items) list.add(item);
      list.clear();
      expect([list.size, list.first]).toEqual([0, null]);
    }),
  );
});
