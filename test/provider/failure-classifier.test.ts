import { describe, expect, it } from "vitest";
import type { FailureKind } from "../../src/outcome/failure.ts";
import { readErrorValue } from "../../src/provider/error-body.ts";
import { classifyHiddenError, classifyResponse } from "../../src/provider/failure-classifier.ts";
import { bare, hidden, lost, openai, others, overflows, siliconflow, url } from "./failure-rows.ts";

const text = (body: unknown): string => (typeof body === "string" ? body : JSON.stringify(body));

describe("an error answer", () => {
  it.each([...siliconflow, ...overflows, ...others])(
    "%s (%i)",
    (_name, status, body, kind, retryable, code, message) => {
      const failure = classifyResponse({ status, body: text(body), location: null, waitKnown: false, url });
      expect(failure).toEqual({ kind, message, code, retryable, maybeBilled: lost.has(status) });
    },
  );

  it.each(bare)("with status %i and no body is %s, retryable %s", (status, kind, retryable) => {
    const failure = classifyResponse({ status, body: "", location: null, waitKnown: false, url });
    expect(failure).toMatchObject({ kind, retryable, code: null });
    expect(failure.message).toContain(`HTTP ${status} without a message`);
  });

  it("with a word of DashScope's for its pace is one where that word means the minute, and only there", () => {
    const body = text(openai("You exceeded your current quota", "insufficient_quota"));
    const kindOf = (paceCodes: readonly string[]): FailureKind =>
      classifyResponse({ status: 429, body, location: null, waitKnown: false, url, paceCodes }).kind;
    expect([kindOf(["insufficient_quota"]), kindOf(["other"]), kindOf([])]).toEqual([
      "rate_limited",
      "quota",
      "quota",
    ]);
  });

  it("is not asked again where the server forbids it", () => {
    const response = { status: 503, body: "", location: null, waitKnown: false, url };
    expect(classifyResponse({ ...response, retryForbidden: true })).toMatchObject({
      kind: "overloaded",
      retryable: false,
    });
    expect(classifyResponse({ ...response, retryForbidden: false }).retryable).toBe(true);
  });

  it("402 with a time to wait is a budget that refills", () => {
    const failure = classifyResponse({
      status: 402,
      body: '{"error":{"code":402,"message":"in flight"}}',
      location: null,
      waitKnown: true,
      url,
    });
    expect(failure).toMatchObject({ kind: "rate_limited", retryable: true });
  });

  it("that redirects says where to, and is not followed", () => {
    const failure = classifyResponse({
      status: 308,
      body: "",
      location: "https://b.example/v1",
      waitKnown: false,
      url,
    });
    expect(failure).toEqual({
      kind: "invalid_request",
      message: `${url} redirects (HTTP 308) to https://b.example/v1; redirects are not followed`,
      code: null,
      retryable: false,
      maybeBilled: false,
    });
  });

  it("has a message of at most 2000 characters on one line", () => {
    const failure = classifyResponse({
      status: 500,
      body: "😀 line\n".repeat(1000),
      location: null,
      waitKnown: false,
      url,
    });
    expect(failure.message.length).toBeLessThanOrEqual(2000);
    expect(failure.message).toMatch(/^😀 line 😀 line .*…$/u);
  });
});

describe("an error inside a 200", () => {
  it.each(hidden)("%j is %s, retryable %s", (body, kind, retryable, code) => {
    expect(classifyHiddenError(readErrorValue(body), false)).toMatchObject({
      kind,
      retryable,
      code,
      maybeBilled: false,
    });
  });

  it("may have been charged when part of the answer came before it", () => {
    expect(classifyHiddenError(readErrorValue({ error: "gone" }), true)).toEqual({
      kind: "server",
      message: "gone",
      code: null,
      retryable: true,
      maybeBilled: true,
    });
  });
});
