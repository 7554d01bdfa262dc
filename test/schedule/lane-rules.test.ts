import { describe, expect, it } from "vitest";
import type { AttemptOutcome } from "../../src/outcome/attempt.ts";
import type { LaneChange, LaneSpec } from "../../src/schedule/lane.ts";
import { Scheduler } from "../../src/schedule/scheduler.ts";
import { RateLimiter } from "../../src/simulator/limits.ts";
import { drive, ManualClock } from "../support/manual-clock.ts";
import { answered, refused } from "../support/outcomes.ts";

const lane: LaneSpec = {
  key: "p/m",
  provider: "p",
  model: "m",
  variants: [0],
  concurrency: 16,
  isAdaptive: false,
  limits: {},
  strict: false,
};

interface Answering {
  readonly ms: number;
  readonly outcome: AttemptOutcome;
}

interface Ran {
  readonly clock: ManualClock;
  readonly changes: readonly (LaneChange & { readonly at: number; readonly lane: string })[];
  readonly sent: readonly { readonly index: number; readonly at: number }[];
  readonly ok: number;
  readonly stopped: readonly (string | null)[];
}

/** Lanes against a server in virtual time; lane n serves indices n·100 000, n·100 000 + 1, … */
async function run(
  lanes: readonly (Partial<LaneSpec> & { readonly count: number })[],
  server: (index: number, now: number) => Answering,
  options: { readonly concurrency?: number; readonly untilMs?: number; readonly groups?: number } = {},
): Promise<Ran> {
  const clock = new ManualClock();
  const changes: (LaneChange & { at: number; lane: string })[] = [];
  const sent: { index: number; at: number }[] = [];
  let ok = 0;
  const scheduler = new Scheduler({
    lanes: lanes.map(({ count, ...own }, n) => {
      let next = 0;
      const spec = { ...lane, key: `p/m${n}`, ...own };
      return { spec, work: { next: () => (next < count ? n * 100_000 + next++ : -1) } };
    }),
    concurrency: options.concurrency ?? 1_000,
    maxAttempts: 6,
    clock,
    random: () => 0.5,
    demandOf: () => ({ group: 0, promptTokens: 100, mostCompletion: 2_000 }),
    groupOf: (index) => index % (options.groups ?? 1),
    send: async (index) => {
      sent.push({ index, at: clock.now() });
      const { ms, outcome } = server(index, clock.now());
      await new Promise<void>((resolve) => clock.after(ms, resolve));
      if (outcome.status === "ok") ok++;
      return { ...outcome, times: { latencyMs: ms, ttftMs: null } };
    },
    onAttempt: () => undefined,
    onLaneChange: ({ spec }, change) => changes.push({ ...change, at: clock.now(), lane: spec.key }),
  });
  if (options.untilMs !== undefined) clock.after(options.untilMs, () => scheduler.stop());
  await drive(clock, scheduler.run());
  const stopped = scheduler.lanes.map((one) => one.stopped?.reason ?? null);
  return { clock, changes, sent, ok, stopped };
}

function named(text: "TPM" | "RPM"): AttemptOutcome {
  const exceeded = { axis: text.toLowerCase() as "tpm", limit: null };
  return { ...refused("rate_limited"), hints: { retryAfterMs: null, axes: [], exceeded } };
}

