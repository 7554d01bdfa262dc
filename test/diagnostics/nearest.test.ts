import { describe, expect, it } from "vitest";
import { nearest } from "../../src/diagnostics/nearest.ts";

const keys = ["provider", "providers", "prompts", "parameters", "temperature", "top_p", "n"];

describe("nearest", () => {
  it.each([
    ["temprature", "temperature"],
    ["tempreature", "temperature"],
    ["promtps", "prompts"],
    ["Temperature", "temperature"],
    ["PROMPTS", "prompts"],
    ["topp", "top_p"],
    ["provder", "provider"],
    ["m", "n"],
  ])("finds what `%s` meant: `%s`", (word, meant) => {
    expect(nearest(word, keys)).toBe(meant);
  });

  it.each(["colour", "x", "", "temp", "parameters of it"])("finds nothing for `%s`", (word) => {
    expect(nearest(word, word === "x" ? ["prompts"] : keys.filter((key) => key !== "n"))).toBeNull();
  });

  it("never suggests the word itself", () => {
    expect(nearest("prompts", ["prompts"])).toBeNull();
    expect(nearest("prompts", ["prompts", "prompt"])).toBe("prompt");
  });

  it("takes the first of equally near ones", () => {
    expect(nearest("cat", ["bat", "hat"])).toBe("bat");
  });

  it("counts a swap of neighbours as one slip, and more slips than a third of the letters as another word", () => {
    expect(nearest("ab", ["ba"])).toBe("ba");
    expect(nearest("abcdef", ["badcfe"])).toBeNull();
  });
});
