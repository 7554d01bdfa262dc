import { describe, expect, it } from "vitest";
import { ChargeWatch } from "../../src/schedule/charge-watch.ts";

const limit = 100_000;
const second = 1_000;
const minute = 60 * second;
/** Each request uses 500 tokens and states at most 2 000. */
const request = { usage: 500, reserve: 2_000, max_tokens: 2_000 };
const ended = { usage: 0, reserve: -1_500, max_tokens: 0 };

/** A lane that sends by the watch's own count, for so long, to a server that counts by `truth`; gives what was refused. */
function drive(
  watch: ChargeWatch,
  truth: "usage" | "max_tokens",
  { from = 0, minutes }: { from?: number; minutes: number },
): { refused: number; found: { at: number; charge: string }[]; sent: number; end: number } {
  const found: { at: number; charge: string }[] = [];
  const server: { at: number; amount: number }[] = [];
  let refused = 0;
  let sent = 0;
  let inRow = 0;
  let credit = 0;
  let now = from;
  for (; now < from + minutes * minute; now += 100) {
    const cost = watch.charge === "usage" ? request.usage : request.max_tokens / watch.share;
    credit = Math.min(credit + (0.97 * limit) / 600, 3 * cost);
    while (server[0] !== undefined && server[0].at <= now - minute) server.shift();
    if (credit < cost) continue;
    credit -= cost;
    sent++;
    const slot = watch.take(request, now);
    const held = server.reduce((total, { amount }) => total + amount, 0);
    if (held + request[truth] > limit) {
      refused++;
      inRow++;
      if (watch.refused({ limit, excess: 0, isUsedUp: inRow >= 4, isOften: refused >= 8 }, now))
        found.push({ at: now, charge: watch.charge });
      watch.settle(slot, { usage: -500, reserve: -2_000, max_tokens: -2_000 }, now);
    } else {
      inRow = 0;
      server.push({ at: now, amount: request[truth] });
      if (watch.answered(limit, now)) found.push({ at: now, charge: watch.charge });
      watch.settle(slot, ended, now);
    }
  }
  return { refused, found, sent, end: now };
}

describe("how a server counts tokens", () => {
  it("is found out where `max_tokens` count, and stays so when it is doubted", () => {
    const watch = new ChargeWatch(0);
    const first = drive(watch, "max_tokens", { minutes: 5 });
    expect(first.found.map(({ charge }) => charge)).toEqual(["max_tokens"]);
    const later = drive(watch, "max_tokens", { from: first.end, minutes: 60 });
    expect(later.found).toEqual([]);
    expect(watch.charge).toBe("max_tokens");
    // Two doubts within the hour, of three refusals each.
    expect(later.refused).toBe(6);
  });

  it("is taken back where the server counts what is used", () => {
    const watch = new ChargeWatch(0);
    const first = drive(watch, "max_tokens", { minutes: 5 });
    expect(watch.charge).toBe("max_tokens");
    const later = drive(watch, "usage", { from: first.end, minutes: 20 });
    expect(later.found.map(({ charge }) => charge)).toEqual(["usage"]);
    const last = drive(watch, "usage", { from: later.end, minutes: 30 });
    expect(last.refused).toBe(0);
    expect(last.sent).toBeGreaterThan((0.96 * limit * 30) / request.usage);
  });

  it("is not guessed from refusals at any count", () => {
    const watch = new ChargeWatch(0);
    let now = 0;
    let refused = 0;
    for (let i = 0; i < 400; i++) {
      now += 250;
      const slot = watch.take(request, now);
      if (i % 5 === 4) {
        refused++;
        expect(watch.refused({ limit, excess: 0, isUsedUp: false, isOften: refused >= 8 }, now)).toBe(false);
        watch.settle(slot, { usage: -500, reserve: -2_000, max_tokens: -2_000 }, now);
      } else watch.settle(slot, ended, now);
    }
    expect(watch.charge).toBe("usage");
  });
});
