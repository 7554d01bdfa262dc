import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RateLimiter, type WindowKind, windowTypes } from "../../src/simulator/limits.ts";
import { ask, chat, simulator } from "./client.ts";

const kinds = Object.keys(windowTypes) as WindowKind[];

describe("limits", () => {
  it.each(kinds)("refuse what goes over the requests of a minute: %s", async (window) => {
    const running = await simulator({ limits: { rpm: 4, window } });
    const statuses = [];
    // A fixed window may turn over between two requests; it does not turn twice in this test.
    for (let index = 0; index < 12; index++) statuses.push((await chat(running, ask("hi"))).status);
    const answered = statuses.filter((status) => status === 200).length;
    expect(answered).toBeGreaterThanOrEqual(4);
    expect(answered).toBeLessThanOrEqual(window === "fixed" ? 8 : 4);
    const refused = await chat(running, ask("hi"));
    if (window !== "fixed") {
      expect([refused.status, refused.text]).toEqual([
        429,
        '{"message":"Request was rejected due to rate limiting. Details: RPM limit reached.","data":null}',
      ]);
      expect(running.stats().rejected).toEqual({ "429": 9 });
    }
    expect((await chat(running, ask("hi", { model: "sim/weak" }))).status).toBe(200);
  });

  it("charge the tokens that an answer uses, or its max_tokens", async () => {
    const tpm = 120;
    const body = ask("hi", { temperature: 0, max_tokens: 100 });
    const usual = await simulator({ limits: { tpm } });
    const used = JSON.parse((await chat(usual, body)).text).usage.total_tokens;
    expect(used).toBeLessThan(60);
    expect((await chat(usual, body)).status).toBe(200);
    const strict = await simulator({ limits: { tpm, charge: "max_tokens" } });
    expect((await chat(strict, body)).status).toBe(200);
    const refused = await chat(strict, body);
    expect([refused.status, refused.text]).toEqual([
      429,
      '{"message":"Request was rejected due to rate limiting. Details: TPM limit reached.","data":null}',
    ]);
  });

  it("can be stated for single models", async () => {
    const running = await simulator({ limits: { rpm: 1, models: { "sim/fast": { rpm: 3 } } } });
    const statuses = [];
    for (const model of ["sim/fast", "sim/fast", "sim/fast", "sim/fast", "sim/weak", "sim/weak"]) {
      statuses.push((await chat(running, ask("hi", { model }))).status);
    }
    expect(statuses).toEqual([200, 200, 200, 429, 200, 429]);
  });

  it("open again: a bucket little by little, a fixed window on the minute, a sliding one after 60 seconds", () => {
    const reopened = (window: WindowKind): number[] => {
      const limiter = new RateLimiter({ rpm: 2, window });
      const times = [30_000, 30_000, 30_000, 60_000, 60_000, 89_999, 90_000, 120_000];
      return times.filter((now) => limiter.admit("m", 1, now) === null);
    };
    expect(reopened("bucket")).toEqual([30_000, 30_000, 60_000, 90_000, 120_000]);
    expect(reopened("fixed")).toEqual([30_000, 30_000, 60_000, 60_000, 120_000]);
    expect(reopened("sliding")).toEqual([30_000, 30_000, 90_000, 120_000]);
  });

  it("charge nothing for what is refused", () => {
    for (const window of kinds) {
      const limiter = new RateLimiter({ rpm: 2, tpm: 10, window });
      const outcomes = [11, 11, 11, 5, 5].map((tokens) => limiter.admit("m", tokens, 0));
      expect(outcomes).toEqual(["TPM", "TPM", "TPM", null, null]);
      expect(limiter.refuses("m", 0)).toBe("RPM");
    }
  });

  it("hold whatever the arrivals: no minute brings more than its window allows", () => {
    const arrivals = fc.array(fc.record({ gap: fc.nat(20_000), amount: fc.integer({ min: 1, max: 40 }) }), {
      maxLength: 200,
    });
    fc.assert(
      fc.property(fc.constantFrom(...kinds), arrivals, (window, list) => {
        const limiter = new RateLimiter({ tpm: 100, window });
        let now = 0;
        const taken = list.flatMap(({ gap, amount }) => {
          now += gap;
          return limiter.admit("m", amount, now) === null ? [{ now, amount }] : [];
        });
        const within = (from: number, to: number): number =>
          taken.reduce((sum, entry) => (entry.now >= from && entry.now < to ? sum + entry.amount : sum), 0);
        for (const { now: at } of taken) {
          const minute = Math.floor(at / 60_000) * 60_000;
          if (window === "fixed") expect(within(minute, minute + 60_000)).toBeLessThanOrEqual(100);
          if (window === "sliding") expect(within(at, at + 60_000)).toBeLessThanOrEqual(100);
          if (window === "bucket") expect(within(at, at + 60_000)).toBeLessThanOrEqual(200);
        }
      }),
    );
  });
});
