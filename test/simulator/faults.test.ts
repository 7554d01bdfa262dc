import { describe, expect, it } from "vitest";
import type { UsageError } from "../../src/errors.ts";
import { type FaultKind, faultKinds, faultOf, parseFault } from "../../src/simulator/faults.ts";
import { parseLatency } from "../../src/simulator/latency.ts";
import { startSimulator } from "../../src/simulator/server.ts";
import { answer, ask, chat, chunks, events, http, simulator } from "./client.ts";

const always = (kind: FaultKind) => ({ faults: [{ kind, rate: 1 }] });

describe("a fault", () => {
  it.each([
    ["401", '"Api key is invalid"'],
    [
      "429",
      '{"message":"Request was rejected due to rate limiting. Details: RPM limit reached.","data":null}',
    ],
    ["500", '{"code":50507,"message":"Unexpected system error. Please try again later.","data":null}'],
    ["503", '{"code":50505,"message":"Model service overloaded. Please try again later.","data":null}'],
  ] as const)("%s answers with that status", async (kind, body) => {
    const running = await simulator(always(kind));
    const { status, text } = await chat(running, ask("hi"));
    expect([status, text]).toEqual([Number(kind), body]);
    expect(running.stats()).toMatchObject({ rejected: { [kind]: 1 }, faults: { [kind]: 1 }, answered: 0 });
  });

  it("504 and html answer with a page", async () => {
    const gateway = await chat(await simulator(always("504")), ask("hi"));
    expect([gateway.status, gateway.headers["content-type"]]).toEqual([504, "text/html"]);
    expect(gateway.text).toContain("<h1>504 Gateway Time-out</h1>");
    const page = await chat(await simulator(always("html")), ask("hi"));
    expect([page.status, page.headers["content-type"], page.text.startsWith("<html>")]).toEqual([
      200,
      "text/html",
      true,
    ]);
  });

  it("reset ends the connection before any answer", async () => {
    const running = await simulator(always("reset"));
    await expect(chat(running, ask("hi"))).rejects.toMatchObject({
      code: expect.stringMatching(/ECONNRESET|UND_ERR_SOCKET/),
    });
    expect(running.stats()).toMatchObject({ requests: 1, answered: 0, faults: { reset: 1 } });
  });

  it("truncate cuts a stream in the midst, by its connection or by its end", async () => {
    const running = await simulator(always("truncate"));
    const outcomes = [];
    for (let index = 0; index < 12; index++) {
      const outcome = await chat(running, ask(`hi ${index}`, { stream: true })).then(
        ({ text }) => {
          const found = events(text);
          expect(found.length).toBeGreaterThan(1);
          expect(found.every((data) => JSON.parse(data).choices[0].finish_reason === null)).toBe(true);
          return "ended";
        },
        () => "broken",
      );
      outcomes.push(outcome);
    }
    expect(new Set(outcomes)).toEqual(new Set(["ended", "broken"]));
    await expect(chat(running, ask("hi"))).rejects.toThrow();
    expect(running.stats()).toMatchObject({ answered: 0, abandoned: 0 });
  });

  it("hang never answers, and is over when the client goes", async () => {
    const running = await simulator(always("hang"));
    const signal = AbortSignal.timeout(100);
    const body = JSON.stringify(ask("hi"));
    await expect(
      fetch(`${running.baseUrl}/chat/completions`, { method: "POST", body, signal }),
    ).rejects.toThrow();
    while (running.stats().concurrent > 0) await new Promise((resolve) => setImmediate(resolve));
    expect(running.stats()).toMatchObject({ requests: 1, answered: 0, faults: { hang: 1 } });
  });

  it("empty answers without choices", async () => {
    const running = await simulator(always("empty"));
    expect((await answer(running, ask("hi"))).choices).toEqual([]);
    expect(
      chunks((await chat(running, ask("hi", { stream: true }))).text).flatMap((chunk) => chunk.choices),
    ).toEqual([]);
    expect(running.stats().answered).toBe(0);
  });

  it("slow answers late", async () => {
    const running = await simulator({ ...always("slow"), slowMs: 80 });
    const start = performance.now();
    expect((await chat(running, ask("hi"))).status).toBe(200);
    expect(performance.now() - start).toBeGreaterThanOrEqual(79);
    expect(running.stats().answered).toBe(1);
  });

  it("strikes by arrival and seed alone, at its rate", async () => {
    const faults = [
      { kind: "503", rate: 0.2 },
      { kind: "429", rate: 0.1 },
    ] as const;
    const struck = (seed: number) =>
      Array.from({ length: 4000 }, (_, arrival) => faultOf(faults, seed, arrival));
    expect(struck(1)).toEqual(struck(1));
    expect(struck(1)).not.toEqual(struck(2));
    const share = (kind: FaultKind) => struck(1).filter((fault) => fault === kind).length / 4000;
    expect(share("503")).toBeCloseTo(0.2, 1);
    expect(share("429")).toBeCloseTo(0.1, 1);
    const running = await simulator({ seed: 5, faults });
    const statuses = [];
    for (let index = 0; index < 30; index++) statuses.push((await chat(running, ask("hi"))).status);
    expect(statuses).toEqual(
      Array.from({ length: 30 }, (_, arrival) => Number(faultOf(faults, 5, arrival) ?? 200)),
    );
  });

  it("list that adds up to more than 1 is refused", async () => {
    await expect(
      startSimulator({
        faults: [
          { kind: "503", rate: 0.7 },
          { kind: "500", rate: 0.4 },
        ],
      }),
    ).rejects.toThrow("more than 1");
  });
});

