import { describe, expect, it } from "vitest";
import type { WireGroup } from "./row.ts";

/** Makes a test of each row of a group. */
export function check(group: WireGroup): void {
  describe(group.title, () => {
    it("has no two rows of one name", () => {
      const names = group.rows.map(({ name }) => name);
      expect(names).toEqual([...new Set(names)]);
    });
    it.each(group.rows.filter(({ todo }) => todo === undefined))("$name", (row) => row.check());
    for (const row of group.rows) {
      if (row.todo !== undefined) it.fails(`${row.name}: ${row.todo}`, () => row.check());
    }
  });
}
