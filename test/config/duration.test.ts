import { describe, expect, it } from "vitest";
import { durationMs } from "../../src/config/duration.ts";

describe("durationMs", () => {
  it.each([
    ["500ms", 500],
    ["10s", 10_000],
    ["1.5s", 1_500],
    ["2m", 120_000],
    ["0.5h", 1_800_000],
    [" 10s ", 10_000],
    ["0s", 0],
    [60, 60_000],
    [0.25, 250],
    [0, 0],
  ])("reads %j as %d ms", (written, ms) => {
    expect(durationMs(written)).toBe(ms);
  });

  it.each([
    "",
    "10",
    "s",
    "-1s",
    "10 s",
    "1m30s",
    "10S",
    "1d",
    ".5s",
    "1e3s",
    -1,
    Number.NaN,
    Number.POSITIVE_INFINITY,
  ])("takes %j for no duration", (written) => {
    expect(durationMs(written)).toBeNull();
  });
});
