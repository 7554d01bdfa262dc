import { describe, expect, test } from "vitest";
import { chosenLetter } from "../../src/score/choice-grammar.ts";
import { choiceSet } from "../../src/score/choice-options.ts";
import { rendered, scoreOf } from "./scored.ts";

const letters: readonly (readonly [answer: string, letter: string | null])[] = [
  ["B", "B"],
  ["b", "B"],
  ["(B)", "B"],
  ["(b)", "B"],
  ["B.", "B"],
  ["**B**", "B"],
  ["A", "A"],
  ["I", "I"],
  ["The answer is B", "B"],
  ["The answer is (B).", "B"],
  ["the answer is b.", "B"],
  ["Answer: (D)", "D"],
  ["Answer: **(D)** Paris", "D"],
  ["ANSWER: D", "D"],
  ["Ans: C", "C"],
  ["Answer - C", "C"],
  ["Answer:\n\nC", "C"],
  ["### Answer\nB", "B"],
  ["The correct option is B.", "B"],
  ["The best answer is therefore A because it fits.", "A"],
  ["The answer is option **C**: the river", "C"],
  ["The final answer is: $\\boxed{A}$", "A"],
  ["\\boxed{\\text{(C)}}", "C"],
  ["B is correct.", "B"],
  ["(A) is wrong because it is old.\n(C) is right.", "C"],
  ["I would go with (C).", "C"],
  ["I think it is B", "B"],
  ["it's C", "C"],
  ["答案：C", "C"],
  ["答案是（Ｂ）", "B"],
  ["【答案】B", "B"],
  ["正确答案为 D。", "D"],
  ["故选：B。", "B"],
  ["所以应该选择B", "B"],
  ["选项A错误，选项B正确，故选B", "B"],
  ["不选A，选B", "B"],
  ["A：星期一", "A"],
  ["B) Paris", "B"],
  ["B. Paris", "B"],
  ["A. Paris\nB. Rome\n\nB", "B"],
  ["Option A is tempting, but the answer is C.", "C"],
  ["The answer is A. Wait, no. The answer is B.", "B"],
  ["The answer is C, since A is too small.", "C"],
  ["Final answer: B\n\nOption A is wrong because it is old.", "B"],
  ["The answer is not B, it is C", "C"],
  ["My answer would be C, not D.", "C"],
  ["The answer is B, and A is wrong.", "B"],
  ["The answer is B or C. Actually the answer is B", "B"],
  ["A because it is red", "A"],
  ["", null],
  ["A dog is an animal.", null],
  ["I think so.", null],
  ["The answer is a cat.", null],
  ["Answer: A dog runs.", null],
  ["Answer: I'm not sure", null],
  ["The answer is A or B", null],
  ["Both B and C are plausible", null],
  ["A. Paris\nB. Rome\nC. Oslo", null],
  ["Let me think. U.S. policy.", null],
];

const texts: readonly (readonly [answer: string, letter: string | null, choices: readonly string[]])[] = [
  ["Paris", "A", ["Paris", "Rome"]],
  ["It is Rome, I believe.", "B", ["Paris", "Rome"]],
  ["Paris or Rome", null, ["Paris", "Rome"]],
  ["Paris is wrong. The answer is Rome.", "B", ["Paris", "Rome"]],
  ["A dark red one", "B", ["red", "dark red"]],
  ["120", null, ["12", "13"]],
  ["12", "A", ["12", "13"]],
  ["1.5", "B", ["5", "1.5"]],
  ["星期三", "C", ["星期一", "星期二", "星期三", "星期四", ""]],
  ["The answer is E", null, ["a1", "b1", "c1", "d1", ""]],
  ["(b)", "B", ["C++ (new)", "x|y"]],
  ["I use c++ (new).", "A", ["C++ (new)", "x|y"]],
];

describe("the letter an answer chooses", () => {
  test.each(letters)("%j chooses %s", (answer, letter) => {
    expect(chosenLetter(answer, choiceSet(undefined))).toBe(letter);
  });

  test.each(texts)("%j chooses %s of %j", (answer, letter, choices) => {
    expect(chosenLetter(answer, choiceSet(choices))).toBe(letter);
  });

  test("letters beyond the choices are not taken", () => {
    expect(chosenLetter("The answer is E", choiceSet(["A", "B", "C"]))).toBeNull();
    expect(chosenLetter("The answer is E", choiceSet("A, B, E"))).toBe("E");
  });
});

describe("choice", () => {
  test("the expected choice may be a letter in any dress, or its text", () => {
    const choices = ["Paris", "Rome"];
    for (const expected of ["B", "(B)", "b", "B.", "Rome"]) {
      expect(scoreOf("It is Rome", "choice", { expected, choices })).toEqual({ value: 1 });
    }
    expect(scoreOf("It is Paris", "choice", { expected: "(B)", choices })).toEqual({
      value: 0,
      reason: "expected B, found A",
    });
  });

  test("an answer that chooses nothing is not right", () => {
    expect(scoreOf("I cannot say.", "choice", { expected: "C" })).toEqual({
      value: 0,
      reason: "expected C, no choice found",
    });
  });

  test("an expected choice that is none is a problem", () => {
    expect(rendered("choice", { expected: " " }).problem).toBe("`expected` is empty");
    expect(rendered("choice", { expected: "Oslo", choices: ["Paris", "Rome"] }).problem).toBe(
      "`expected` is none of the `choices`",
    );
    expect(rendered("choice", { expected: "Oslo" }).problem).toMatch(/no `choices` to find its text in/);
    expect(rendered("choice", { expected: "A", choices: [] }).problem).toBe("`choices` is empty");
  });
});