describe("parseFault", () => {
  it("reads a kind with a rate or a percentage", () => {
    expect(parseFault("503=0.1")).toEqual({ kind: "503", rate: 0.1 });
    expect(parseFault(" reset = 25% ")).toEqual({ kind: "reset", rate: 0.25 });
    expect(faultKinds.map((kind) => parseFault(`${kind}=1`))).toEqual(
      faultKinds.map((kind) => ({ kind, rate: 1 })),
    );
  });

  it.each(["503", "503=2", "503=-1", "599=0.1", "=0.1", "503=x", ""])("refuses `%s`", (text) => {
    expect(() => parseFault(text)).toThrow("is no fault");
  });
});

describe("the hint of parseFault", () => {
  const hintOf = (text: string): string => {
    try {
      parseFault(text);
    } catch (error) {
      return (error as UsageError).hint ?? "";
    }
    return "";
  };

  it("names the kind that was meant, else all of them", () => {
    expect(hintOf("error-steam=0.1")).toBe("did you mean `error-stream`?");
    expect(hintOf("whatever=0.1")).toContain("one of 400, 400-model,");
    expect(hintOf("503=2")).toContain("a rate from 0 to 1");
  });
});

describe("parseLatency", () => {
  it.each([
    ["0", 0, 0],
    ["50ms", 50, 0],
    ["1.5s", 1500, 0],
    ["20ms+5ms/token", 20, 5],
    [" 2ms/token + 0.5s ", 500, 2],
    ["30", 30, 0],
  ])("reads `%s`", (text, firstMs, perTokenMs) => {
    expect(parseLatency(text)).toEqual({ firstMs, perTokenMs });
  });

  it("reads `model` as each model's own", () => {
    expect(parseLatency("model")).toBe("model");
  });

  it.each(["", "fast", "-1ms", "5ms+5ms", "1m", "5ms/word", "1ms/token+1ms/token"])(
    "refuses `%s`",
    (text) => {
      expect(() => parseLatency(text)).toThrow("is no latency");
    },
  );
});

describe("latency", () => {
  it("is the same for a streamed and an unstreamed answer, and the first token comes first", async () => {
    const running = await simulator({ latency: { firstMs: 60, perTokenMs: 4 } });
    const body = ask("How far?", { temperature: 0, max_tokens: 20 });
    for (const stream of [false, true]) {
      const start = performance.now();
      const response = await fetch(`${running.baseUrl}/chat/completions`, {
        method: "POST",
        body: JSON.stringify({ ...body, stream }),
      });
      const headMs = performance.now() - start;
      await response.text();
      const endMs = performance.now() - start;
      expect(endMs).toBeGreaterThanOrEqual(60 + 19 * 4 - 2);
      expect(headMs).toBeGreaterThanOrEqual(59);
      if (stream) expect(endMs - headMs).toBeGreaterThan(19 * 4 * 0.5);
    }
  });

  it("can be each model's own", async () => {
    const running = await simulator({ latency: "model" });
    const start = performance.now();
    await http(`${running.baseUrl}/chat/completions`, ask("hi", { model: "sim/fast", max_tokens: 11 }));
    expect(performance.now() - start).toBeGreaterThanOrEqual(40 + 10 * 2 - 2);
  });
});
