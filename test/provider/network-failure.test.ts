import { describe, expect, it } from "vitest";
import { classifyConnectionError } from "../../src/provider/network-failure.ts";

const base = "https://api.example.com/v1";

function coded(code: string, message = "m"): Error {
  return Object.assign(new Error(message), { code });
}

describe("a connection error", () => {
  it.each([
    ["ECONNRESET", "network", true],
    ["ECONNREFUSED", "network", true],
    ["ECONNABORTED", "network", true],
    ["EPIPE", "network", true],
    ["ETIMEDOUT", "network", true],
    ["EHOSTUNREACH", "network", true],
    ["ENETUNREACH", "network", true],
    ["ENETDOWN", "network", true],
    ["EAI_AGAIN", "network", true],
    ["ENOTFOUND", "network", true],
    ["UND_ERR_SOCKET", "network", true],
    ["UND_ERR_CONNECT_TIMEOUT", "timeout", true],
    ["UND_ERR_HEADERS_TIMEOUT", "timeout", true],
    ["UND_ERR_BODY_TIMEOUT", "timeout", true],
    ["CERT_HAS_EXPIRED", "network", false],
    ["DEPTH_ZERO_SELF_SIGNED_CERT", "network", false],
    ["SELF_SIGNED_CERT_IN_CHAIN", "network", false],
    ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "network", false],
    ["ERR_TLS_CERT_ALTNAME_INVALID", "network", false],
    ["ERR_SSL_WRONG_VERSION_NUMBER", "network", false],
    ["INVALID_CA", "network", false],
    ["EWHATEVER", "network", true],
  ])("%s is %s, retryable %s", (code, kind, retryable) => {
    expect(classifyConnectionError(coded(code), "connecting", base)).toMatchObject({
      kind,
      retryable,
      code,
      maybeBilled: false,
    });
  });

  it("is looked for in causes and in the errors of an aggregate", () => {
    const buried = new TypeError("fetch failed", {
      cause: new AggregateError([new Error("x"), new Error("y", { cause: coded("ENETUNREACH") })]),
    });
    expect(classifyConnectionError(buried, "connecting", base)).toEqual({
      kind: "network",
      message: `cannot connect to ${base} (network unreachable)`,
      code: "ENETUNREACH",
      retryable: true,
      maybeBilled: false,
    });
  });

  it("that causes itself is no endless chain, and an unknown one keeps its words", () => {
    const error = new Error("odd\nthing");
    error.cause = error;
    expect(classifyConnectionError(error, "waiting", base)).toEqual({
      kind: "network",
      message: `no answer from ${base} (odd thing)`,
      code: null,
      retryable: true,
      maybeBilled: true,
    });
    expect(classifyConnectionError("thrown text", "answering", base).message).toBe(
      `the answer from ${base} broke off (unknown error)`,
    );
  });
});
