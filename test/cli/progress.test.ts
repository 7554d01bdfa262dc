import { stripVTControlCharacters } from "node:util";
import fc from "fast-check";
import stringWidth from "string-width";
import { describe, expect, test } from "vitest";
import { type BlockOptions, blockLines } from "../../src/cli/block-lines.ts";
import { Progress } from "../../src/cli/progress.ts";
import { RunTally } from "../../src/cli/run-tally.ts";
import type { AttemptOutcome } from "../../src/outcome/attempt.ts";
import type { RunEvent } from "../../src/run/events.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { answered, refused } from "../support/outcomes.ts";
import { Screen } from "../support/screen.ts";

const plain: BlockOptions = { width: 100, height: 20, color: false, isAscii: false };
type LaneState = (RunEvent & { kind: "lanes" })["lanes"][number];

function attempt(lane: string, outcome: AttemptOutcome, amount: number | null = null): RunEvent {
  const cost = amount === null ? null : { amount, currency: "CNY" };
  return { kind: "attempt", lane, final: true, outcome, cost, isUnpriced: false };
}

function state(lane: string, more: Partial<LaneState> = {}): LaneState {
  return {
    lane,
    left: 5,
    inFlight: 3,
    concurrency: 8,
    boundBy: null,
    etaMs: 60_000,
    pauseLeftMs: 0,
    limits: [],
    ...more,
  };
}

function add(tally: RunTally, event: RunEvent, now: number): void {
  if (event.kind === "attempt") tally.add(event, now);
}

describe("the block of a run", () => {
  const lanes = [
    { key: "sf/large", requests: 1_200 },
    { key: "sf/small", requests: 10 },
  ];

  test("says how the whole stands, each lane, what it cost and the last failure", () => {
    const tally = new RunTally(1_210, 0, lanes, 0);
    for (let i = 0; i < 10; i++) add(tally, attempt("sf/small", answered(), 0.001), i);
    add(tally, attempt("sf/large", refused("rate_limited", "slow\u001b[2Jdown")), 57_000);
    tally.status = {
      lanes: [
        state("sf/large", {
          pauseLeftMs: 11_500,
          limits: [
            { axis: "rpm", used: 812, limit: 1_000 },
            { axis: "tpm", used: 41_200, limit: 50_000 },
          ],
        }),
      ],
      budget: [
        { name: "CNY", used: 0.42, limit: 2, beyond: 0 },
        { name: "requests", used: 11, limit: 5_000, beyond: 0 },
      ],
      time: { usedMs: 60_000, limitMs: 600_000 },
    };
    expect(blockLines(tally, 60_000, plain)).toEqual([
      "░░░░░░░░░░░░░░░░░░░░ 0% 11/1210 · 1 failed · sf/large: paused, 1 min 0 s left",
      "  sf/large  1/1 200  3 in flight  rpm 812/1 000  tpm 41 200/50 000  paused 12 s",
      "  sf/small    10/10                                                 done",
      "cost so far 0.42 of 2.00 CNY, 11 of 5 000 requests, 1 min 0 s of 10 min 0 s",
      "last failure: rate_limited: slow [2Jdown (sf/large, 3 s ago)",
    ]);
    expect(blockLines(tally, 60_000, { ...plain, width: 40, isAscii: true })).toEqual([
      ".......... 0% 11/1210 · 1 failed",
      "  sf/large  1/1 200  paused 12 s",
      "  sf/small    10/10  done",
      "cost so far 0.42 of 2.00 CNY, 11 of 5 0…",
      "last failure: rate_limited: slow [2Jdown",
    ]);
  });

  test("without a budget the cost is that of the attempts, and says when it is not all of it", () => {
    const tally = new RunTally(3, 0, [{ key: "a", requests: 3 }], 0);
    add(tally, attempt("a", answered(), 0.25), 1);
    add(tally, attempt("a", answered(), 0.5), 2);
    expect(blockLines(tally, 3, plain).at(-1)).toBe("cost so far 0.75 CNY");
    tally.isUnpriced = true;
    expect(blockLines(tally, 3, plain).at(-1)).toBe("cost so far ≥ 0.75 CNY");
    const resumed = new RunTally(3, 1, [{ key: "a", requests: 3, answered: 1 }], 0);
    add(resumed, attempt("a", answered(), 0.25), 1);
    expect(blockLines(resumed, 3, plain).at(-1)).toBe("cost of this session 0.25 CNY");
  });

  test("shows eight lanes at most, the slowest first, and fewer where the terminal is low", () => {
    const many = Array.from({ length: 30 }, (_, i) => ({ key: `lane${i}`, requests: 10 + i }));
    const tally = new RunTally(735, 0, many, 0);
    const at = (height: number): readonly string[] => blockLines(tally, 0, { ...plain, height });
    expect(at(40)).toHaveLength(10);
    expect(at(40)[1]).toContain("lane29");
    expect(at(40).at(-1)).toBe("  … and 22 more");
    expect(
      at(5)
        .slice(1)
        .map((line) => line.trim().split(" ")[0]),
    ).toEqual(["lane29", "lane28", "lane27", "…"]);
    expect(at(5).at(-1)).toBe("  … and 27 more");
    expect(at(1)).toHaveLength(1);
  });

  test("never is wider or higher than asked, whatever names, counts and messages", () => {
    const text = fc.oneof(
      fc.string({ unit: "grapheme", maxLength: 60 }),
      fc.constantFrom("深度求索/深度求索", "👩‍👩‍👧", "a\u001b[31mb\n\tc", "ｗｉｄｅ", "‮abc"),
    );
    const count = fc.nat({ max: 2 ** 31 });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(text, count, count), { maxLength: 12 }),
        text,
        fc.integer({ min: 1, max: 160 }),
        fc.integer({ min: 1, max: 30 }),
        fc.boolean(),
        fc.nat({ max: 1e9 }),
        (named, message, width, height, color, now) => {
          const tally = new RunTally(
            named.reduce((sum, [, requests]) => sum + requests, 0),
            0,
            named.map(([key, requests]) => ({ key, requests })),
            0,
          );
          const [lane = "lane"] = named[0] ?? [];
          add(tally, attempt(lane, answered(), 1e-7), now);
          add(tally, attempt(lane, refused("server", message)), now);
          tally.status = {
            lanes: named.map(([key, used, limit]) =>
              state(key, { etaMs: used, pauseLeftMs: limit, limits: [{ axis: "tpm", used, limit }] }),
            ),
            budget: [{ name: "tokens", used: now, limit: 1, beyond: 0 }],
            time: null,
          };
          const lines = blockLines(tally, now, { width, height, color, isAscii: false });
          expect(lines.length).toBeLessThanOrEqual(height);
          for (const line of lines) expect(stringWidth(line)).toBeLessThanOrEqual(width);
          const text = stripVTControlCharacters(lines.join(""));
          expect(text).not.toMatch(/\p{Cc}/u);
        },
      ),
    );
  });
});

