import { describe, expect, it } from "vitest";
import type { Lesson } from "../../src/simulator/lesson.ts";
import { LessonBook } from "../../src/simulator/lesson-book.ts";
import type { ModelAbility } from "../../src/simulator/models.ts";
import type { Simulator } from "../../src/simulator/options.ts";
import { answer, ask, said, simulator } from "./client.ts";

const always: ModelAbility = {
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
const abilities = { right: always, wrong: { ...always, base: -99 } };

const knowing = (): Promise<Simulator> => simulator({ modelAbilities: abilities });

async function taught(
  running: Simulator,
  model: string,
  lesson: Lesson,
  prompt: string,
  rest: object = {},
): Promise<string> {
  running.teach("r", lesson);
  return said(running, ask(prompt, { model, ...rest }), "r");
}

/** Answers of the model that is always wrong, for several prompts. */
async function wrongs(running: Simulator, lesson: Lesson, rest: object = {}): Promise<string[]> {
  const texts = [];
  for (let index = 0; index < 30; index++)
    texts.push(await taught(running, "wrong", lesson, `Prompt ${index}`, rest));
  return texts;
}

const lastNumber = (text: string): number =>
  Number((text.match(/-?[\d,]*\.?\d+/g) ?? []).at(-1)?.replaceAll(",", ""));

describe("a taught answer", () => {
  it.each(["18", "1,234.50", "-7", "0", "0.25", "$1,200", "12345678901234567890", "3/4", "1e-5"])(
    "of kind numeric ends with the number as written: %s",
    async (expected) => {
      const running = await knowing();
      const right = await taught(running, "right", { kind: "numeric", expected }, "How many?");
      expect(right).toMatch(/^\D+$|\D /);
      expect(right.endsWith(` ${expected}`)).toBe(true);
      expect(right.slice(0, -expected.length)).not.toMatch(/\d/);
      const steps = await taught(
        running,
        "right",
        { kind: "numeric", expected },
        "How many? Think step by step.",
      );
      expect(steps.endsWith(` ${expected}`)).toBe(true);
      expect(steps.length).toBeGreaterThan(2 * right.length);
      for (const wrong of await wrongs(running, { kind: "numeric", expected })) {
        expect(wrong).toMatch(/\d\D?$/);
        expect(wrong.split(" ").at(-1)).not.toBe(expected);
        const value = Number(expected.replace(/[$,]/g, ""));
        if (Number.isSafeInteger(value * 100))
          expect(Math.abs(lastNumber(wrong) - value)).toBeGreaterThan(1e-3);
      }
    },
  );

  it("of kind numeric is Chinese for a Chinese prompt", async () => {
    const running = await knowing();
    expect(await taught(running, "right", { kind: "numeric", expected: 12 }, "一共有几个？")).toMatch(
      /答案是 12$/,
    );
  });

  it("of kind choice names a letter of the options", async () => {
    const running = await knowing();
    const prompt = "Which one?\n(A) red\n(B) green\n(E) blue";
    expect(await taught(running, "right", { kind: "choice", expected: "(B)" }, prompt)).toBe(
      "The answer is (B).",
    );
    expect(await taught(running, "wrong", { kind: "choice", expected: "B" }, prompt)).toMatch(
      /^The answer is \((A|E)\)\.$/,
    );
    expect(await taught(running, "right", { kind: "choice", expected: "C" }, "选哪个？")).toBe(
      "答案是 (C)。",
    );
    const choices = ["yes", "no"];
    expect(await taught(running, "wrong", { kind: "choice", expected: "yes", choices }, "?")).toBe(
      "The answer is no.",
    );
    expect(new Set(await wrongs(running, { kind: "choice", expected: "A" }))).toEqual(
      new Set(["The answer is (B).", "The answer is (C).", "The answer is (D)."]),
    );
  });

  it("of kind exact is the expected text alone, and a wrong one is another text", async () => {
    const running = await knowing();
    const expected = "Refund request";
    expect(await taught(running, "right", { kind: "exact", expected }, "Think step by step")).toBe(expected);
    for (const wrong of await wrongs(running, { kind: "exact", expected })) {
      expect(wrong.toLowerCase()).not.toBe(expected.toLowerCase());
    }
    expect(
      new Set(await wrongs(running, { kind: "exact", expected: "billing", choices: ["billing", "bug"] })),
    ).toEqual(new Set(["bug"]));
    expect(await taught(running, "wrong", { kind: "exact", expected: "Yes" }, "?")).toBe("No");
    expect(await taught(running, "right", { kind: "exact", expected: "有龘" }, "?")).toBe("有龘");
  });

  it("of kind contains holds all texts, and a wrong one none", async () => {
    const running = await knowing();
    const right = await taught(
      running,
      "right",
      { kind: "contains", expected: ["Paris", "Seine"] },
      "Where?",
    );
    expect(right).toBe("The answer is Paris, Seine.");
    for (const expected of ["Paris", "answer", "e", "The answer is"]) {
      for (const wrong of await wrongs(running, { kind: "contains", expected })) {
        expect(wrong.toLowerCase()).not.toContain(expected.toLowerCase());
      }
    }
  });

  it.each([
    "^\\d{3}-\\d{4}$",
    "(?:INV|ORD)-[A-Z]{2}\\d+",
    "^[^@\\s]+@example\\.com$",
    "(a|b)+c\\1",
    "colou?r",
    "\\bword\\b",
    "[\\u4e00-\\u9fff]{2,4}",
    "#### (\\d+)",
  ])("of kind regex matches the pattern: %s", async (expected) => {
    const running = await knowing();
    const pattern = new RegExp(expected);
    expect(await taught(running, "right", { kind: "regex", expected }, "?")).toMatch(pattern);
    for (const wrong of await wrongs(running, { kind: "regex", expected }))
      expect(wrong).not.toMatch(pattern);
  });

  it("of kind json is the value, and a wrong one differs in one place", async () => {
    const running = await knowing();
    const expected = { name: "Ada", age: 36, tags: ["x", "y"], admin: true };
    expect(JSON.parse(await taught(running, "right", { kind: "json", expected }, "?"))).toEqual(expected);
    const text = '{ "name":"Ada" }';
    expect(await taught(running, "right", { kind: "json", expected: text }, "?")).toBe(text);
    for (const wrong of await wrongs(running, { kind: "json", expected })) {
      const value = JSON.parse(wrong);
      expect(Object.keys(value)).toEqual(Object.keys(expected));
      const changed = Object.entries(expected).filter(
        ([key, item]) => JSON.stringify(value[key]) !== JSON.stringify(item),
      );
      expect(changed).toHaveLength(1);
    }
  });

  it("stays JSON in JSON mode, whatever its kind", async () => {
    const running = await knowing();
    const mode = { response_format: { type: "json_object" } };
    expect(await taught(running, "right", { kind: "numeric", expected: "18" }, "?", mode)).toBe(
      '{"answer":18}',
    );
    expect(await taught(running, "right", { kind: "choice", expected: "B" }, "?", mode)).toBe(
      '{"answer":"B"}',
    );
    expect(await taught(running, "right", { kind: "exact", expected: "Refund" }, "?", mode)).toBe(
      '{"answer":"Refund"}',
    );
    const schema = {
      type: "object",
      properties: { why: { type: "string" }, result: { type: "integer" } },
      required: ["why", "result"],
    };
    const fitted = { response_format: { type: "json_schema", json_schema: { name: "a", schema } } };
    expect(
      JSON.parse(await taught(running, "right", { kind: "numeric", expected: 42 }, "?", fitted)),
    ).toMatchObject({ result: 42 });
  });

  it("of kind tool_call makes the expected calls", async () => {
    const running = await knowing();
    const parameters = {
      type: "object",
      properties: {
        city: { type: "string" },
        days: { type: "integer" },
        units: { type: "array", items: { type: "string" } },
      },
    };
    const tools = ["geo_weather", "other"].map((name) => ({
      type: "function",
      function: { name, parameters },
    }));
    const calls = async (model: string, expected: unknown, prompt = "weather?") => {
      running.teach("r", { kind: "tool_call", expected });
      const [choice] = (await answer(running, ask(prompt, { model, tools }), "r")).choices;
      return (
        choice?.message.tool_calls?.map((call) => [
          call.function.name,
          JSON.parse(call.function.arguments),
        ]) ?? null
      );
    };
    expect(await calls("right", [{ name: "geo_weather", arguments: { city: "Oslo", days: 2 } }])).toEqual([
      ["geo_weather", { city: "Oslo", days: 2 }],
    ]);
    // Lists of accepted values, "" for "may be left out", a list that is the value itself, a name with a dot.
    const accepted = { city: ["Oslo", "Christiania"], days: ["", 3], units: ["mm", "C"] };
    expect(await calls("right", [{ "geo.weather": accepted }])).toEqual([
      ["geo_weather", { city: "Oslo", days: 3, units: ["mm", "C"] }],
    ]);
    expect(await calls("right", [])).toBeNull();
    expect(await calls("wrong", [])).toHaveLength(1);
    for (let index = 0; index < 20; index++) {
      const expected = [{ name: "geo_weather", arguments: { city: "Oslo", days: 2 } }];
      expect(await calls("wrong", expected, `weather ${index}?`)).not.toEqual([
        ["geo_weather", { city: "Oslo", days: 2 }],
      ]);
    }
  });
});

describe("teaching", () => {
  it("reaches a request that came before its lesson", async () => {
    const running = await simulator({ modelAbilities: abilities, awaitLessons: true });
    const early = said(running, ask("How many?", { model: "right" }), "early");
    while (running.stats().requests === 0) await new Promise((resolve) => setImmediate(resolve));
    running.teach("early", { kind: "exact", expected: "late but there" });
    expect(await early).toBe("late but there");
  });

  it("is used up by one answer", async () => {
    const running = await simulator({ modelAbilities: abilities, awaitLessons: false });
    running.teach("r", { kind: "exact", expected: "known" });
    expect(await said(running, ask("?", { model: "right" }), "r")).toBe("known");
    expect(await said(running, ask("?", { model: "right" }), "r")).toMatch(/simulated\.$/);
  });

  it("survives an answer that was refused", async () => {
    const running = await simulator({ modelAbilities: abilities, limits: { rpm: 1 } });
    await said(running, ask("?"));
    running.teach("r", { kind: "exact", expected: "known" });
    await expect(said(running, ask("?"), "r")).rejects.toThrow("429");
    expect(await said(running, ask("?", { model: "right" }), "r")).toBe("known");
  });

  it("of null says that there is nothing to wait for", async () => {
    const running = await simulator({ awaitLessons: true });
    running.teach("r", null);
    expect(await said(running, ask("?"), "r")).toMatch(/simulated\.$/);
  });

  it("goes before a file of answers", async () => {
    const answers = new Map([["Q", { kind: "exact", expected: "from the file" } as const]]);
    const running = await simulator({ modelAbilities: abilities, answers });
    expect(await said(running, ask("Q", { model: "right" }))).toBe("from the file");
    running.teach("r", { kind: "exact", expected: "taught" });
    expect(await said(running, ask("Q", { model: "right" }), "r")).toBe("taught");
  });
});

describe("LessonBook", () => {
  const lesson: Lesson = { kind: "exact", expected: "x" };

  it("forgets lessons after 10 minutes and keeps at most 200 000", () => {
    const book = new LessonBook(false);
    book.teach("old", lesson, 0);
    book.teach("new", lesson, 599_999);
    expect([book.find("old"), book.find("new")]).toEqual([lesson, lesson]);
    book.teach("newer", lesson, 600_000);
    expect([book.find("old"), book.find("new"), book.size]).toEqual([null, lesson, 2]);
    for (let index = 0; index < 200_005; index++) book.teach(`r${index}`, lesson, 600_001);
    expect(book.size).toBe(200_000);
    expect(book.find("newer")).toBeNull();
  });

  it("waits only once something was taught, unless told", () => {
    const book = new LessonBook(null);
    expect(book.find("a")).toBeNull();
    book.teach("b", lesson, 0);
    expect(book.find("a")).toBeInstanceOf(Promise);
    book.close();
  });
});
