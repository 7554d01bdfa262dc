import { describe, expect, it } from "vitest";
import { readLimitHints, withWaitInText } from "../../src/provider/limit-hints.ts";

const now = Date.UTC(2025, 0, 1, 12, 0, 0);
const none = {
  retryAfterMs: null,
  limitRequests: null,
  remainingRequests: null,
  resetRequestsMs: null,
  limitTokens: null,
  remainingTokens: null,
  resetTokensMs: null,
};

describe("limit hints", () => {
  it("are null without headers about limits", () => {
    expect(
      readLimitHints({ date: "x", "content-type": "application/json", "x-request-id": "1" }, now),
    ).toBeNull();
  });

  it("read OpenAI's six headers with Go durations", () => {
    const headers = {
      "x-ratelimit-limit-requests": "10000",
      "x-ratelimit-limit-tokens": "30000000",
      "x-ratelimit-remaining-requests": "0",
      "x-ratelimit-remaining-tokens": "29999995",
      "x-ratelimit-reset-requests": "12ms",
      "x-ratelimit-reset-tokens": "1h2m3.5s",
    };
    expect(readLimitHints(headers, now)).toEqual({
      retryAfterMs: null,
      limitRequests: 10_000,
      remainingRequests: 0,
      resetRequestsMs: 12,
      limitTokens: 30_000_000,
      remainingTokens: 29_999_995,
      resetTokensMs: 3_723_500,
    });
  });

  it("leave Groq's requests of a day, and read its tokens of a minute", () => {
    const headers = {
      "x-ratelimit-limit-requests": "14400",
      "x-ratelimit-remaining-requests": "0",
      "x-ratelimit-reset-requests": "2m59.56s",
      "x-ratelimit-limit-tokens": "18000",
      "x-ratelimit-limit-requests-minute": "30",
    };
    expect(readLimitHints(headers, now, "day")).toEqual({ ...none, limitRequests: 30, limitTokens: 18_000 });
  });

  it("read the plain headers of OpenRouter and Moonshot as requests, with an instant as reset", () => {
    const plain = { "x-ratelimit-limit": "20", "x-ratelimit-remaining": "3" };
    const expected = { ...none, limitRequests: 20, remainingRequests: 3, resetRequestsMs: 30_000 };
    expect(readLimitHints({ ...plain, "x-ratelimit-reset": String(now + 30_000) }, now)).toEqual(expected);
    expect(readLimitHints({ ...plain, "x-ratelimit-reset": String((now + 30_000) / 1000) }, now)).toEqual(
      expected,
    );
    expect(readLimitHints({ ...plain, "x-ratelimit-reset": "30" }, now)).toEqual(expected);
  });

  it("read the per-minute headers of Cerebras and leave the per-day ones", () => {
    const headers = {
      "x-ratelimit-limit-requests-day": "14400",
      "x-ratelimit-limit-tokens-minute": "60000",
      "x-ratelimit-remaining-tokens-minute": "59000",
      "x-ratelimit-reset-tokens-minute": "14.5",
    };
    expect(readLimitHints(headers, now)).toEqual({
      ...none,
      limitTokens: 60_000,
      remainingTokens: 59_000,
      resetTokensMs: 14_500,
    });
  });

  it.each([
    ["2", 2000],
    ["0", 0],
    ["0.25", 250],
    ["6m0s", 360_000],
    ["Wed, 01 Jan 2025 12:00:30 GMT", 30_000],
    ["Wed, 01 Jan 2025 11:59:30 GMT", null],
    ["-1", null],
    ["NaN", null],
    ["soon", null],
    ["", null],
    ["86400", 86_400_000],
    ["86401", null],
    ["1e3", null],
    ["9".repeat(400), null],
  ])("take retry-after %j as %s ms", (value, expected) => {
    const hints = readLimitHints({ "retry-after": value }, now);
    expect(hints).toEqual(expected === null ? null : { ...none, retryAfterMs: expected });
  });

  it("measure a date from the server's own clock where it shows one", () => {
    const headers = { date: "Wed, 01 Jan 2025 09:00:00 GMT", "retry-after": "Wed, 01 Jan 2025 09:00:05 GMT" };
    expect(readLimitHints(headers, now)?.retryAfterMs).toBe(5000);
  });

  it("prefer retry-after-ms", () => {
    expect(readLimitHints({ "retry-after-ms": "1500", "retry-after": "9" }, now)?.retryAfterMs).toBe(1500);
    expect(readLimitHints({ "retry-after-ms": "-1", "retry-after": "9" }, now)?.retryAfterMs).toBe(9000);
  });

  it("take Azure's -1 and a limit of 0 as unknown", () => {
    const headers = {
      "x-ratelimit-remaining-requests": "-1",
      "x-ratelimit-limit-tokens": "0",
      "x-ratelimit-remaining-tokens": "5",
      "x-ratelimit-reset-tokens": "-1",
    };
    expect(readLimitHints(headers, now)).toEqual({ ...none, remainingTokens: 5 });
  });

  it.each([
    ["Please try again in 5.289s. Visit https://x", 5289],
    ["Please try again in 200ms.", 200],
    ["try again in 1m2.5s", 62_500],
    ["Please retry after 3 seconds.", 3000],
    ["Try again in 2 minutes", 120_000],
    ["Please try again later.", null],
    ["try again in 90 days", null],
  ])("are completed from the message %j", (message, expected) => {
    expect(withWaitInText(null, message)).toEqual(
      expected === null ? null : { ...none, retryAfterMs: expected },
    );
    const known = { ...none, retryAfterMs: 1 };
    expect(withWaitInText(known, message)).toBe(known);
  });
});
