import { describe, expect, it } from "vitest";
import { scorerTypes } from "../../src/score/registry.ts";
import type { ScoreInput } from "../../src/score/scorer.ts";
import type { LessonKind } from "../../src/simulator/lesson.ts";
import type { ModelAbility } from "../../src/simulator/models.ts";
import { ask, said, simulator } from "./client.ts";

const right: ModelAbility = {
  base: 99,
  difficulty: 0,
  temperature: 0,
  stepByStep: 0,
  thinking: 0,
  thinks: "never",
  firstMs: 0,
  perTokenMs: 0,
  contextTokens: 9999,
};
const modelAbilities = { right, wrong: { ...right, base: -99 } };
const prompts = ["Which is it?", "Think step by step: how many?", "请问是哪个？", "请一步一步想"];
// What scorers see beside the text is of no use to these types.
const input = {} as ScoreInput;

interface Case {
  readonly type: string;
  readonly kind: LessonKind;
  readonly expecteds: readonly string[];
  readonly choices?: readonly string[];
}
const cases: readonly Case[] = [
  {
    type: "numeric",
    kind: "numeric",
    expecteds: ["18", "1,234.50", "-7", "0", "0.25", "$1,200", "3/4", "50%"],
  },
  { type: "choice", kind: "choice", expecteds: ["A", "(B)", "D"] },
  { type: "choice", kind: "choice", expecteds: ["red", "green"], choices: ["red", "green", "blue"] },
  { type: "exact", kind: "exact", expecteds: ["Yes", "Refund", "北京", "x", "18"] },
  { type: "starts_with", kind: "exact", expecteds: ["Yes", "Refund", "北京"] },
  { type: "contains", kind: "contains", expecteds: ["Paris", "answer", "a", "北京", "."] },
  { type: "regex", kind: "regex", expecteds: ["^\\d+$", "foo|bar", "#+ \\d"] },
];

describe("the scorers and the simulated models agree on what is right", () => {
  it.each(cases)("$type, taught as $kind: $expecteds", async ({ type, kind, expecteds, choices }) => {
    const running = await simulator({ modelAbilities });
    const scorer = scorerTypes[type];
    if (scorer === undefined) throw new Error(`no scorer ${type}`);
    for (const expected of expecteds) {
      const given = {
        [type === "regex" ? "pattern" : "expected"]: expected,
        ...(choices ? { choices } : {}),
      };
      const options = scorer.options.parse(given);
      for (const model of ["right", "wrong"]) {
        for (let index = 0; index < 16; index++) {
          running.teach("r", { kind, expected, ...(choices ? { choices } : {}) });
          const text = await said(running, ask(`${prompts[index % 4]} (${index})`, { model }), "r");
          const { value } = scorer.score(text, options, input);
          expect({ expected, text, value }).toEqual({ expected, text, value: model === "right" ? 1 : 0 });
        }
      }
    }
  });
});