describe("a lane", () => {
  it("is not given up for quick failures beside slow answers", async () => {
    const { ok, stopped } = await run([{ count: 200 }], (index, now) =>
      // Three of ten fail at once in the first second.
      index % 10 < 3 && now < 1_000
        ? { ms: 5, outcome: refused("server") }
        : { ms: 2_000, outcome: answered() },
    );
    expect(stopped).toEqual([null]);
    expect(ok).toBe(200);
  });

  it("is given up when nothing ever works, soon", async () => {
    const { sent, stopped } = await run([{ count: 1_000 }], () => ({ ms: 5, outcome: refused("network") }));
    expect(stopped[0]).toMatch(/attempts in a row failed/);
    expect(sent.length).toBeLessThan(60);
  });

  it("is given up when each of many variants is refused in the same words", async () => {
    const bad = { ...refused("invalid_request"), hints: null };
    const failure = {
      kind: "invalid_request",
      message: "no such route",
      code: null,
      retryable: false,
      maybeBilled: false,
    } as const;
    const variants = Array.from({ length: 1_001 }, (_, i) => i);
    const { sent, stopped } = await run(
      [{ count: 1_001, variants }],
      () => ({ ms: 5, outcome: { ...bad, failure } as AttemptOutcome }),
      { groups: 1_001 },
    );
    expect(stopped[0]).toMatch(/variants were refused, the last: no such route/);
    expect(sent.length).toBeLessThan(60);
  });

  it("does not hammer a server that dies: single attempts with pauses, then it stops", async () => {
    const { sent, stopped, changes } = await run([{ count: 100_000 }], (_, now) =>
      now < 1_000 ? { ms: 10, outcome: answered() } : { ms: 10, outcome: refused("server") },
    );
    const after = sent.filter(({ at }) => at >= 1_000);
    expect(stopped[0]).toMatch(/in a row failed/);
    expect(after.length).toBeLessThan(150);
    expect(
      changes.some(({ event, reason }) => event === "pause" && reason.startsWith("too many failures")),
    ).toBe(true);
  });

  it("comes back to a server that was away for a while", async () => {
    const { ok, stopped } = await run([{ count: 3_000 }], (_, now) =>
      now < 1_000 || now > 31_000 ? { ms: 10, outcome: answered() } : { ms: 10, outcome: refused("server") },
    );
    expect(stopped).toEqual([null]);
    expect(ok).toBeGreaterThan(2_900);
  });

  it("finds out that a server charges `max_tokens`, and is hardly refused any more", async () => {
    const limiter = new RateLimiter({ tpm: 100_000, window: "sliding", charge: "max_tokens" });
    let refusedLate = 0;
    const { changes, sent } = await run(
      [{ count: 100_000, limits: { tpm: 100_000 }, concurrency: 64 }],
      (_, now) => {
        if (limiter.admit("m", 2_100, now).kind === "admitted") return { ms: 1_000, outcome: answered() };
        if (now > 300_000) refusedLate++;
        return { ms: 20, outcome: named("TPM") };
      },
      { untilMs: 900_000 },
    );
    const found = changes.filter(({ event }) => event === "charge");
    expect(found.map(({ limit }) => limit)).toEqual([{ axis: "tpm", value: 100_000 }]);
    expect(found[0]?.reason).toContain("`max_tokens`");
    const late = sent.filter(({ at }) => at > 300_000).length;
    expect(late / 10).toBeGreaterThan((0.9 * 100_000) / 2_100);
    expect(refusedLate / late).toBeLessThan(0.02);
  });

  it("waits as long as any refusal of one event asks", async () => {
    const asks = (ms: number): AttemptOutcome => {
      const one = named("RPM");
      return { ...one, hints: { retryAfterMs: ms, axes: [], exceeded: one.hints?.exceeded ?? null } };
    };
    const { sent } = await run([{ count: 40, concurrency: 8 }], (index, now) => {
      if (now > 0) return { ms: 10, outcome: answered() };
      return index === 7 ? { ms: 40, outcome: asks(60_000) } : { ms: 20, outcome: asks(1_000) };
    });
    const next = sent.find(({ at }) => at > 0);
    expect(next?.at).toBeGreaterThanOrEqual(60_000);
  });

  it("takes a refusal at its word that tells what it counted", async () => {
    const limiter = new RateLimiter({ tpm: 100_000, window: "bucket", charge: "max_tokens" });
    const { changes } = await run(
      [{ count: 1_000, limits: { tpm: 100_000 }, concurrency: 64 }],
      (_, now) => {
        if (limiter.admit("m", 2_100, now).kind === "admitted") return { ms: 1_000, outcome: answered() };
        const told = named("TPM");
        const exceeded = { axis: "tpm", limit: 100_000, requested: 2_100 } as const;
        return { ms: 20, outcome: { ...told, hints: { retryAfterMs: null, axes: [], exceeded } } };
      },
      { untilMs: 120_000 },
    );
    const found = changes.findIndex(({ event }) => event === "charge");
    expect(found).toBeGreaterThanOrEqual(0);
    expect(changes.slice(0, found).filter(({ event }) => event === "pause" || event === "cut")).toEqual([]);
  });

  it("that is throttled a hundredfold leaves the other at least 95 % of its speed", async () => {
    const limiter = new RateLimiter({ rpm: 6, window: "sliding" });
    const server = (index: number, now: number): Answering =>
      index >= 100_000 && limiter.admit("m", 1, now).kind === "refused"
        ? { ms: 20, outcome: named("RPM") }
        : { ms: 1_000, outcome: answered() };
    const shared = { concurrency: 32, left: 100_000 };
    const options = { concurrency: 32, untilMs: 300_000 };
    const alone = await run([{ ...shared, count: 99_999 }], server, options);
    const both = await run(
      [
        { ...shared, count: 99_999 },
        { ...shared, count: 99_999 },
      ],
      server,
      options,
    );
    const first = ({ sent }: Ran): number => sent.filter(({ index }) => index < 100_000).length;
    expect(first(both) / first(alone)).toBeGreaterThan(0.95);
  });

  it("gets connections by the work it has left, so that all lanes end together", async () => {
    const { sent } = await run(
      [
        { count: 900, left: 900 },
        { count: 100, left: 100 },
      ],
      () => ({ ms: 100, outcome: answered() }),
      { concurrency: 10 },
    );
    const end = (n: number): number =>
      Math.max(...sent.filter(({ index }) => Math.floor(index / 100_000) === n).map(({ at }) => at));
    expect(Math.abs(end(0) - end(1))).toBeLessThan(0.15 * end(0));
  });

  it.each(["rejects", "slows"])(
    "learns how many at once are of use at a server that %s above 32",
    async (above) => {
      const ends: number[] = [];
      const { sent, ok, changes } = await run(
        [{ count: 99_999, isAdaptive: true, concurrency: 512 }],
        (_, now) => {
          while ((ends[0] ?? now + 1) <= now) ends.shift();
          if (above === "rejects" && ends.length >= 32) return { ms: 10, outcome: refused("overloaded") };
          // A server that slows serves 32 a second, one after the other.
          const start = ends.length < 32 ? now : (ends[ends.length - 32] ?? now);
          ends.push(start + 1_000);
          ends.sort((x, y) => x - y);
          return { ms: start + 1_000 - now, outcome: answered() };
        },
        { untilMs: 120_000 },
      );
      expect(ok / 120).toBeGreaterThan(0.9 * 32);
      expect(changes.every(({ reason }) => reason !== "")).toBe(true);
      const last = changes.filter(({ event }) => event !== "pause").at(-1)?.concurrency ?? 0;
      expect(last).toBeGreaterThanOrEqual(28);
      expect(last).toBeLessThanOrEqual(44);
      expect(sent.length).toBeLessThan(ok * 1.1);
    },
  );
});
