import { afterAll, describe, expect, it } from "vitest";
import type { AttemptOutcome } from "../../src/outcome/attempt.ts";
import { type ChatClientOptions, createChatClient } from "../../src/provider/chat-client.ts";
import type { Provider } from "../../src/provider/provider.ts";
import { faultOutcome } from "../../src/simulator/fault-forms.ts";
import { faultRefusals } from "../../src/simulator/fault-refusals.ts";
import {
  type FaultKind,
  type FormFault,
  faultKinds,
  formFaults,
  refusalFaults,
  shapeOf,
} from "../../src/simulator/faults.ts";
import type { Simulator } from "../../src/simulator/options.ts";
import { startSimulator } from "../../src/simulator/server.ts";
import { endpoint } from "../provider/test-server.ts";
import { ask } from "./client.ts";

interface Pair {
  readonly simulator: Simulator;
  readonly provider: Provider;
}

const pairs = new Map<FaultKind | null, Promise<Pair>>();

/** An endpoint that does nothing but this fault, and promptgrid's own client for it. */
function pairOf(kind: FaultKind | null): Promise<Pair> {
  const known = pairs.get(kind);
  if (known !== undefined) return known;
  const started = startPair(kind);
  pairs.set(kind, started);
  return started;
}

async function startPair(kind: FaultKind | null): Promise<Pair> {
  const faults = kind === null ? [] : [{ kind, rate: 1 }];
  const simulator = await startSimulator({ seed: 3, slowMs: 20, faults });
  const to = endpoint(`http://127.0.0.1:${simulator.port}`, { sendRequestId: true });
  return {
    simulator,
    provider: createChatClient(to, options({ connections: 4, totalMs: kind === "hang" ? 40 : 20_000 })),
  };
}

function options({ connections, totalMs }: { connections: number; totalMs: number }): ChatClientOptions {
  return {
    timeouts: { connectMs: 5000, firstTokenMs: null, idleMs: null, totalMs },
    connections,
    userAgent: "promptgrid/test",
  };
}

afterAll(async () => {
  for (const pair of pairs.values()) {
    const { simulator, provider } = await pair;
    await provider.close();
    await simulator.close();
  }
});

async function send(kind: FaultKind | null, stream: boolean, rest: object = {}): Promise<AttemptOutcome> {
  const { provider } = await pairOf(kind);
  const body = { ...ask("Why is 龘 harder to write than 一?", { model: "sim/thinker", n: 2 }), ...rest };
  return provider.send({ requestId: "r1", body: JSON.stringify({ ...body, stream }), stream });
}

const forms = [true, false] as const;

describe("promptgrid's client", () => {
  it.each(faultKinds)("reports `%s` as the table says, streamed and unstreamed", async (kind) => {
    for (const stream of forms) {
      // A fault with several shapes must come to the same in all of them.
      const tries = kind === "huge" || kind === "drip" ? 1 : 8;
      const kinds = [];
      for (let nth = 0; nth < tries; nth++) {
        const outcome = await send(kind, stream);
        kinds.push(outcome.status === "ok" ? "ok" : outcome.failure.kind);
      }
      expect({ stream, kinds: new Set(kinds) }).toEqual({
        stream,
        kinds: new Set([faultOutcome(kind, stream)]),
      });
    }
    const { simulator } = await pairOf(kind);
    expect(simulator.stats().answered).toBe(
      forms.filter((stream) => faultOutcome(kind, stream) === "ok").length * (kind === "drip" ? 1 : 8),
    );
  });

  const answers = formFaults.filter((kind) => faultOutcome(kind, true) === "ok");

  it.each(answers)("reads the same answer out of `%s` as out of a plain one", async (kind) => {
    for (const stream of forms) {
      const [plain, struck] = [await send(null, stream), await send(kind, stream)];
      if (plain.status !== "ok" || struck.status !== "ok")
        throw new Error(`${plain.status}, ${struck.status}`);
      const texts = (outcome: typeof plain): readonly unknown[] =>
        outcome.answer.completions.map(({ content, reasoning, toolCalls, finishReason }) => ({
          ...(kind === "thinking-only" ? { said: reasoning + content } : { content, reasoning }),
          toolCalls,
          finishReason,
        }));
      expect(texts(struck)).toEqual(texts(plain));
      if (kind === "no-usage") expect(struck.answer.usage.totalTokens).toBeNull();
      else if (kind === "thinking-only")
        expect(struck.answer.usage.totalTokens).toBe(plain.answer.usage.totalTokens);
      else expect(struck.answer.usage).toEqual(plain.answer.usage);
      const raw = struck.answer.completions.map((completion) => completion.finishReasonRaw);
      expect(raw).toEqual(kind === "eos" ? ["eos", "eos"] : ["stop", "stop"]);
    }
  });

  it("hears how long to wait where a refusal says so", async () => {
    for (const kind of ["402-retry-after", "429-retry-after"] as const) {
      expect((await send(kind, true)).hints?.retryAfterMs).toBe(1000);
    }
    expect((await send("429", true)).hints?.retryAfterMs ?? null).toBeNull();
    expect((await send("429-reset", true)).hints).toMatchObject({
      axes: [
        { axis: "rpm", limit: 600, remaining: 599, resetMs: 100 },
        { axis: "tpm", limit: 60_000, remaining: 0, resetMs: 1000 },
      ],
    });
  });
});

