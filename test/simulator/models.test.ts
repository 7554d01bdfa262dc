import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  asksForSteps,
  defaultDifficulty,
  probabilityRight,
  simulatedModels,
} from "../../src/simulator/models.ts";
import type { Simulator } from "../../src/simulator/options.ts";
import { answer, ask, chat, said, simulator } from "./client.ts";

const logistic = (x: number): number => 1 / (1 + Math.exp(-x));

describe("probabilityRight", () => {
  it("is the logistic function of what docs/simulator.md prints", () => {
    expect(
      probabilityRight({ model: "sim/strong", difficulty: 0.5, temperature: 0, stepByStep: false }),
    ).toBeCloseTo(logistic(2.5), 12);
    expect(
      probabilityRight({ model: "sim/weak", difficulty: 1, temperature: 1, stepByStep: true }),
    ).toBeCloseTo(logistic(1 - 3 - 0.8 + 1), 12);
    expect(
      probabilityRight({ model: "sim/thinker", difficulty: 0, temperature: 1, stepByStep: false }),
    ).toBeCloseTo(logistic(3 - 0.3 + 1.5), 12);
    expect(
      probabilityRight({
        model: "sim/thinker",
        difficulty: 0,
        temperature: 1,
        stepByStep: false,
        thinking: false,
      }),
    ).toBeCloseTo(logistic(2.7), 12);
    expect(
      probabilityRight({ model: "any/other", difficulty: 0.3, temperature: 0.7, stepByStep: true }),
    ).toBe(probabilityRight({ model: "sim/medium", difficulty: 0.3, temperature: 0.7, stepByStep: true }));
  });

  it("is documented: the table of docs/simulator.md is the table in the code", () => {
    const docs = readFileSync(new URL("../../docs/simulator.md", import.meta.url), "utf8");
    for (const [name, ability] of Object.entries(simulatedModels)) {
      const { base, difficulty, temperature, stepByStep, thinking, firstMs, perTokenMs, contextTokens } =
        ability;
      const cells = [base, difficulty, temperature, stepByStep, thinking, firstMs, perTokenMs, contextTokens];
      expect(docs).toContain(`| \`${name}\` | ${cells.join(" | ")} |`);
    }
    for (const difficulty of [0, 0.5, 1]) {
      for (const temperature of [0, 0.7, 1.5]) {
        const row = Object.keys(simulatedModels).map((model) =>
          probabilityRight({ model, difficulty, temperature, stepByStep: false }).toFixed(3),
        );
        expect(docs).toContain(`| ${difficulty} | ${temperature} | ${row.join(" | ")} |`);
      }
    }
  });

  it("takes further models from the caller", () => {
    const sure = {
      base: 0,
      difficulty: 0,
      temperature: 0,
      stepByStep: 0,
      thinking: 0,
      thinks: "never",
      firstMs: 0,
      perTokenMs: 0,
      contextTokens: 1000,
    } as const;
    expect(
      probabilityRight({ model: "coin", difficulty: 1, temperature: 2, stepByStep: true }, { coin: sure }),
    ).toBe(0.5);
  });
});

describe("asksForSteps", () => {
  it("knows the words that ask for steps", () => {
    expect(
      ["Think first.", "Solve it STEP BY STEP", "step-by-step", "请一步一步思考"].map(asksForSteps),
    ).toEqual([true, true, true, true]);
    expect(["Answer with one number", "the thinker", "steps"].map(asksForSteps)).toEqual([
      false,
      false,
      false,
    ]);
  });
});

const numeric = { kind: "numeric", expected: "18" } as const;

async function rightShare(
  running: Simulator,
  requests: readonly { body: Record<string, unknown>; difficulty?: number }[],
): Promise<number> {
  let next = 0;
  let right = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < requests.length; index = next++) {
      const { body, difficulty } = requests[index] ?? { body: {} };
      const id = `request-${index}`;
      running.teach(id, difficulty === undefined ? numeric : { ...numeric, difficulty });
      if ((await said(running, body, id)).endsWith("The answer is 18")) right++;
    }
  };
  await Promise.all(Array.from({ length: 32 }, worker));
  return right / requests.length;
}

