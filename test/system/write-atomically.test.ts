import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AtomicFile } from "../../src/system/write-atomically.ts";
import { tempFolder } from "../support/temp-folder.ts";

describe("a file that appears whole", () => {
  test("holds all text in order, whatever its characters and however it was cut into writes", () => {
    const path = join(tempFolder(), "out.txt");
    const piece = fc.oneof(
      fc.string({ unit: "grapheme", maxLength: 40 }),
      fc.constantFrom("", "深度求索", "😀", "a".repeat(100_000), "é".repeat(131_072), "漢".repeat(300_000)),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), fc.array(fc.boolean()), (pieces, asBytes) => {
        const file = new AtomicFile(path);
        pieces.forEach((text, i) => {
          if (asBytes[i] === true) file.writeBytes(Buffer.from(text));
          else file.write(text);
        });
        file.commit();
        expect(readFileSync(path, "utf8") === pieces.join("")).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  test("is not there before it is whole, and discarding leaves nothing", () => {
    const folder = tempFolder({ "out.txt": "before" });
    const path = join(folder, "out.txt");
    const file = new AtomicFile(path);
    file.write("x".repeat(1_000_000));
    expect(readFileSync(path, "utf8")).toBe("before");
    file.discard();
    expect(readFileSync(path, "utf8")).toBe("before");
    expect(readdirSync(folder)).toEqual(["out.txt"]);
  });
});
