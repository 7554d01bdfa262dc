import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type LimitWindow, minuteMs } from "../../src/simulator/limit-windows/limit-window.ts";
import { type WindowKind, windowKinds, windowTypes } from "../../src/simulator/limit-windows/window-types.ts";
import { RateLimiter } from "../../src/simulator/limits.ts";

const limit = 100;
const start = Date.UTC(2026, 10, 23, 12, 0, 30);

interface Taken {
  readonly now: number;
  readonly amount: number;
}

const kinds = fc.constantFrom(...windowKinds);
const arrivals = fc.array(
  fc.record({
    gap: fc.oneof(fc.nat(20), fc.nat(20_000), fc.nat(150_000)),
    amount: fc.integer({ min: 1, max: 120 }),
  }),
  { maxLength: 120 },
);

function timed(list: readonly { readonly gap: number; readonly amount: number }[]): Taken[] {
  let now = start;
  return list.map(({ gap, amount }) => {
    now += gap;
    return { now, amount };
  });
}

function admitted(kind: WindowKind, list: readonly Taken[]): Taken[] {
  const limiter = new RateLimiter({ tpm: limit, window: kind });
  return list.filter(({ now, amount }) => limiter.admit("m", amount, now).kind === "admitted");
}

function sum(list: readonly Taken[], from: number, to: number): number {
  return list.reduce((total, { now, amount }) => (now >= from && now < to ? total + amount : total), 0);
}

/** The sharpest statement of a bucket: what came before an arrival has left enough for it, whenever one starts to count. */
function bucketHolds(taken: readonly Taken[], capacity: number): void {
  taken.forEach((first, from) => {
    let before = 0;
    for (const last of taken.slice(from)) {
      const filled = capacity + ((last.now - first.now) * limit) / minuteMs;
      expect(before + Math.min(last.amount, capacity)).toBeLessThanOrEqual(filled + 1e-6);
      before += last.amount;
    }
  });
}

const rules: Readonly<Record<WindowKind, (taken: readonly Taken[]) => void>> = {
  bucket: (taken) => bucketHolds(taken, limit),
  "bucket-second": (taken) => bucketHolds(taken, limit / 60),
  fixed: (taken) => {
    for (const { now } of taken) {
      const minute = Math.floor(now / minuteMs) * minuteMs;
      expect(sum(taken, minute, minute + minuteMs)).toBeLessThanOrEqual(limit);
    }
  },
  sliding: (taken) => {
    for (const { now } of taken) expect(sum(taken, now, now + minuteMs)).toBeLessThanOrEqual(limit);
  },
  "sliding-counter": (taken) => {
    taken.forEach(({ now }, index) => {
      const minute = Math.floor(now / minuteMs) * minuteMs;
      const soFar = taken.slice(0, index + 1);
      const earlier = sum(soFar, minute - minuteMs, minute);
      const weighed = (earlier * (minute + minuteMs - now)) / minuteMs + sum(soFar, minute, now + 1);
      expect(weighed).toBeLessThanOrEqual(limit + 1e-6);
    });
  },
};

/** All that can be seen of a window at one time. */
function seen(window: LimitWindow, now: number): readonly (number | null | boolean)[] {
  return [window.remaining(now), window.waitMs(limit, now), window.fits(1, now), window.fits(50, now)];
}

describe("limit windows", () => {
  it("never admit more than their rule allows, whatever the arrivals", () => {
    fc.assert(
      fc.property(kinds, arrivals, (kind, list) => rules[kind](admitted(kind, timed(list)))),
      { numRuns: 500 },
    );
  });

  it("admit whatever is not larger than the limit once they have rested for two minutes", () => {
    fc.assert(
      fc.property(kinds, arrivals, fc.integer({ min: 1, max: limit }), (kind, list, amount) => {
        const window = windowTypes[kind](limit);
        const all = timed(list);
        for (const one of all) if (window.fits(one.amount, one.now)) window.take(one.amount, one.now);
        const rested = (all.at(-1)?.now ?? start) + 2 * minuteMs;
        expect(window.remaining(rested)).toBe(windowTypes[kind](limit).remaining(rested));
        expect(window.fits(amount, rested)).toBe(true);
        expect(window.fits(limit + 1, rested)).toBe(false);
      }),
    );
  });

  it("charge nothing for what is refused", () => {
    fc.assert(
      fc.property(kinds, arrivals, (kind, list) => {
        const all = timed(list);
        const once = admitted(kind, all);
        expect(admitted(kind, once)).toEqual(once);
        const limiter = new RateLimiter({ tpm: limit, rpd: 1_000, window: kind });
        const counted = all.filter(({ now, amount }) => limiter.admit("m", amount, now).kind === "admitted");
        const end = all.at(-1)?.now ?? start;
        expect(limiter.states("m", end).requests?.remaining).toBe(1_000 - counted.length);
      }),
    );
  });

  it("say exactly how long an amount has to wait", () => {
    fc.assert(
      fc.property(kinds, arrivals, fc.integer({ min: 1, max: 120 }), (kind, list, amount) => {
        const window = windowTypes[kind](limit);
        const all = timed(list);
        for (const one of all) if (window.fits(one.amount, one.now)) window.take(one.amount, one.now);
        const now = all.at(-1)?.now ?? start;
        const waitMs = window.waitMs(amount, now);
        if (amount > limit) expect(waitMs).toBeNull();
        else if (waitMs === 0) expect(window.fits(amount, now)).toBe(true);
        else {
          expect(window.fits(amount, now + Math.max(0, Math.ceil(waitMs ?? 0) - 2))).toBe(false);
          expect(window.fits(amount, now + Math.ceil(waitMs ?? 0))).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("give a reserve back exactly: settled, it is as if the usage had been charged at arrival", () => {
    const requests = fc.array(
      fc.record({
        gap: fc.nat(20_000),
        used: fc.integer({ min: 1, max: 8 }),
        spare: fc.integer({ min: 0, max: 8 }),
        heldMs: fc.oneof(fc.nat(20), fc.nat(200_000)),
      }),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(kinds, requests, (kind, list) => {
        const reserving = windowTypes[kind](limit);
        const charging = windowTypes[kind](limit);
        let now = start;
        const events = list.flatMap(({ gap, used, spare, heldMs }) => {
          now += gap;
          let settle = (_: number): void => {};
          return [
            {
              at: now,
              run: (at: number) => {
                const amend = reserving.take(used + spare, at);
                settle = (later) => amend(used, later);
                charging.take(used, at);
              },
            },
            { at: now + heldMs, run: (at: number) => settle(at) },
          ];
        });
        for (const { at, run } of events.sort((a, b) => a.at - b.at)) run(at);
        const end = events.at(-1)?.at ?? start;
        for (const at of [end, end + 1_000, end + 61_000, end + 121_000]) {
          // A bucket that would have been full in between without the reserve has lost nothing with it.
          if (!kind.startsWith("bucket")) expect(seen(reserving, at)).toEqual(seen(charging, at));
          else expect(reserving.remaining(at)).toBeGreaterThanOrEqual(charging.remaining(at) - 1e-6);
        }
      }),
      { numRuns: 500 },
    );
  });
});
