import { describe, expect, it } from "vitest";
import { type WindowKind, windowTypes } from "../../src/simulator/limit-windows/window-types.ts";
import { RateLimiter } from "../../src/simulator/limits.ts";
import { ask, chat, simulator } from "./client.ts";

const kinds = Object.keys(windowTypes) as WindowKind[];

describe("limits", () => {
  it.each(kinds)("refuse what goes over the requests of a minute: %s", async (window) => {
    const running = await simulator({ limits: { rpm: 4, window } });
    const statuses = [];
    const atOnce = window === "bucket-second" ? 1 : 4;
    // A fixed window may turn over between two requests; it does not turn twice in this test.
    for (let index = 0; index < 12; index++) statuses.push((await chat(running, ask("hi"))).status);
    const answered = statuses.filter((status) => status === 200).length;
    expect(answered).toBeGreaterThanOrEqual(atOnce);
    expect(answered).toBeLessThanOrEqual(window === "fixed" ? 8 : atOnce);
    const refused = await chat(running, ask("hi"));
    if (window !== "fixed") {
      expect([refused.status, refused.text]).toEqual([
        429,
        '{"message":"Request was rejected due to rate limiting. Details: RPM limit reached.","data":null}',
      ]);
      expect(running.stats().rejected).toEqual({ "429": 13 - atOnce });
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
      return times.filter((now) => limiter.admit("m", 1, now).kind === "admitted");
    };
    expect(reopened("bucket")).toEqual([30_000, 30_000, 60_000, 90_000, 120_000]);
    expect(reopened("fixed")).toEqual([30_000, 30_000, 60_000, 60_000, 120_000]);
    expect(reopened("sliding")).toEqual([30_000, 30_000, 90_000, 120_000]);
    expect(reopened("bucket-second")).toEqual([30_000, 60_000, 90_000, 120_000]);
    // At 60 000 both requests of the minute before still lie within the last 60 seconds.
    expect(reopened("sliding-counter")).toEqual([30_000, 30_000, 90_000, 120_000]);
  });
});
