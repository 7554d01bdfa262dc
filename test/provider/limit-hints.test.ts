import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Failure } from "../../src/outcome/failure.ts";
import { readLimitHints, withTextHints } from "../../src/provider/limit-hints.ts";

const now = Date.UTC(2025, 0, 1, 12, 0, 0);
const none = { retryAfterMs: null, axes: [], exceeded: null };

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
      axes: [
        { axis: "rpm", limit: 10_000, remaining: 0, resetMs: 12 },
        { axis: "tpm", limit: 30_000_000, remaining: 29_999_995, resetMs: 3_723_500 },
      ],
      exceeded: null,
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
    expect(readLimitHints(headers, now, "day")).toEqual({
      ...none,
      axes: [
        { axis: "rpm", limit: 30, remaining: null, resetMs: null },
        { axis: "rpd", limit: 14_400, remaining: 0, resetMs: 179_560 },
        { axis: "tpm", limit: 18_000, remaining: null, resetMs: null },
      ],
    });
  });

  it("read the plain headers of OpenRouter and Moonshot as requests, with an instant as reset", () => {
    const plain = { "x-ratelimit-limit": "20", "x-ratelimit-remaining": "3" };
    const expected = { ...none, axes: [{ axis: "rpm", limit: 20, remaining: 3, resetMs: 40_000 }] };
    expect(readLimitHints({ ...plain, "x-ratelimit-reset": String(now + 40_000) }, now)).toEqual(expected);
    expect(readLimitHints({ ...plain, "x-ratelimit-reset": String((now + 40_000) / 1000) }, now)).toEqual(
      expected,
    );
    expect(readLimitHints({ ...plain, "x-ratelimit-reset": "40" }, now)).toEqual(expected);
  });

  it("read the headers of Cerebras, of a minute and of a day", () => {
    const headers = {
      "x-ratelimit-limit-requests-day": "14400",
      "x-ratelimit-limit-tokens-minute": "60000",
      "x-ratelimit-remaining-tokens-minute": "59000",
      "x-ratelimit-reset-tokens-minute": "14.5",
    };
    expect(readLimitHints(headers, now)).toEqual({
      ...none,
      axes: [
        { axis: "rpd", limit: 14_400, remaining: null, resetMs: null },
        { axis: "tpm", limit: 60_000, remaining: 59_000, resetMs: 14_500 },
      ],
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
    expect(readLimitHints(headers, now)).toEqual({
      ...none,
      axes: [{ axis: "tpm", limit: null, remaining: 5, resetMs: null }],
    });
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
    expect(withTextHints(null, refusal(message))).toEqual(
      expected === null ? null : { ...none, retryAfterMs: expected },
    );
    const known = { ...none, retryAfterMs: 1 };
    expect(withTextHints(known, refusal(message))).toBe(known);
  });

  it.each([
    ["Request was rejected due to rate limiting. Details: TPM limit reached.", "tpm", null],
    [
      "Request was rejected due to rate limiting. If you want more, please contact us. Details:RPM limit reached.",
      "rpm",
      null,
    ],
    ["Details: RPH limit reached.", "rph", null],
    [
      "Details: RPD limit reached. Could only send 100 requests per day without real name verification.",
      "rpd",
      null,
    ],
    ["Details: IPM limit reached.", null, null],
    [
      "Rate limit reached for gpt-4o in organization org-1 on tokens per min (TPM): Limit 60000, Used 59000, Requested 1200. Please try again in 200ms.",
      "tpm",
      60_000,
    ],
    [
      "Rate limit reached for `llama` on requests per day (RPD): Limit 14400, Used 14400, Requested 1.",
      "rpd",
      14_400,
    ],
    ["Rate limit reached on tokens per day (TPD): Limit 500,000, Used 499,900.", "tpd", 500_000],
    ["Your account request reached organization max RPM: 3, please try again after 1 seconds", "rpm", 3],
    [
      "This request would exceed your organization's rate limit of 40,000 input tokens per minute",
      "itpm",
      null,
    ],
    ["Requests rate limit exceeded, please try again later.", null, null],
    ["You exceeded your current requests per minute limit", "rpm", null],
    ["Allocated quota exceeded, please increase your quota limit.", "tpm", null],
    ["Too many requests", null, null],
    ["TPM limit 0", "tpm", null],
  ])("name the limit of %j", (message, axis, limit) => {
    const said = /Requested (\d+)/.exec(message)?.[1];
    const requested = said === undefined ? {} : { requested: Number(said) };
    const exceeded = axis === null ? null : { axis, limit, ...requested };
    expect(withTextHints(null, refusal(message))?.exceeded ?? null).toEqual(exceeded);
  });

  it("are not looked for in messages that are no refusals", () => {
    const failure = {
      ...refusal("your prompt says: TPM limit reached, try again in 5s"),
      kind: "invalid_request",
    } as const;
    expect(withTextHints(null, failure)).toBeNull();
  });

  it("read Anthropic's headers, of both directions", () => {
    const headers = {
      "anthropic-ratelimit-input-tokens-limit": "40000",
      "anthropic-ratelimit-input-tokens-remaining": "0",
      "anthropic-ratelimit-input-tokens-reset": "2025-01-01T12:00:20Z",
      "anthropic-ratelimit-output-tokens-limit": "8000",
    };
    expect(readLimitHints(headers, now)?.axes).toEqual([
      { axis: "itpm", limit: 40_000, remaining: 0, resetMs: 20_000 },
      { axis: "otpm", limit: 8_000, remaining: null, resetMs: null },
    ]);
  });

  it.each([1, 10, 30])("take no limit of a window of %d seconds for a minute's", (seconds) => {
    for (let reset = 0; reset <= seconds; reset++) {
      const headers = {
        "ratelimit-limit": "100",
        "ratelimit-remaining": "9",
        "ratelimit-reset": String(reset),
      };
      expect(readLimitHints(headers, now)?.axes.map(({ limit }) => limit)).toEqual([null]);
    }
  });

  it("take no limit of an unknown window for a minute's", () => {
    const headers = {
      "x-ratelimit-limit": "1000",
      "x-ratelimit-remaining": "999",
      "x-ratelimit-reset": "3600",
    };
    expect(readLimitHints(headers, now)?.axes).toEqual([
      { axis: "rpm", limit: null, remaining: 999, resetMs: 3_600_000 },
    ]);
  });

  it("are sane whatever the headers hold", () => {
    const names = ["limit", "remaining", "reset"].flatMap((what) =>
      ["requests", "tokens", "tokens-day", "input-tokens"].map((unit) => `x-ratelimit-${what}-${unit}`),
    );
    const value = fc.oneof(
      fc.string(),
      fc.double().map(String),
      fc.integer().map((n) => `${n}s`),
      fc.constantFrom("-1", "NaN", "Infinity", "1e999", "2099-01-01T00:00:00Z", "4102444800", "6m0s", ""),
    );
    const header = fc.constantFrom("retry-after", "retry-after-ms", "date", "ratelimit-reset", ...names);
    fc.assert(
      fc.property(fc.dictionary(header, value), (headers) => {
        const hints = readLimitHints(headers, now);
        const times = [hints?.retryAfterMs, ...(hints?.axes ?? []).map(({ resetMs }) => resetMs)];
        for (const ms of times) if (typeof ms === "number") expect(ms >= 0 && ms <= 86_400_000).toBe(true);
        for (const { limit, remaining } of hints?.axes ?? []) {
          expect(limit === null || (limit > 0 && limit < Infinity)).toBe(true);
          expect(remaining === null || (remaining >= 0 && remaining < Infinity)).toBe(true);
        }
      }),
    );
  });
});

function refusal(message: string): Failure {
  return { kind: "rate_limited", message, code: null, retryable: true, maybeBilled: false };
}
