import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LimitHints } from "../../src/outcome/attempt.ts";
import type { Usage } from "../../src/outcome/completion.ts";
import { Axis } from "../../src/schedule/axis.ts";
import { type Flight, Lane, type LaneSpec } from "../../src/schedule/lane.ts";
import { Pace, type Reservation } from "../../src/schedule/pace.ts";
import { RollingCount } from "../../src/schedule/rolling-count.ts";
import { answered, refused } from "../support/outcomes.ts";

const nothing = { input: 0, output: 0 };

/** The most that any window of a minute holds. */
function most(taken: readonly { readonly at: number; readonly amount: number }[]): number {
  let highest = 0;
  for (const { at } of taken) {
    const within = taken.filter((one) => one.at > at - 60_000 && one.at <= at);
    highest = Math.max(
      highest,
      within.reduce((sum, one) => sum + one.amount, 0),
    );
  }
  return highest;
}

describe("a count of the last minute", () => {
  it("is never below what a minute holds, and forgets all of it within 61 seconds", () => {
    const steps = fc.array(fc.record({ gap: fc.integer({ min: 0, max: 20_000 }), amount: fc.nat(50) }), {
      maxLength: 80,
    });
    fc.assert(
      fc.property(steps, fc.integer({ min: 0, max: 1e7 }), (list, start) => {
        const count = new RollingCount(60_000, 1_000, start);
        let now = start;
        const taken: { at: number; amount: number }[] = [];
        for (const { gap, amount } of list) {
          now += gap;
          count.add(amount, now);
          taken.push({ at: now, amount });
          const held = taken.filter((one) => one.at > now - 60_000).reduce((sum, one) => sum + one.amount, 0);
          expect(count.total(now)).toBeGreaterThanOrEqual(held);
        }
        expect(count.total(now + 61_000)).toBe(0);
      }),
    );
  });

  it("says exactly how long to wait", () => {
    const count = new RollingCount(60_000, 1_000, 0);
    count.add(5, 500);
    count.add(5, 30_500);
    expect(count.waitMs(10, 31_000)).toBe(0);
    const wait = count.waitMs(5, 31_000);
    expect(count.total(31_000 + wait - 1)).toBe(10);
    expect(count.total(31_000 + wait)).toBe(5);
  });
});

describe("an axis", () => {
  const arrivals = fc.array(
    fc.record({
      gap: fc.oneof(fc.nat(50), fc.nat(90_000)),
      input: fc.nat(400),
      output: fc.nat(400),
      /** Of the reservation, what is used in the end. */
      share: fc.double({ min: 0, max: 1, noNaN: true }),
      takes: fc.nat(30_000),
    }),
    { minLength: 1, maxLength: 120 },
  );

  it("lets no minute hold more than its limit, whatever arrives, is used and given back", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("rpm", "tpm", "itpm", "otpm" as const),
        fc.integer({ min: 1, max: 2_000 }),
        arrivals,
        (name, limit, list) => {
          const axis = new Axis(name as "rpm", limit, 0);
          let now = 0;
          const taken: { at: number; amount: number }[] = [];
          const open: { until: number; end: () => void }[] = [];
          for (const { gap, input, output, share, takes } of list) {
            now += gap;
            for (;;) {
              const ended = open.filter(({ until }) => until <= now);
              for (const one of ended) {
                one.end();
                open.splice(open.indexOf(one), 1);
              }
              const wait = axis.waitMs({ input, output }, nothing, now);
              if (wait === 0) break;
              now += Math.max(0.001, wait);
            }
            const reserved = { input, output };
            const used = { input: input * share, output: output * share };
            const slot = axis.take(reserved, now);
            const one = { at: now, amount: amountOf(name, used) };
            taken.push(one);
            open.push({ until: now + takes, end: () => axis.settle(slot, reserved, used, now) });
          }
          const largest = Math.max(...taken.map(({ amount }) => amount));
          // What is larger than a minute's limit can only be alone.
          expect(most(taken)).toBeLessThanOrEqual(Math.max(limit, largest) + 1e-6);
        },
      ),
      { numRuns: 200 },
    );
  });

  it("admits a request larger than the whole limit, once its minute is empty", () => {
    const axis = new Axis("tpm", 100, 0);
    const huge = { input: 5_000, output: 0 };
    let now = 0;
    const wait = axis.waitMs(huge, nothing, now);
    now += wait;
    expect(wait).toBeLessThan(120_000);
    expect(axis.waitMs(huge, nothing, now)).toBeLessThan(1);
    axis.take(huge, now);
    const next = axis.waitMs({ input: 1, output: 0 }, nothing, now);
    expect(next).toBeGreaterThan(60_000);
    expect(next).toBeLessThan(Number.POSITIVE_INFINITY);
  });

  it("admits a larger one after any fractions of tokens, taken and given back", () => {
    const fractions = fc.array(
      fc.tuple(fc.double({ min: 0.1, max: 300, noNaN: true }), fc.nat(300), fc.nat(1_500)),
      { minLength: 50, maxLength: 200 },
    );
    fc.assert(
      fc.property(fractions, (list) => {
        const axis = new Axis("tpm", 50_000, 0);
        let now = 0;
        for (const [output, used, gap] of list) {
          now += gap;
          const reserved = { input: 7.3, output };
          axis.settle(axis.take(reserved, now), reserved, { input: 7, output: used }, now);
        }
        now += 70_000;
        expect(axis.held(now)).toBeCloseTo(0, 9);
        expect(axis.waitMs({ input: 60_000, output: 100 }, nothing, now)).toBeLessThan(1);
      }),
    );
  });

  it("is not fooled by a clock that leaps ahead or steps back", () => {
    const axis = new Axis("rpm", 60, 0);
    axis.take(nothing, 10_000);
    expect(axis.waitMs(nothing, nothing, 3_000)).toBeLessThan(120_000);
    const leap = 1e9;
    let sent = 0;
    while (axis.waitMs(nothing, nothing, leap) === 0) {
      axis.take(nothing, leap);
      sent++;
    }
    expect(sent).toBeLessThanOrEqual(2);
  });
});