describe("the share of right answers", { timeout: 120_000 }, () => {
  it.each([
    { model: "sim/strong", difficulty: 0.9, temperature: 1, steps: false },
    { model: "sim/medium", difficulty: 0.5, temperature: 0.7, steps: false },
    { model: "sim/medium", difficulty: 0.5, temperature: 0.7, steps: true },
    { model: "sim/weak", difficulty: 0.2, temperature: 0, steps: false },
  ])(
    "is the stated one within 4 standard errors: $model at $difficulty, $temperature",
    async ({ model, difficulty, temperature, steps }) => {
      const running = await simulator({ seed: 7 });
      const requests = Array.from({ length: 2000 }, (_, index) => ({
        body: ask(`Question ${index}${steps ? ". Solve it step by step." : ""}`, { model, temperature }),
        difficulty,
      }));
      const p = probabilityRight({ model, difficulty, temperature, stepByStep: steps });
      expect(Math.abs((await rightShare(running, requests)) - p)).toBeLessThan(
        4 * Math.sqrt((p * (1 - p)) / 2000),
      );
      expect(running.stats()).toMatchObject({ requests: 2000, answered: 2000 });
    },
  );

  it("follows each prompt's own difficulty where none is stated", async () => {
    const running = await simulator({ seed: 7 });
    const prompts = Array.from({ length: 2000 }, (_, index) => `Question ${index}`);
    const ps = prompts.map((prompt) =>
      probabilityRight({
        model: "sim/weak",
        difficulty: defaultDifficulty(prompt),
        temperature: 0.7,
        stepByStep: false,
      }),
    );
    const mean = ps.reduce((sum, p) => sum + p, 0) / ps.length;
    const error = Math.sqrt(ps.reduce((sum, p) => sum + p * (1 - p), 0)) / ps.length;
    const share = await rightShare(
      running,
      prompts.map((prompt) => ({ body: ask(prompt, { model: "sim/weak" }) })),
    );
    expect(Math.abs(share - mean)).toBeLessThan(4 * error);
    expect(new Set(ps.map((p) => p.toFixed(1))).size).toBeGreaterThan(4);
  });
});

describe("an answer", () => {
  const letters = async (
    running: Simulator,
    body: (index: number) => object,
    id: (index: number) => string,
  ) => {
    const texts = [];
    for (let index = 0; index < 40; index++) {
      running.teach(id(index), { kind: "choice", expected: "C", difficulty: 0.8 });
      texts.push(await said(running, body(index), id(index)));
    }
    return texts;
  };

  it("is the same for the same request, seed and request id, on another server too", async () => {
    const one = await letters(
      await simulator({ seed: 3 }),
      () => ask("Which?"),
      (index) => `id-${index}`,
    );
    const two = await letters(
      await simulator({ seed: 3 }),
      () => ask("Which?"),
      (index) => `id-${index}`,
    );
    const other = await letters(
      await simulator({ seed: 4 }),
      () => ask("Which?"),
      (index) => `id-${index}`,
    );
    expect(two).toEqual(one);
    expect(other).not.toEqual(one);
    expect(new Set(one).size).toBeGreaterThan(1);
  });

  it("does not depend on the request id at temperature 0", async () => {
    const texts = await letters(
      await simulator(),
      () => ask("Which?", { temperature: 0 }),
      (index) => `id-${index}`,
    );
    expect(new Set(texts).size).toBe(1);
  });

  it("depends on sampling parameters, but not on stream, max_tokens or the order of keys", async () => {
    const running = await simulator();
    const variants = await letters(
      running,
      (index) => ask("Which?", { temperature: 0, top_p: index / 40 }),
      () => "same",
    );
    expect(new Set(variants).size).toBeGreaterThan(1);
    const fresh = await simulator();
    const plain = await answer(fresh, ask("Tell me"), "id");
    const long = await answer(fresh, { max_tokens: 500, ...ask("Tell me"), n: 1 }, "id");
    const turned = await answer(
      fresh,
      { messages: [{ content: "Tell me", role: "user" }], model: "sim/strong" },
      "id",
    );
    expect(long.choices).toEqual(plain.choices);
    expect(turned.choices).toEqual(plain.choices);
  });

  it("comes from any model name", async () => {
    const running = await simulator();
    const body = await answer(running, ask("hi", { model: "deepseek-ai/DeepSeek-V3.2" }));
    expect(body.model).toBe("deepseek-ai/DeepSeek-V3.2");
    const thinking = await chat(running, ask("hi", { model: "Qwen/Qwen3-8B", enable_thinking: true }));
    expect(JSON.parse(thinking.text).choices[0].message.reasoning_content).toMatch(/\w/);
  });
});
