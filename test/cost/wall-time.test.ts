import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type LaneLoad, wallTime } from "../../src/cost/wall-time.ts";
import { limitMargin } from "../../src/schedule/axis.ts";
import { Bucket } from "../../src/schedule/bucket.ts";

function load(change: Partial<LaneLoad> = {}): LaneLoad {
  return {
    lane: "p/m",
    requests: 1000,
    tokens: 500_000,
    busySeconds: 5_000,
    concurrency: 50,
    rpm: null,
    tpm: null,
    ...change,
  };
}

/** When the last of so many requests may start under a bucket of the scheduler, in seconds. */
function lastStart(requests: number, each: number, perMinute: number): number {
  const bucket = new Bucket({ perMinute: perMinute * limitMargin, burstSeconds: 2, creditSeconds: 5 }, 0);
  let now = 0;
  for (let i = 0; i < requests; i++) {
    now += bucket.waitMs(each, now);
    bucket.take(each, now);
  }
  return now / 1_000;
}

describe("the time of a run", () => {
  it.each([
    ["concurrency", load(), 100],
    ["rpm", load({ rpm: 100 }), (999 / 97) * 60 + 5],
    ["tpm", load({ rpm: 1000, tpm: 50_000 }), (499_500 / 48_500) * 60 + 5],
  ] as const)("is bound by %s where that takes longest", (axis, one, seconds) => {
    const time = wallTime([one], 64);
    expect([time.bound_by, time.bound_lane]).toEqual([axis, "p/m"]);
    expect(time.seconds).toBeCloseTo(seconds, 6);
  });

  it("is that of the slowest lane, which is named", () => {
    const time = wallTime([load(), load({ lane: "p/slow", rpm: 10 }), load({ lane: "p/other" })], 500);
    expect(time.bound_lane).toBe("p/slow");
    expect(time.lanes.map(({ lane, bound_by }) => [lane, bound_by])).toEqual([
      ["p/m", "concurrency"],
      ["p/slow", "rpm"],
      ["p/other", "concurrency"],
    ]);
  });

  it("is bound by the concurrency of the run where the lanes share it", () => {
    const time = wallTime([load(), load({ lane: "p/other" })], 50);
    expect(time).toMatchObject({ seconds: 200, bound_by: "concurrency", bound_lane: null });
  });

  it("counts whole waves: one request more than fits takes as long again", () => {
    const waves = (requests: number): number =>
      wallTime([load({ requests, busySeconds: requests * 2, concurrency: 10 })], 10).seconds;
    expect([waves(10), waves(11), waves(20)]).toEqual([2, 4, 4]);
  });

  it.each([
    ["requests", 2_000, 1, 600],
    ["tokens", 2_000, 700, 50_000],
  ])("agrees within 2 % with the scheduler's bucket of %s", (_, requests, each, perMinute) => {
    const limits = each === 1 ? { rpm: perMinute } : { tpm: perMinute };
    const one = load({ requests, tokens: requests * each, busySeconds: 0, ...limits });
    const { seconds } = wallTime([one], 50);
    expect(Math.abs(seconds / lastStart(requests, each, perMinute) - 1)).toBeLessThan(0.02);
  });

  it("never shrinks when a limit is lowered or work is added", () => {
    const positive = fc.integer({ min: 1, max: 10_000 });
    const loads = fc.record({
      lane: fc.constant("p/m"),
      requests: positive,
      tokens: positive,
      busySeconds: positive,
      concurrency: positive,
      rpm: fc.option(positive),
      tpm: fc.option(positive),
    });
    fc.assert(
      fc.property(loads, loads, positive, (one, other, concurrency) => {
        const { seconds } = wallTime([one], concurrency);
        const longer = [
          wallTime([one, { ...other, lane: "p/other" }], concurrency),
          wallTime([{ ...one, rpm: Math.max(1, (one.rpm ?? 1e6) / 2) }], concurrency),
          wallTime([{ ...one, tpm: Math.max(1, (one.tpm ?? 1e6) / 2) }], concurrency),
          wallTime([one], Math.ceil(concurrency / 2)),
        ];
        const lowered = (limit: number | null): boolean => limit === null || limit >= 2;
        const told = longer.filter((_, i) =>
          i === 1 ? lowered(one.rpm) : i === 2 ? lowered(one.tpm) : true,
        );
        for (const time of told) expect(time.seconds).toBeGreaterThanOrEqual(seconds * (1 - 1e-9));
      }),
    );
  });
});
