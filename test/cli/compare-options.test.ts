import { describe, expect, test } from "vitest";
import yargs from "yargs";
import { compareFlags } from "../../src/cli/compare-flags.ts";
import { compareExit, compareOptions, flipsWanted } from "../../src/cli/compare-options.ts";
import { UsageError } from "../../src/errors.ts";

/** The flags as yargs reads them. */
function flagsOf(...words: readonly string[]): Readonly<Record<string, unknown>> {
  const parser = yargs([])
    .command("compare <base> [candidate]", "", (command) => compareFlags(command))
    .parserConfiguration({
      "duplicate-arguments-array": true,
      "parse-positional-numbers": false,
      "greedy-arrays": false,
    })
    .exitProcess(false);
  return parser.parseSync(["compare", ...words]);
}

const options = (...words: readonly string[]): ReturnType<typeof compareOptions> =>
  compareOptions(flagsOf(...words), "/home/me");

describe("compare's flags", () => {
  test("take two runs, and what may differ between them", () => {
    expect(options("a", "b", "--vary", "model,temperature", "--vary", "prompt", "--max-drop", "5%")).toEqual({
      workingDirectory: "/home/me",
      base: "a",
      candidate: "b",
      variants: null,
      axis: null,
      against: null,
      vary: ["model", "temperature", "prompt"],
      metrics: [],
      maxDrop: 0.05,
      by: null,
    });
  });

  test("take two variants of one run as they are written, commas and all", () => {
    const { variants, candidate } = options(
      "a",
      "--variants",
      "prompt=v1,model=X",
      "--variants",
      "prompt=v2,model=X",
    );
    expect(candidate).toBeNull();
    expect(variants).toEqual(["prompt=v1,model=X", "prompt=v2,model=X"]);
  });

  test("take an axis, one value of it, metrics and a column", () => {
    const read = options(
      "a",
      "--axis",
      "model",
      "--against",
      "X",
      "-m",
      "pass_rate,cost",
      "--by",
      "category",
    );
    expect(read).toMatchObject({
      axis: "model",
      against: "X",
      metrics: ["pass_rate", "cost"],
      by: "category",
      maxDrop: null,
    });
  });

  test.each([
    ["one run alone", ["a"], "cli/compare-one"],
    ["two runs with an axis", ["a", "b", "--axis", "model"], "cli/compare-two"],
    ["two runs with variants", ["a", "b", "--variants", "x", "--variants", "y"], "cli/compare-two"],
    ["one variant", ["a", "--variants", "x"], "cli/compare-variants"],
    [
      "three variants",
      ["a", "--variants", "x", "--variants", "y", "--variants", "z"],
      "cli/compare-variants",
    ],
    ["an axis and variants", ["a", "--axis", "model", "--variants", "x"], "cli/compare-both"],
    ["a value without its axis", ["a", "b", "--against", "X"], "cli/compare-against"],
    ["vary within one run", ["a", "--axis", "model", "--vary", "model"], "cli/compare-vary"],
    ["a drop that is none", ["a", "b", "--max-drop", "much"], "cli/share"],
  ])("refuse %s, with a hint", (_what, words, code) => {
    let thrown: unknown;
    try {
      options(...words);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(UsageError);
    expect(thrown).toMatchObject({ code, hint: expect.stringMatching(/\w/) });
  });

  test("count flips, or ask for all", () => {
    expect(flipsWanted(flagsOf("a", "b"))).toBe(10);
    expect(flipsWanted(flagsOf("a", "b", "--flips", "0"))).toBe(0);
    expect(flipsWanted(flagsOf("a", "b", "--flips", "all"))).toBe(Number.POSITIVE_INFINITY);
    expect(() => flipsWanted({ flips: "many" })).toThrow(UsageError);
    expect(() => flipsWanted({ flips: "-1" })).toThrow(UsageError);
  });
});

test("the exit code follows the verdict; strict minds an inconclusive one", () => {
  const codes = (["pass", "none", "inconclusive", "fail", "invalid"] as const).map((verdict) => [
    compareExit(verdict, false),
    compareExit(verdict, true),
  ]);
  expect(codes).toEqual([
    [0, 0],
    [0, 0],
    [0, 1],
    [1, 1],
    [3, 3],
  ]);
});
