import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AttemptOutcome } from "../../src/outcome/attempt.ts";
import { Budget } from "../../src/schedule/budget.ts";
import type { LaneSpec } from "../../src/schedule/lane.ts";
import { Scheduler } from "../../src/schedule/scheduler.ts";
import { drive, ManualClock } from "../support/manual-clock.ts";
import { answered, refused } from "../support/outcomes.ts";

/** One request: its worst cases on two axes, what share of them each attempt uses, and how each attempt ends. */
interface Asked {
  readonly worst: readonly [number, number];
  readonly attempts: readonly { readonly share: number; readonly ms: number; readonly ok: boolean }[];
}

const attempt = fc.record({
  share: fc.double({ min: 0, max: 1, noNaN: true }),
  ms: fc.integer({ min: 1, max: 500 }),
  ok: fc.boolean(),
});
const asked: fc.Arbitrary<Asked> = fc.record({
  worst: fc.tuple(fc.integer({ min: 0, max: 500 }), fc.double({ min: 0, max: 0.3, noNaN: true })),
  attempts: fc.array(attempt, { minLength: 1, maxLength: 4 }),
});
const lanesOf = fc.array(fc.array(asked, { maxLength: 25 }), { minLength: 1, maxLength: 4 });

function laneSpec(n: number, concurrency: number): LaneSpec {
  return {
    key: `p/m${n}`,
    provider: "p",
    model: `m${n}`,
    variants: [n],
    concurrency,
    isAdaptive: false,
    limits: {},
    strict: false,
    proven: true,
  };
}

const noHints = { retryAfterMs: null, axes: [], exceeded: null };

interface Run {
  readonly used: readonly number[];
  readonly highest: readonly number[];
  readonly exhausted: boolean;
  readonly sent: number;
  readonly answers: number;
  /** Worst case of the next request of each lane with something left. */
  readonly waiting: readonly (readonly [number, number])[];
}

/** Runs lanes of requests under a budget on two axes; retries, sizes and times as given. */
async function run(
  lanes: readonly (readonly Asked[])[],
  limits: readonly [number, number],
  concurrency: number,
): Promise<Run> {
  const clock = new ManualClock();
  const budget = new Budget([
    { name: "tokens", limit: limits[0] },
    { name: "CNY", limit: limits[1] },
  ]);
  const requests = lanes.flat();
  const tried = requests.map(() => 0);
  const spent = [0, 0];
  const highest = [0, 0];
  let sent = 0;
  let answers = 0;
  const worst = (index: number): readonly [number, number] => requests[index]?.worst ?? [0, 0];
  const starts = lanes.map((_, n) => lanes.slice(0, n).flat().length);
  const scheduler: Scheduler = new Scheduler({
    lanes: lanes.map((lane, n) => {
      let next = 0;
      return {
        spec: laneSpec(n, concurrency),
        work: { next: () => (next < lane.length ? (starts[n] ?? 0) + next++ : -1) },
      };
    }),
    concurrency,
    maxAttempts: 4,
    clock,
    random: () => 0.5,
    admission: {
      admits: (index) => budget.lacking(worst(index)).length === 0,
      take: (index) => budget.reserve(worst(index)),
    },
    send: async (index): Promise<AttemptOutcome> => {
      sent++;
      const one =
        requests[index]?.attempts[Math.min(tried[index] ?? 0, (requests[index]?.attempts.length ?? 1) - 1)];
      await new Promise<void>((resolve) => clock.after(one?.ms ?? 1, resolve));
      return one?.ok === true ? answered() : refused("server");
    },
    onAttempt: ({ index, outcome }) => {
      const { attempts } = requests[index] ?? { attempts: [] };
      const share = attempts[Math.min(tried[index] ?? 0, attempts.length - 1)]?.share ?? 0;
      tried[index] = (tried[index] ?? 0) + 1;
      if (outcome.status === "ok") answers++;
      const actual = worst(index).map((amount) => amount * share);
      actual.forEach((amount, i) => {
        spent[i] = (spent[i] ?? 0) + amount;
        highest[i] = Math.max(highest[i] ?? 0, spent[i] ?? 0);
      });
      budget.settle(worst(index), actual);
    },
    onLaneChange: () => undefined,
  });
  await drive(clock, scheduler.run());
  const waiting = scheduler.lanes.flatMap((lane) => {
    const next = lane.peek(clock.now()) ?? lane.retries.next;
    return next === null ? [] : [worst(next.index)];
  });
  return { used: spent, highest, exhausted: scheduler.exhausted, sent, answers, waiting };
}

