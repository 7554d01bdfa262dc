import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Metric, readMetric } from "../../src/compare/metric.ts";
import { readLimitValue, readShare } from "../../src/config/gate-value.ts";

function metric(name: string): Metric {
  const read = readMetric(name, ["correct"]);
  if ("metric" in read) return read.metric;
  throw new Error(read.problem);
}

describe("readLimitValue", () => {
  it.each([
    ["pass_rate", "max_drop", 0.05, 0.05],
    ["pass_rate", "max_drop", "5%", 0.05],
    ["pass_rate", "max_drop", "5pt", 0.05],
    ["pass_rate", "max_drop", "5 points", 0.05],
    ["pass_rate", "max_drop", " 0.05 ", 0.05],
    ["pass_rate", "min", 1, 1],
    ["pass_rate", "min", "100%", 1],
    ["scores.correct", "max_increase", ".5%", 0.005],
    ["failure_rate", "max", 0, 0],
    ["latency_ms.p50", "max_increase", "20%", 0.2],
    ["latency_ms.p50", "max_increase", 0.2, 0.2],
    ["cost", "max_increase", "250%", 2.5],
    ["latency_ms.p50", "max", 800, 800],
    ["latency_ms.p50", "max", "800", 800],
    ["latency_ms.p50", "max", "2s", 2000],
    ["ttft_ms.mean", "max", "500ms", 500],
    ["total_ms.p90", "max", "1.5m", 90_000],
    ["completion_tokens.mean", "max", 200, 200],
    ["cost.mean", "max", 0.02, 0.02],
  ] as const)("%s %s: %j is %d", (name, kind, written, value) => {
    expect(readLimitValue(kind, written, metric(name))).toEqual({ value });
  });

  it.each([
    ["pass_rate", "max_drop", 5, "write `5%` or `0.05`"],
    ["pass_rate", "min", 90, "write `90%` or `0.9`"],
    ["pass_rate", "min", "2s", "write it as `5%` or `0.05`"],
    ["pass_rate", "max_drop", "-5%", "write it as `5%` or `0.05`"],
    ["completion_tokens.mean", "max_increase", 20, "write `20%`, or `2000%` if that is meant"],
    ["completion_tokens.mean", "max_increase", "20pt", "write `20%` of the base"],
    ["completion_tokens.mean", "max", "2s", "write a number, such as `200`"],
    ["latency_ms.p50", "max", "2 parsecs", "milliseconds, or a duration such as `2s`, `500ms`"],
    ["latency_ms.p50", "max", "20%", "`max_increase: 20%` is a share of the base"],
    ["cost", "max", "0.02 CNY", "write `0.02`: it is in the currency of the prices"],
  ] as const)("%s %s: %j is refused with a way out", (name, kind, written, hint) => {
    expect(readLimitValue(kind, written, metric(name))).toEqual({ problem: expect.any(String), hint });
  });
});

describe("readShare", () => {
  it("reads the same share in every way it can be written", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1000 }), (thousandths) => {
        const share = thousandths / 1000;
        for (const written of [share, `${share}`, `${thousandths / 10}%`, `${thousandths / 10}pt`])
          expect(readShare(written)).toEqual({ value: share });
      }),
    );
  });

  it("takes nothing for a share that is not in 0 to 1", () => {
    fc.assert(
      fc.property(fc.double({ min: 1, minExcluded: true, max: 1e6, noNaN: true }), (number) => {
        expect(readShare(number)).toHaveProperty("hint");
      }),
    );
  });
});
