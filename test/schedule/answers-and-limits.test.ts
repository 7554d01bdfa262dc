import { describe, expect, it } from "vitest";
import type { AttemptOutcome, LimitHints } from "../../src/outcome/attempt.ts";
import type { LaneChange, LaneSpec } from "../../src/schedule/lane.ts";
import { decideRetry } from "../../src/schedule/retry-policy.ts";
import { type EndedAttempt, Scheduler } from "../../src/schedule/scheduler.ts";
import { drive, ManualClock } from "../support/manual-clock.ts";
import { answered, refused } from "../support/outcomes.ts";

const day = 86_400_000;
const fiveMinutes = 300_000;

const lane: LaneSpec = {
  key: "p/m",
  provider: "p",
  model: "m",
  variants: [0],
  concurrency: 1,
  isAdaptive: false,
  limits: {},
  strict: false,
};

const none: LimitHints = { retryAfterMs: null, axes: [], exceeded: null };

/** Sends `count` requests, each taking 10 ms, on a lane of its own. */
async function sent(
  count: number,
  answer: (index: number, attempt: number) => AttemptOutcome,
  spec: Partial<LaneSpec> = {},
): Promise<{
  readonly ended: readonly EndedAttempt[];
  readonly changes: readonly LaneChange[];
  readonly starts: readonly number[];
}> {
  const clock = new ManualClock();
  const ended: EndedAttempt[] = [];
  const changes: LaneChange[] = [];
  const starts: number[] = [];
  const attempts = new Map<number, number>();
  let next = 0;
  const scheduler = new Scheduler({
    lanes: [{ spec: { ...lane, ...spec }, work: { next: () => (next < count ? next++ : -1) } }],
    concurrency: 32,
    maxAttempts: 6,
    clock,
    random: () => 0.5,
    send: async (index) => {
      starts.push(clock.now());
      const attempt = (attempts.get(index) ?? 0) + 1;
      attempts.set(index, attempt);
      await new Promise<void>((resolve) => clock.after(10, resolve));
      return answer(index, attempt);
    },
    onAttempt: (one) => ended.push(one),
    onLaneChange: (_lane, change) => changes.push(change),
  });
  await drive(clock, scheduler.run());
  return { ended, changes, starts };
}

describe("an answer", () => {
  it("that asks to wait is kept, and never asked for again", async () => {
    const hints = { ...none, retryAfterMs: 20_000 };
    const { ended } = await sent(5, () => ({ ...answered(), hints }));
    expect(ended.map((one) => [one.index, one.attempt, one.outcome.status, one.final])).toEqual(
      [0, 1, 2, 3, 4].map((index) => [index, 1, "ok", true]),
    );
  });

  it("tells the wait for a free slot from its own time", async () => {
    const { ended } = await sent(4, answered);
    expect(ended.map((one) => [one.queuedMs, one.totalMs])).toEqual([
      [0, 10],
      [10, 20],
      [10, 20],
      [10, 20],
    ]);
  });
});

describe("a refusal for good", () => {
  it.each(["auth", "quota"] as const)("of kind %s stops the lane at once", async (kind) => {
    const failed = refused(kind, "no");
    if (failed.status === "ok") throw new Error("answered");
    const { ended, changes } = await sent(100, () => ({
      ...failed,
      failure: { ...failed.failure, retryable: false },
    }));
    expect(ended).toHaveLength(1);
    expect(changes).toEqual([{ event: "stop", reason: "no", concurrency: 0, pauseMs: null }]);
  });
});

describe("a wait that a server asks for", () => {
  const throttled = (retryAfterMs: number): AttemptOutcome => ({
    ...refused("rate_limited"),
    hints: { ...none, retryAfterMs },
  });

  it("pauses the lane so long, and never longer than five minutes", async () => {
    for (const [asked, pauseMs] of [
      [20_000, 20_000],
      [day, fiveMinutes],
    ] as const) {
      const { changes } = await sent(3, (index, attempt) =>
        index === 0 && attempt === 1 ? throttled(asked) : answered(),
      );
      expect(changes[0]).toMatchObject({ event: "pause", pauseMs });
    }
  });

  it("does not freeze the run: all is answered soon after, at the full pace again", async () => {
    const { ended, changes, starts } = await sent(
      60,
      (index, attempt) => (index === 0 && attempt === 1 ? throttled(day) : answered()),
      { concurrency: 4 },
    );
    expect(ended.filter((one) => one.outcome.status === "ok")).toHaveLength(60);
    expect(Math.max(...starts)).toBeLessThan(1.5 * fiveMinutes);
    expect(changes.map((one) => [one.event, one.concurrency])).toEqual([
      ["pause", 3],
      ["grow", 4],
    ]);
  });

  it("is a floor of the request's own wait, of five minutes at most", () => {
    const facts = {
      failure: { kind: "rate_limited", message: "", code: null, retryable: true, maybeBilled: false },
      attempts: 1,
      maxAttempts: 6,
      sameFailures: 1,
      othersSucceed: false,
      random: 1,
    } as const;
    const delay = (retryAfterMs: number): number => {
      const decision = decideRetry({ ...facts, retryAfterMs });
      return decision.retry ? decision.delayMs : -1;
    };
    expect(delay(20_000)).toBeGreaterThanOrEqual(20_000);
    expect(delay(20_000)).toBeLessThan(25_000);
    expect(delay(day)).toBeGreaterThanOrEqual(fiveMinutes);
    expect(delay(day)).toBeLessThan(1.1 * fiveMinutes);
  });
});
