import { describe, expect, it } from "vitest";
import { goDuration } from "../../src/simulator/limit-refusal.ts";
import { type WindowKind, windowTypes } from "../../src/simulator/limit-windows/window-types.ts";
import { RateLimiter } from "../../src/simulator/limits.ts";
import { abandon, ask, chat, type HttpAnswer, simulator, until } from "./client.ts";

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

  it("charge max_tokens for every choice", async () => {
    const running = await simulator({ limits: { tpm: 1_000, charge: "max_tokens", headers: "openai" } });
    const { headers, text } = await chat(running, ask("hi", { max_tokens: 100, n: 3 }));
    const { prompt_tokens: prompt } = JSON.parse(text).usage;
    expect(Number(headers["x-ratelimit-remaining-tokens"])).toBe(1_000 - prompt - 300);
  });

  it.each([true, false])("give a reserve back when the answer is complete, streamed: %s", async (stream) => {
    const body = ask("hi", { max_tokens: 5_000, stream });
    const running = await simulator({ limits: { tpd: 6_000, charge: "reserve", headers: "openai" } });
    const remaining = [];
    for (let index = 0; index < 3; index++) {
      const { status, headers } = await chat(running, body);
      expect(status).toBe(200);
      remaining.push(Number(headers["x-ratelimit-remaining-tokens"]));
    }
    const { promptTokens, completionTokens } = running.stats();
    const [first = 0, , third = 0] = remaining;
    const used = promptTokens + completionTokens;
    expect(first - third).toBe((used / 3) * 2);
    const good = await simulator({ limits: { tpd: 6_000, charge: "max_tokens" } });
    expect([(await chat(good, body)).status, (await chat(good, body)).status]).toEqual([200, 429]);
  });

  it("hold a reserve while the answer is being made, and give it back when the client goes away", async () => {
    const body = ask("hi", { max_tokens: 5_000 });
    const latency = { firstMs: 60_000, perTokenMs: 0 };
    const running = await simulator({
      limits: { tpd: 6_000, charge: "reserve", headers: "openai" },
      latency,
    });
    const abandoned = abandon(running, body);
    await until(() => running.stats().concurrent === 1);
    expect((await chat(running, body)).status).toBe(429);
    abandoned.leave();
    await until(() => running.stats().abandoned === 1);
    const later = await chat(running, ask("hi", { max_tokens: 6_000 }));
    expect(later.status).toBe(429);
    // The answer counts whole: far less than was reserved, and more than nothing.
    const used = 6_000 - Number(later.headers["x-ratelimit-remaining-tokens"]);
    expect(used).toBeGreaterThan(8);
    expect(used).toBeLessThan(100);
  });

  it("of a day refuse in SiliconFlow's words", async () => {
    for (const [limits, name] of [
      [{ rpd: 1, rpm: 100 }, "RPD"],
      [{ tpd: 40, tpm: 1_000 }, "TPD"],
    ] as const) {
      const running = await simulator({ limits });
      const body = ask("hi", { temperature: 0 });
      expect((await chat(running, body)).status).toBe(200);
      const refused = await chat(running, body);
      expect([refused.status, refused.text]).toEqual([
        429,
        `{"message":"Request was rejected due to rate limiting. Details: ${name} limit reached.","data":null}`,
      ]);
    }
  });

  it("begin anew with the day in UTC, whatever the window", () => {
    for (const window of kinds) {
      const limiter = new RateLimiter({ rpd: 1, window });
      const evening = Date.UTC(2026, 10, 23, 23, 59, 59, 999);
      const admits = [0, 0, 1, 2].map((later) => limiter.admit("m", 1, evening + later).kind);
      expect(admits).toEqual(["admitted", "refused", "admitted", "refused"]);
    }
  });

  it("are told in OpenAI's headers and words", async () => {
    const limits = { rpm: 600, tpm: 60_000, window: "bucket", headers: "openai" } as const;
    const running = await simulator({ limits });
    const good = await chat(running, ask("hi"));
    const { total_tokens: used } = JSON.parse(good.text).usage;
    expect(rateHeaders(good)).toEqual({
      "x-ratelimit-limit-requests": "600",
      "x-ratelimit-remaining-requests": "599",
      "x-ratelimit-reset-requests": "100ms",
      "x-ratelimit-limit-tokens": "60000",
      "x-ratelimit-remaining-tokens": String(60_000 - used),
      "x-ratelimit-reset-tokens": `${used}ms`,
    });
    const stream = await chat(running, ask("hi", { stream: true }));
    expect(Object.keys(rateHeaders(stream))).toEqual(Object.keys(rateHeaders(good)));

    const day = await simulator({ limits: { rpd: 1, headers: "openai" } });
    expect(rateHeaders(await chat(day, ask("hi")))).toMatchObject({ "x-ratelimit-remaining-requests": "0" });
    const before = Date.now();
    const refused = await chat(day, ask("hi"));
    const headers = rateHeaders(refused);
    const waitMs = Number(headers["retry-after-ms"]);
    const midnight = Math.ceil((before + 1) / 86_400_000) * 86_400_000;
    expect(Math.abs(before + waitMs - midnight)).toBeLessThan(2_000);
    expect(Number(headers["retry-after"])).toBe(Math.ceil(waitMs / 1_000));
    const { error } = JSON.parse(refused.text);
    expect(error).toMatchObject({ type: "requests", param: null, code: "rate_limit_exceeded" });
    expect(error.message).toMatch(
      /^Rate limit reached for sim\/strong on requests per day \(RPD\): Limit 1, Used 1, Requested 1\. Please try again in (\d+h)?(\d+m)?[\d.]+m?s\.$/,
    );
  });

  it("have no headers unless they are asked for, and none for what is not limited", async () => {
    const silent = await simulator({ limits: { rpm: 1, tpm: 1_000 } });
    for (const status of [200, 429]) {
      const answer = await chat(silent, ask("hi"));
      expect([answer.status, rateHeaders(answer)]).toEqual([status, {}]);
    }
    const half = await simulator({ limits: { tpm: 1_000, headers: "openai" } });
    expect(Object.keys(rateHeaders(await chat(half, ask("hi"))))).toEqual([
      "x-ratelimit-limit-tokens",
      "x-ratelimit-remaining-tokens",
      "x-ratelimit-reset-tokens",
    ]);
  });

  it("tell a request larger than the limit that it is, and not when to come again", async () => {
    const running = await simulator({ limits: { tpm: 5, headers: "openai" } });
    const refused = await chat(running, ask("hi"));
    expect(refused.status).toBe(429);
    expect(JSON.parse(refused.text).error.message).toMatch(
      /^Request too large for sim\/strong on tokens per min \(TPM\): Limit 5, Requested \d+\. The input/,
    );
    expect(refused.headers["retry-after"]).toBeUndefined();
    expect(refused.headers["x-ratelimit-remaining-tokens"]).toBe("5");
  });

  it.each([
    [0, "0s"],
    [0.2, "1ms"],
    [120, "120ms"],
    [1_200, "1.2s"],
    [59_999.5, "1m0s"],
    [360_000, "6m0s"],
    [3_603_500, "1h0m3.5s"],
    [86_400_000, "24h0m0s"],
  ])("write %d ms as %s", (ms, written) => {
    expect(goDuration(ms)).toBe(written);
  });
});

function rateHeaders({ headers }: HttpAnswer): Record<string, unknown> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => /ratelimit|retry/.test(name)));
}
