import { expect, it } from "vitest";
import { decideRetry } from "../../src/schedule/retry-policy.ts";

const facts = { maxAttempts: 6, sameFailures: 1, othersSucceed: false, retryAfterMs: null, random: 0 };

it("a host that the name server does not know is asked for twice more", () => {
  const retried = (code: string, attempts: number): boolean =>
    decideRetry({
      ...facts,
      attempts,
      failure: { kind: "network", message: "", code, retryable: true, maybeBilled: false },
    }).retry;
  expect([1, 2, 3].map((attempts) => retried("ENOTFOUND", attempts))).toEqual([true, true, false]);
  expect([1, 3, 5, 6].map((attempts) => retried("EAI_AGAIN", attempts))).toEqual([true, true, true, false]);
});
