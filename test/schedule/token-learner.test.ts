import { describe, expect, it } from "vitest";
import { unknownUsage } from "../../src/outcome/completion.ts";
import { Pace } from "../../src/schedule/pace.ts";

const demand = { group: 0, promptTokens: 0, mostCompletion: 50_000 };

/** Answers of 100 tokens in a second, and every tenth of 20 000 tokens in 200 seconds. */
function learned(): Pace {
  const pace = new Pace({ tpm: 1_000_000 }, false, 0);
  for (let i = 0; i < 200; i++) {
    const isLong = i % 10 === 0;
    const reservation = pace.take(demand, 0);
    const tokens = isLong ? 20_000 : 100;
    const usage = { ...unknownUsage, promptTokens: 0, completionTokens: tokens, totalTokens: tokens };
    pace.settle(reservation, usage, isLong ? 200_000 : 1_000);
  }
  return pace;
}

describe("tokens in flight", () => {
  it("are held free for what was sent within the last minute, and for nothing older", () => {
    const pace = learned();
    let now = 1_000_000;
    const flights = Array.from({ length: 100 }, () => pace.take(demand, now));
    expect(flights).toHaveLength(100);
    now += 2_000;
    // 100 times some 15 000 tokens more than the mean fill the limit.
    expect(pace.wait(demand, now).ms).toBeGreaterThan(10_000);
    now += 61_000;
    expect(pace.wait(demand, now).ms).toBe(0);
  });
});
