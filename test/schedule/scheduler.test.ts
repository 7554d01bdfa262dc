import { describe, expect, it } from "vitest";
import type { AttemptOutcome } from "../../src/outcome/attempt.ts";
import type { FailureKind } from "../../src/outcome/failure.ts";
import type { Lane, LaneChange, LaneSpec } from "../../src/schedule/lane.ts";
import { type EndedAttempt, Scheduler } from "../../src/schedule/scheduler.ts";
import { drive, ManualClock } from "../support/manual-clock.ts";

const okOutcome: AttemptOutcome = {
  status: "ok",
  answer: {
    completions: [
      {
        choice: 0,
        content: "ok",
        reasoning: "",
        toolCalls: [],
        refusal: null,
        finishReason: "stop",
        finishReasonRaw: "stop",
      },
    ],
    usage: {
      promptTokens: 50,
      completionTokens: 50,
      reasoningTokens: null,
      cachedTokens: null,
      totalTokens: 100,
      estimated: false,
    },
    responseId: null,
    responseModel: null,
  },
  times: { latencyMs: 10, ttftMs: null },
  httpStatus: 200,
  traceId: null,
  hints: null,
};

function failed(kind: FailureKind, retryable: boolean, message = kind as string): AttemptOutcome {
  return {
    status: "failed",
    failure: { kind, message, code: null, retryable, maybeBilled: false },
    times: { latencyMs: 10, ttftMs: null },
    httpStatus: null,
    traceId: null,
    hints: null,
  };
}

const lane: LaneSpec = {
  key: "p/m",
  provider: "p",
  model: "m",
  variants: [0],
  concurrency: 4,
  isAdaptive: false,
  limits: {},
  strict: false,
};

interface Setup {
  readonly lanes?: readonly (LaneSpec & { readonly count: number })[];
  readonly concurrency?: number;
  readonly latencyMs?: number;
  readonly answer?: (index: number, attempt: number, now: number) => AttemptOutcome;
}

/** A scheduler on a manual clock with a fake server of a fixed latency. Lane n serves indices n*10000, n*10000+1, … */
function setUp(setup: Setup): {
  readonly clock: ManualClock;
  readonly scheduler: Scheduler;
  readonly ended: EndedAttempt[];
  readonly sent: { index: number; at: number }[];
  readonly changes: LaneChange[];
  readonly peak: () => number;
} {
  const clock = new ManualClock();
  const ended: EndedAttempt[] = [];
  const sent: { index: number; at: number }[] = [];
  const changes: LaneChange[] = [];
  const attempts = new Map<number, number>();
  let inFlight = 0;
  let peak = 0;
  const lanes = setup.lanes ?? [{ ...lane, count: 20 }];
  const scheduler = new Scheduler({
    lanes: lanes.map((spec, n) => {
      let next = 0;
      return { spec, work: { next: () => (next < spec.count ? n * 10_000 + next++ : -1) } };
    }),
    concurrency: setup.concurrency ?? 4,
    maxAttempts: 6,
    clock,
    random: () => 0.5,
    send: async (index) => {
      sent.push({ index, at: clock.now() });
      const attempt = (attempts.get(index) ?? 0) + 1;
      attempts.set(index, attempt);
      inFlight++;
      peak = Math.max(peak, inFlight);
      await new Promise<void>((resolve) => clock.after(setup.latencyMs ?? 10, resolve));
      inFlight--;
      return setup.answer?.(index, attempt, clock.now()) ?? okOutcome;
    },
    onAttempt: (one) => ended.push(one),
    onLaneChange: (_: Lane, change) => changes.push(change),
  });
  return { clock, scheduler, ended, sent, changes, peak: () => peak };
}