function amountOf(axis: string, { input, output }: { input: number; output: number }): number {
  if (axis === "rpm") return 1;
  return axis === "tpm" ? input + output : axis === "itpm" ? input : output;
}

const usage = (promptTokens: number, completionTokens: number): Usage => ({
  promptTokens,
  completionTokens,
  totalTokens: promptTokens + completionTokens,
  reasoningTokens: null,
  cachedTokens: null,
  estimated: false,
});

describe("a pace", () => {
  it("leaks no reservation: refused requests leave no trace, answered ones what they used", () => {
    const attempts = fc.array(
      fc.record({
        prompt: fc.nat(500),
        most: fc.option(fc.nat(2_000)),
        used: fc.oneof(fc.constant("none" as const), fc.constant("unknown" as const), fc.nat(3_000)),
      }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(attempts, fc.boolean(), (list, strict) => {
        const pace = new Pace({ tpm: 1e9 }, strict, 0);
        const reservations = list.map(({ prompt, most: limit }): Reservation => {
          const demand = { group: 0, promptTokens: prompt, mostCompletion: limit };
          return pace.take(demand, 0);
        });
        list.forEach(({ used }, i) => {
          const reservation = reservations[i];
          if (reservation === undefined) throw new Error("no reservation");
          pace.settle(reservation, typeof used === "number" ? usage(0, used) : used, 0);
        });
        const known = list.reduce((sum, { used }) => sum + (typeof used === "number" ? used : 0), 0);
        const unknown = list.reduce((sum, { used }, i) => {
          const { input = 0, output = 0 } = reservations[i]?.expected ?? {};
          return used === "unknown" ? sum + input + output : sum;
        }, 0);
        expect(pace.held("tpm", 0)).toBeCloseTo(known + unknown, 3);
      }),
    );
  });
});

const spec: LaneSpec = {
  key: "p/m",
  provider: "p",
  model: "m",
  variants: [0],
  concurrency: 8,
  isAdaptive: true,
  limits: {},
  strict: false,
};
const context = {
  demandOf: () => ({ group: 0, promptTokens: 100, mostCompletion: 500 }),
  groupOf: () => 0,
  wallAfter: (ms: number) => `+${ms}`,
};

describe("a lane", () => {
  const hint = fc.record({
    retryAfterMs: fc.option(fc.nat(86_400_000)),
    exceeded: fc.option(
      fc.record({
        axis: fc.constantFrom("rpm", "tpm", "rph", "itpm" as const),
        limit: fc.option(fc.integer({ min: 1, max: 100_000 })),
      }),
    ),
    axes: fc.array(
      fc.record({
        axis: fc.constantFrom("rpm", "tpm" as const),
        limit: fc.option(fc.integer({ min: 1, max: 100_000 })),
        remaining: fc.option(fc.nat(10)),
        resetMs: fc.option(fc.nat(86_400_000)),
      }),
      { maxLength: 2 },
    ),
  });
  const ends = fc.array(
    fc.record({
      kind: fc.constantFrom("ok", "rate_limited", "overloaded", "server"),
      ms: fc.nat(5_000),
      hint,
    }),
    { minLength: 1, maxLength: 150 },
  );

  it("that is paused always wakes, whatever servers say", () => {
    fc.assert(
      fc.property(ends, fc.boolean(), (list, limited) => {
        const lane = new Lane(
          { ...spec, limits: limited ? { rpm: 100, tpm: 10_000 } : {}, proven: true },
          0,
          context,
        );
        let now = 0;
        let index = 0;
        const flights: Flight[] = [];
        for (const { kind, ms, hint: said } of list) {
          lane.head ??= {
            index: index++,
            attempts: 0,
            firstAdmissibleAt: now,
            admissibleAt: now,
            lastFailure: null,
            sameFailures: 0,
            answeredBefore: 0,
            demand: null,
          };
          if (lane.stopped !== null) return;
          const at = lane.readyAt(now);
          // Only what is in flight may hold it back for good, and only a full window does. A server that says it allows one
          // token a minute is believed: a request then takes as many minutes as it has tokens.
          if (flights.length === 0) expect(at).toBeLessThan(now + 24 * 3_600_000);
          if (at <= now + 60_000) {
            now = Math.max(now, at);
            const flight = lane.take(now);
            if (flight !== null) flights.push(flight);
          }
          const flight = flights.shift();
          if (flight === undefined) {
            now += 60_000;
            continue;
          }
          now += ms;
          const outcome = kind === "ok" ? answered() : refused(kind as "server");
          lane.settle(flight, { ...outcome, hints: said as LimitHints }, now);
          expect(lane.inFlight).toBe(flights.length);
        }
      }),
      { numRuns: 300 },
    );
  });
});
