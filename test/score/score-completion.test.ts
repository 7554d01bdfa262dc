import { describe, expect, test } from "vitest";
import { commonScorerKeys, rawOptionKeys, scorerTypes } from "../../src/score/registry.ts";
import { answered, rendered, verdict } from "./scored.ts";

const yes = rendered("contains", { expected: "a" }, { id: "yes" });
const no = rendered("contains", { expected: "z" }, { id: "no" });
const broken = rendered("numeric", { expected: "" }, { id: "broken" });
const optional = rendered("contains", { expected: "z" }, { id: "optional", required: false });

describe("a completion's verdict", () => {
  test("passes when every required scorer says yes", () => {
    expect(verdict("abc", yes, optional)).toEqual({
      scores: { yes: { value: 1 }, optional: { value: 0, reason: "does not contain `z`" } },
      passed: true,
      failReason: null,
    });
  });

  test("fails with the reason of the first required scorer that says no", () => {
    const second = rendered("exact", { expected: "x" }, { id: "second" });
    expect(verdict("abc", optional, no, second)).toMatchObject({
      passed: false,
      failReason: "no: does not contain `z`",
    });
  });

  test("is unknown when a required scorer could not score, unless another one failed", () => {
    expect(verdict("abc", yes, broken)).toEqual({
      scores: { yes: { value: 1 }, broken: { value: null, reason: "`expected` is empty" } },
      passed: null,
      failReason: null,
    });
    expect(verdict("abc", broken, no)).toMatchObject({
      passed: false,
      failReason: "no: does not contain `z`",
    });
  });

  test("is unknown without a required scorer", () => {
    expect(verdict("abc", optional).passed).toBeNull();
    expect(verdict("abc")).toEqual({ scores: {}, passed: null, failReason: null });
  });

  test("negate turns the verdict and the value around, and leaves an unknown one alone", () => {
    const negated = { ...yes, spec: { ...yes.spec, negate: true } };
    expect(verdict("abc", negated)).toEqual({
      scores: { yes: { value: 0, reason: "contains holds, and must not" } },
      passed: false,
      failReason: "yes: contains holds, and must not",
    });
    expect(verdict("xyz", negated)).toEqual({
      scores: { yes: { value: 1 } },
      passed: true,
      failReason: null,
    });
    const unknown = { ...broken, spec: { ...broken.spec, negate: true } };
    expect(verdict("abc", unknown)).toMatchObject({ scores: { broken: { value: null } }, passed: null });
  });

  test("a threshold of 0 lets every known value pass", () => {
    const lenient = rendered("contains", { expected: "z" }, { threshold: 0 });
    expect(verdict("abc", lenient).passed).toBe(true);
  });

  test("the answer is judged, never the reasoning, unless the target says so", () => {
    const completion = answered("b", { reasoning: "a" });
    expect(verdict(completion, yes).passed).toBe(false);
    expect(verdict(completion, { ...yes, spec: { ...yes.spec, target: "reasoning" } }).passed).toBe(true);
  });

  test("an empty answer is said in the reason, with what came in its place", () => {
    const call = { id: null, name: "f", arguments: "{}" };
    const reason = (rest: Parameters<typeof answered>[1], content = ""): string | null =>
      verdict(answered(content, rest), no).failReason;
    expect(reason({ reasoning: "hm", finishReason: "length" })).toBe(
      "no: does not contain `z` (the answer is empty; the reasoning is not, and was cut at the token limit)",
    );
    expect(reason({ toolCalls: [call] })).toBe(
      "no: does not contain `z` (the answer is empty: it calls a tool)",
    );
    expect(reason({ refusal: "I cannot" })).toBe(
      "no: does not contain `z` (the answer is empty: the model refused)",
    );
    expect(reason({}, " \n")).toBe("no: does not contain `z` (the answer is empty)");
  });
});

describe("an answer that went into the reasoning", () => {
  const thought = answered("", { reasoning: "4", finishReason: "stop" });

  test("is not scored as an empty one, nor does an empty one fail to contain what it must not", () => {
    const found = verdict(thought, yes);
    expect(found.passed).toBeNull();
    expect(found.scores.yes).toEqual({ value: null, reason: "the answer is empty; the reasoning is not" });
    expect(verdict(thought, { ...no, spec: { ...no.spec, negate: true } }).passed).toBeNull();
  });

  test("is scored where the reasoning is the target, and as empty where the limit cut it", () => {
    const target = { ...rendered("exact", { expected: "4" }) };
    expect(verdict(thought, { ...target, spec: { ...target.spec, target: "reasoning" } }).passed).toBe(true);
    expect(verdict(answered("", { reasoning: "4", finishReason: "length" }), yes).passed).toBe(false);
  });
});

describe("the registry", () => {
  test("has no type with an option by the name of a common key", () => {
    expect(rawOptionKeys("exact")).toEqual(["expected", "ignore_case", "trim"]);
    expect(
      commonScorerKeys.filter((key) =>
        Object.keys(scorerTypes).some((type) => rawOptionKeys(type)?.includes(key)),
      ),
    ).toEqual([]);
  });

  test("has no type by the name of what every object inherits", () => {
    expect(rawOptionKeys("toString")).toBeNull();
    expect(scorerTypes.constructor).toBeUndefined();
  });
});