describe("the scheduler", () => {
  it("asks everything once and keeps the concurrency full, never above it", async () => {
    const { clock, scheduler, ended, peak } = setUp({});
    await drive(clock, scheduler.run());
    expect(ended.map((one) => one.index).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 20 }, (_, i) => i),
    );
    expect(peak()).toBe(4);
    expect(clock.now()).toBe(50);
  });

  it("lets a waiting retry hold no slot, and counts its attempts", async () => {
    const { clock, scheduler, ended } = setUp({
      concurrency: 1,
      lanes: [{ ...lane, concurrency: 1, count: 3 }],
      answer: (index, attempt) =>
        index === 0 && attempt < 3 ? failed("network", true, `blip ${attempt}`) : okOutcome,
    });
    await drive(clock, scheduler.run());
    expect(ended.map((one) => [one.index, one.attempt, one.outcome.status, one.final])).toEqual([
      [0, 1, "failed", false],
      [1, 1, "ok", true],
      [2, 1, "ok", true],
      [0, 2, "failed", false],
      [0, 3, "ok", true],
    ]);
  });

  it("tells what a retry waited from what the answer took", async () => {
    const { clock, scheduler, ended } = setUp({
      lanes: [{ ...lane, count: 1 }],
      answer: (_, attempt) => (attempt === 1 ? failed("network", true) : okOutcome),
    });
    await drive(clock, scheduler.run());
    expect(ended.map((one) => [one.queuedMs, one.totalMs])).toEqual([
      [0, 10],
      [0, 10 + 125 + 10],
    ]);
  });

  it("gives up at the cap, and at once on what no retry mends", async () => {
    const { clock, scheduler, ended } = setUp({
      lanes: [{ ...lane, count: 2 }],
      answer: (index, attempt) =>
        failed(index === 0 ? "server" : "invalid_request", index === 0, `${attempt}`),
    });
    await drive(clock, scheduler.run());
    expect(ended.filter((one) => one.index === 0)).toHaveLength(6);
    expect(ended.filter((one) => one.index === 1)).toHaveLength(1);
  });

  it("gives up early on a request that fails the same way while others succeed", async () => {
    const { clock, scheduler, ended } = setUp({
      answer: (index) => (index === 0 ? failed("server", true, "same") : okOutcome),
    });
    await drive(clock, scheduler.run());
    expect(ended.filter((one) => one.index === 0)).toHaveLength(3);
    expect(ended.filter((one) => one.outcome.status === "ok")).toHaveLength(19);
  });

  it("stops a lane on a bad key and leaves the other alone", async () => {
    const { clock, scheduler, ended } = setUp({
      lanes: [
        { ...lane, key: "bad", count: 100 },
        { ...lane, key: "good", count: 100 },
      ],
      answer: (index) => (index < 10_000 ? failed("auth", false, "invalid key") : okOutcome),
    });
    await drive(clock, scheduler.run());
    expect(ended.filter((one) => one.index < 10_000).length).toBeLessThanOrEqual(4);
    expect(ended.filter((one) => one.index >= 10_000)).toHaveLength(100);
    expect(scheduler.lanes.map((one) => one.stopped?.kind ?? null)).toEqual(["auth", null]);
  });

  it("stops a lane where nothing ever worked", async () => {
    const { clock, scheduler, sent } = setUp({
      lanes: [{ ...lane, count: 1_000 }],
      answer: () => failed("bad_response", false, "an HTML page"),
    });
    await drive(clock, scheduler.run());
    expect(sent.length).toBeLessThan(20);
    expect(scheduler.lanes[0]?.stopped?.reason).toContain("an HTML page");
  });

  it("goes on when requests are refused for reasons of their own, and stops when all are for the same", async () => {
    const own = setUp({
      lanes: [{ ...lane, count: 40 }],
      answer: (index) => (index < 20 ? failed("invalid_request", false, `bad row ${index}`) : okOutcome),
    });
    await drive(own.clock, own.scheduler.run());
    expect(own.ended.filter((one) => one.outcome.status === "ok")).toHaveLength(20);
    const same = setUp({
      lanes: [{ ...lane, count: 40 }],
      answer: () => failed("invalid_request", false, "no such model"),
    });
    await drive(same.clock, same.scheduler.run());
    expect(same.ended.length).toBeLessThan(20);
  });

  it("pauses the lane as a whole on a refusal, once for all that were in flight, and comes back", async () => {
    const { clock, scheduler, sent, changes, ended } = setUp({
      answer: (_, __, now) => (now <= 10 ? failed("rate_limited", true) : okOutcome),
    });
    await drive(clock, scheduler.run());
    expect(changes.map((change) => change.event)).toEqual(["cut", "pause", "grow"]);
    expect(sent.filter(({ at }) => at > 0 && at < 1_010)).toEqual([]);
    expect(ended.filter((one) => one.outcome.status === "ok")).toHaveLength(20);
  });

  it("shares slots between lanes, so that a slow one does not hold back another", async () => {
    const clockOf = (lanes: number): Promise<number> => {
      const { clock, scheduler, ended } = setUp({
        concurrency: 8,
        lanes: [
          { ...lane, key: "fast", concurrency: 4, count: 100 },
          { ...lane, key: "limited", concurrency: 4, limits: { rpm: 60 }, count: 20 },
        ].slice(0, lanes),
      });
      return drive(clock, scheduler.run()).then(() =>
        Math.max(...ended.filter((one) => one.index < 10_000).map((one) => one.totalMs + 0)),
      );
    };
    expect(await clockOf(2)).toBeCloseTo(await clockOf(1), 0);
  });

  it("keeps to a stated rate: no minute holds more requests than the limit", async () => {
    const { clock, scheduler, sent } = setUp({ lanes: [{ ...lane, limits: { rpm: 120 }, count: 500 }] });
    await drive(clock, scheduler.run());
    const times = sent.map(({ at }) => at);
    for (const start of times)
      expect(times.filter((at) => at >= start && at < start + 60_000).length).toBeLessThanOrEqual(120);
    expect(sent.length / (clock.now() / 60_000)).toBeGreaterThan(120 * 0.96);
  });

  it("stops softly: nothing more is sent, what is in flight ends", async () => {
    const { clock, scheduler, ended, sent } = setUp({ lanes: [{ ...lane, count: 1_000 }] });
    clock.after(35, () => scheduler.stop());
    await drive(clock, scheduler.run());
    expect(sent).toHaveLength(16);
    expect(ended).toHaveLength(16);
  });

  it("shows a bug in sending instead of hanging", async () => {
    const { clock, scheduler } = setUp({
      answer: () => {
        throw new Error("a bug");
      },
    });
    await expect(drive(clock, scheduler.run())).rejects.toThrow("a bug");
  });
});
