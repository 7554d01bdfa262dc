import { describe, expect, it } from "vitest";
import { placeAt, placeOfWord } from "../../src/diagnostics/excerpt.ts";

const excerpt = {
  place: { file: "m.yaml", line: 4, column: 5 },
  text: "stop: [a, stop]\r\n    model: sim/stop-it\n  n: 10",
};

describe("placeAt", () => {
  it("counts from the place of the excerpt on its first line, and from the margin on later ones", () => {
    expect(placeAt(excerpt, 7, 1)).toEqual({ file: "m.yaml", line: 4, column: 12, length: 1 });
    expect(placeAt(excerpt, excerpt.text.indexOf("model"), 5)).toEqual({
      file: "m.yaml",
      line: 5,
      column: 5,
      length: 5,
    });
  });

  it("ends a length with the line", () => {
    expect(placeAt(excerpt, 10, 99).length).toBe(5);
  });
});

describe("placeOfWord", () => {
  it("finds whole words only, in the first excerpt that holds one", () => {
    expect(placeOfWord([excerpt], "it")).toBeNull();
    expect(placeOfWord([excerpt], "1")).toBeNull();
    expect(placeOfWord([excerpt], "10")).toMatchObject({ line: 6, column: 6, length: 2 });
    expect(placeOfWord([], "10")).toBeNull();
  });

  it("takes signs of patterns as they are", () => {
    const text = "model: a+b(c)";
    expect(placeOfWord([{ place: { file: "f", line: 1, column: 1 }, text }], "a+b(c)")?.column).toBe(8);
  });
});