describe("progress on a terminal", () => {
  const planned: RunEvent = {
    kind: "planned",
    directory: "runs/x",
    requests: 40,
    variants: 4,
    rows: 10,
    answered: 0,
    reused: 0,
    base: null,
    lanes: ["provider/model-a", "provider/model-b", "provider/model-c", "provider/model-d"].map((key) => ({
      key,
      provider: "provider",
      model: key,
      variants: [],
      concurrency: 8,
      isAdaptive: true,
      limits: {},
      strict: false,
      requests: 10,
      answered: 0,
    })),
  };

  function start(columns: number, rows: number, live = true) {
    const clock = new ManualClock();
    const screen = new Screen(columns, rows);
    const size = { columns, rows };
    let written = "";
    const output = {
      isTerminal: true,
      get columns(): number {
        return size.columns;
      },
      get rows(): number {
        return size.rows;
      },
      write: (text: string): void => {
        written += text;
      },
    };
    const options = { live, quiet: false, verbose: false, color: true, isAscii: false, clock };
    const progress = new Progress(output, options);
    return {
      clock,
      progress,
      screen,
      shown: async (): Promise<string> => {
        // What a terminal makes of a line's end.
        await screen.write(written.replaceAll(/\r?\n/g, "\r\n"));
        written = "";
        return screen.text;
      },
      resize: (wide: number, high: number): void => {
        Object.assign(size, { columns: wide, rows: high });
        screen.resize(wide, high);
      },
    };
  }

  test("draws in place, lets messages stand above, and leaves nothing behind", async () => {
    const { clock, progress, shown } = start(80, 24);
    progress.show(planned);
    expect(await shown()).toMatch(
      /^40 requests: .*\n░+ 0% 0\/40 · 0 failed\n {2}provider\/model-a {2}0\/10\n/,
    );
    for (let i = 0; i < 10; i++) {
      progress.show(attempt("provider/model-b", answered()));
      clock.tick();
    }
    progress.show({ kind: "notice", message: "something to say" });
    const text = await shown();
    expect(text.split("\n").slice(0, 3)).toEqual([
      "40 requests: 4 variants × 10 rows",
      "something to say",
      expect.stringMatching(/^█████░{15} 25% 10\/40 · 0 failed · [\d.]+ req\/s/),
    ]);
    expect(text.split("\n")).toHaveLength(7);
    expect(text).toMatch(/provider\/model-b +10\/10 +done$/);
    progress.end();
    progress.end();
    expect(await shown()).toBe("40 requests: 4 variants × 10 rows\nsomething to say");
  });

  test.each([
    [80, 24, 40, 24],
    [40, 24, 100, 24],
    [80, 24, 30, 4],
    [100, 6, 24, 3],
    [60, 3, 80, 24],
  ])("survives a change from %i × %i to %i × %i", async (columns, rows, wide, high) => {
    const { clock, progress, screen, shown, resize } = start(columns, rows);
    progress.show(planned);
    progress.show(attempt("provider/model-a", refused("server", "a long message ".repeat(20))));
    clock.tick();
    await shown();
    resize(wide, high);
    clock.tick();
    await shown();
    clock.tick();
    const before = await shown();
    // Where lines below the cursor wrap anew, some terminals move it down: a line of the old block stays then.
    const stale = wide < columns ? 1 : 0;
    const heads = before.match(/░+ \d+% [01]\/40/g) ?? [];
    expect(heads.length).toBeGreaterThanOrEqual(1);
    expect(heads.length).toBeLessThanOrEqual(1 + stale);
    progress.end();
    const after = await shown();
    expect(after.replaceAll(/\s+/g, "")).toMatch(/^40requests:4variants×10rows/);
    expect(after.match(/░+ \d+%/g) ?? []).toHaveLength(heads.length - 1);
    expect(screen.scrolled).toBeLessThanOrEqual(2);
  });

  test("elsewhere is a line now and then, without any sequence", async () => {
    const { clock, progress, shown } = start(80, 24, false);
    progress.show(planned);
    clock.after(10_000, () => undefined);
    clock.tick();
    progress.show(attempt("provider/model-a", answered()));
    expect(await shown()).toBe("40 requests: 4 variants × 10 rows\n1/40 0 failed");
  });
});
