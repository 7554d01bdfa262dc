import { describe, expect, it } from "vitest";
import type { Simulator } from "../../src/simulator/options.ts";
import { abandon, ask, chat, type HttpAnswer, simulator, until } from "./client.ts";

const overload = [
  503,
  '{"code":50505,"message":"Model service overloaded. Please try again later.","data":null}',
];
const forever = { firstMs: 60_000, perTokenMs: 0 };
/** An answer of one token comes at once, a longer one never. */
const perToken = { firstMs: 0, perTokenMs: 60_000 };

/** Sends requests so that they arrive in order, and gives their answers as they come. */
async function inOrder(
  running: Simulator,
  count: number,
  stream: boolean,
): Promise<{ readonly finished: number[]; readonly answers: Promise<HttpAnswer[]> }> {
  const finished: number[] = [];
  const answers: Promise<HttpAnswer>[] = [];
  const { requests } = running.stats();
  for (let index = 0; index < count; index++) {
    const answer = chat(running, ask(`request ${index}`, { stream }));
    answers.push(answer);
    void answer.then(() => finished.push(index));
    await until(() => running.stats().requests === requests + index + 1);
  }
  return { finished, answers: Promise.all(answers) };
}

describe.each([true, false])("a capacity, streamed: %s", (stream) => {
  it("refuses what goes over it with SiliconFlow's overload, and takes on again what comes later", async () => {
    const capacity = { concurrent: 2, over: "reject" } as const;
    const running = await simulator({ latency: perToken, capacity, limits: { rpm: 3 } });
    const held = [abandon(running, ask("a", { stream })), abandon(running, ask("b", { stream }))];
    await until(() => running.stats().concurrent === 2);
    for (let index = 0; index < 3; index++) {
      const { status, text } = await chat(running, ask("c", { stream }));
      expect([status, text]).toEqual(overload);
    }
    for (const { leave } of held) leave();
    await until(() => running.stats().concurrent === 0);
    // The overload cost no request: one of three is left.
    const later = ask("d", { stream, max_tokens: 1 });
    expect([(await chat(running, later)).status, (await chat(running, later)).status]).toEqual([200, 429]);
    expect(running.stats()).toMatchObject({
      answered: 1,
      rejected: { "429": 1, "503": 3 },
      abandoned: 2,
    });
    await Promise.all(held.map(({ gone }) => gone));
  });

  it("is not used up by what a limit refuses", async () => {
    const running = await simulator({ capacity: { concurrent: 1, over: "reject" }, limits: { tpd: 5 } });
    const statuses = [];
    for (let index = 0; index < 3; index++) statuses.push((await chat(running, ask("a", { stream }))).status);
    expect(statuses).toEqual([429, 429, 429]);
  });

  it("lets the rest wait, first come first served, and begins their time with their turn", async () => {
    const latency = { firstMs: 30, perTokenMs: 0 };
    const running = await simulator({ latency, capacity: { concurrent: 2, over: "queue" } });
    const startMs = performance.now();
    const { finished, answers } = await inOrder(running, 6, stream);
    expect((await answers).map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200]);
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(90);
    expect([0, 2, 4].map((at) => finished.slice(at, at + 2).sort())).toEqual([
      [0, 1],
      [2, 3],
      [4, 5],
    ]);
    expect(running.stats()).toMatchObject({ answered: 6, abandoned: 0, rejected: {} });
  });

  it("frees the place of a client that goes away, at work or in the queue", async () => {
    const capacity = { concurrent: 1, over: "queue" } as const;
    const running = await simulator({ latency: perToken, capacity });
    const first = abandon(running, ask("first", { stream }));
    await until(() => running.stats().concurrent === 1);
    const waiting = abandon(running, ask("waiting", { stream }));
    await until(() => running.stats().concurrent === 2);
    const last = chat(running, ask("last", { stream, max_tokens: 1 }));
    await until(() => running.stats().concurrent === 3);
    waiting.leave();
    await until(() => running.stats().concurrent === 2);
    expect(running.stats().answered).toBe(0);
    first.leave();
    expect((await last).status).toBe(200);
    await Promise.all([first.gone, waiting.gone]);
    expect(running.stats()).toMatchObject({ answered: 1, abandoned: 2 });
  });

  it("gives the tokens of what was never begun back", async () => {
    const running = await simulator({
      latency: forever,
      capacity: { concurrent: 1, over: "queue" },
      limits: { tpd: 10_000, headers: "openai" },
    });
    const first = abandon(running, ask("first", { stream }));
    await until(() => running.stats().concurrent === 1);
    const left = async (): Promise<unknown> => {
      // Larger than the limit, so that it is refused and tells what is left.
      const refused = await chat(running, ask("word ".repeat(10_001)));
      expect(refused.status).toBe(429);
      return refused.headers["x-ratelimit-remaining-tokens"];
    };
    const before = await left();
    const waiting = abandon(running, ask("waiting", { stream }));
    await until(() => running.stats().concurrent === 2);
    expect(await left()).not.toBe(before);
    waiting.leave();
    await until(() => running.stats().concurrent === 1);
    expect(await left()).toBe(before);
    first.leave();
    await Promise.all([first.gone, waiting.gone]);
  });

  it.each(["truncate", "reset-stream", "malformed", "empty", "error-stream"] as const)(
    "frees the place of an answer that a fault spoils: %s",
    async (kind) => {
      const running = await simulator({
        capacity: { concurrent: 1, over: "queue" },
        faults: [{ kind, rate: 1 }],
      });
      for (let index = 0; index < 3; index++) await chat(running, ask("hi", { stream })).catch(() => null);
      expect(running.stats()).toMatchObject({ requests: 3, faults: { [kind]: 3 } });
    },
  );
});