describe("a budget", () => {
  it("is never exceeded, whatever sizes, order, retries and concurrency", async () => {
    await fc.assert(
      fc.asyncProperty(
        lanesOf,
        fc.tuple(fc.integer({ min: 0, max: 3_000 }), fc.double({ min: 0, max: 2, noNaN: true })),
        fc.integer({ min: 1, max: 12 }),
        async (lanes, limits, concurrency) => {
          const { highest } = await run(lanes, limits, concurrency);
          expect(highest[0]).toBeLessThanOrEqual(limits[0] * (1 + 1e-9));
          expect(highest[1]).toBeLessThanOrEqual(limits[1] * (1 + 1e-9));
        },
      ),
      { numRuns: 300 },
    );
  });

  it("is used to the brim: what is left would not hold the next request", async () => {
    await fc.assert(
      fc.asyncProperty(
        lanesOf,
        fc.integer({ min: 0, max: 3_000 }),
        fc.integer({ min: 1, max: 12 }),
        async (lanes, tokens, concurrency) => {
          const { used, exhausted, waiting } = await run(lanes, [tokens, 1e9], concurrency);
          if (!exhausted) {
            expect(waiting).toEqual([]);
            return;
          }
          expect(waiting.length).toBeGreaterThan(0);
          // The one that did not fit held back the others.
          const most = Math.max(...waiting.map(([worst]) => worst));
          expect(used[0]).toBeGreaterThan(tokens - most - 1e-6);
        },
      ),
      { numRuns: 300 },
    );
  });

  it("ends every run, also where a request alone is larger than the budget", async () => {
    const huge: Asked = { worst: [100, 0], attempts: [{ share: 1, ms: 1, ok: true }] };
    const { sent, exhausted } = await run([[huge], [{ ...huge, worst: [10, 0] }]], [50, 1], 4);
    expect(exhausted).toBe(true);
    expect(sent).toBeLessThanOrEqual(1);
  });

  it("leaves nothing to cheap lanes that a dear one cannot have, so that a run cut short compares like with like", async () => {
    const dear: Asked = { worst: [10, 0], attempts: [{ share: 1, ms: 5, ok: true }] };
    const cheap: Asked = { worst: [1, 0], attempts: [{ share: 1, ms: 5, ok: true }] };
    const many = (one: Asked): readonly Asked[] => Array.from({ length: 100 }, () => one);
    const { used, sent } = await run([many(dear), many(cheap)], [118, 1], 2);
    // Ten of each are 110, and eight are left: too few for the dear one.
    expect(used[0]).toBeGreaterThanOrEqual(110);
    expect(sent).toBeLessThanOrEqual(22);
  });

  it("lets a lane that waits for room go on when a request in flight used less than it might have", async () => {
    const frugal: Asked = { worst: [60, 0], attempts: [{ share: 0.1, ms: 5, ok: true }] };
    const { answers, exhausted } = await run([Array.from({ length: 8 }, () => frugal)], [100, 1], 8);
    expect({ answers, exhausted }).toEqual({ answers: 7, exhausted: true });
  });

  it("ends at once when nothing is left for a retry that waits, however long it was asked to wait", async () => {
    const clock = new ManualClock();
    const budget = new Budget([{ name: "requests", limit: 2 }]);
    let next = 0;
    const scheduler = new Scheduler({
      lanes: [{ spec: laneSpec(0, 4), work: { next: () => (next < 3 ? next++ : -1) } }],
      concurrency: 4,
      maxAttempts: 4,
      clock,
      random: () => 0.5,
      admission: { admits: () => budget.lacking([1]).length === 0, take: () => budget.reserve([1]) },
      send: async (index) => {
        await new Promise<void>((resolve) => clock.after(10, resolve));
        return index === 0
          ? { ...refused("rate_limited"), hints: { ...noHints, retryAfterMs: 200_000 } }
          : answered();
      },
      onAttempt: () => budget.settle([1], [1]),
      onLaneChange: () => undefined,
    });
    await drive(clock, scheduler.run());
    expect([scheduler.exhausted, clock.now()]).toEqual([true, 10]);
  });

  it("never admits a worst case that is not known", () => {
    const budget = new Budget([{ name: "tokens", limit: 1e9 }]);
    expect(budget.lacking([Number.NaN])).toEqual(["tokens"]);
    expect(budget.lacking([])).toEqual(["tokens"]);
  });

  it("takes up what was used before, and says what came beyond the worst case", () => {
    const budget = new Budget([{ name: "tokens", limit: 100 }], [70]);
    expect(budget.lacking([31])).toEqual(["tokens"]);
    expect(budget.lacking([30])).toEqual([]);
    budget.reserve([30]);
    expect(budget.lacking([1])).toEqual(["tokens"]);
    budget.settle([30], [42]);
    expect(budget.uses).toEqual([{ name: "tokens", limit: 100, used: 112, beyond: 12 }]);
  });
});