describe("a mixture of all faults", () => {
  it("comes to exactly what struck: every request ends once, and nothing stays open", async () => {
    // 100 MB at a time are slow, and have their own test.
    const kinds = faultKinds.filter((kind) => kind !== "huge");
    const faults = kinds.map((kind) => ({ kind, rate: 0.8 / kinds.length }));
    const simulator = await startSimulator({ seed: 7, slowMs: 20, faults });
    const provider = createChatClient(
      endpoint(`http://127.0.0.1:${simulator.port}`),
      options({ connections: 32, totalMs: 1500 }),
    );
    for (const stream of forms) {
      const before = simulator.stats();
      const ended: Record<string, number> = {};
      let next = 0;
      const work = async (): Promise<void> => {
        while (next++ < 1000) {
          const body = JSON.stringify({ ...ask(`Why ${next} 龘?`, { n: 1 + (next % 3) }), stream });
          const outcome = await provider.send({ requestId: "r", body, stream });
          increment(ended, outcome.status === "ok" ? "ok" : outcome.failure.kind, 1);
        }
      };
      await Promise.all(Array.from({ length: 32 }, work));
      const after = simulator.stats();
      const expected: Record<string, number> = {};
      let plain = after.requests - before.requests;
      for (const kind of kinds) {
        const struck = (after.faults[kind] ?? 0) - (before.faults[kind] ?? 0);
        increment(expected, faultOutcome(kind, stream), struck);
        plain -= struck;
      }
      increment(expected, "ok", plain);
      expect(ended).toEqual(expected);
      expect(after.requests - before.requests).toBe(1000);
    }
    while (simulator.stats().concurrent > 0) await new Promise((resolve) => setImmediate(resolve));
    await provider.close();
    await simulator.close();
  });
});

function increment(counts: Record<string, number>, key: string, by: number): void {
  if (by > 0) counts[key] = (counts[key] ?? 0) + by;
}

describe("the table of faults", () => {
  const shaped = refusalFaults.filter((kind) => faultRefusals[kind].answers.length > 1);

  it("draws every shape, by the seed and the number of the arrival alone", () => {
    expect(shaped).toEqual(["400-overflow", "error-200"]);
    const drawn = (seed: number): number[] =>
      Array.from({ length: 60 }, (_, arrival) => shapeOf([0, 1, 2], seed, arrival));
    expect(new Set(drawn(1))).toEqual(new Set([0, 1, 2]));
    expect(drawn(1)).toEqual(drawn(1));
    expect(drawn(1)).not.toEqual(drawn(2));
  });

  it("has every kind once", () => {
    expect(new Set(faultKinds).size).toBe(faultKinds.length);
    const named: readonly FormFault[] = formFaults;
    expect(faultKinds.slice(-named.length)).toEqual(named);
  });
});
