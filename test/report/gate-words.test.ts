import { describe, expect, test } from "vitest";
import { gateTable, otherReasons, verdictLine, worstFirst, worstGates } from "../../src/report/gate-words.ts";
import { renderMarkdown } from "../../src/report/markdown.ts";
import { renderTable } from "../../src/report/table.ts";
import { gateOf, gates, judged } from "./gate-sample.ts";
import { hostile } from "./sample.ts";

const [pass, fail, inconclusive, invalid, none] = gates as readonly [
  (typeof gates)[0],
  (typeof gates)[0],
  (typeof gates)[0],
  (typeof gates)[0],
  (typeof gates)[0],
];
const latency = gateOf({
  gate: "fast",
  metric: "latency_ms.p95",
  base: null,
  relative: true,
  candidate_value: 812,
  difference: { value: 812, low: null, high: null },
  p_adjusted: null,
  limit: { kind: "max", value: 500 },
  reason: "latency_ms.p95 is 812 ms, above max 500 ms",
});

describe("the verdict's line", () => {
  test("has the reason with the variant it is about", () => {
    expect(verdictLine(judged([pass, fail]))).toBe(
      "verdict: fail: pass_rate of prompt=v2 fell by 8.0 points [2.9, 13.1] from 0.958 to 0.878, no more than 5.0 points is allowed, p = 0.002; 1 pass",
    );
  });

  test("says how many more gates decided it, and what the others say", () => {
    expect(verdictLine(judged([fail, fail, fail, inconclusive, pass, none]))).toMatch(
      /^verdict: fail: .* \(and 2 more\); 1 inconclusive, 1 none, 1 pass$/,
    );
  });

  test("names the slice", () => {
    expect(verdictLine(judged([inconclusive]))).toMatch(
      /^verdict: inconclusive: pass_rate of prompt=v3, category=math & <logic> fell/,
    );
  });

  test("counts what passed, and gives the numbers of the only gate", () => {
    expect(verdictLine(judged([pass, pass]))).toBe("verdict: pass: all 2 gates");
    expect(verdictLine(judged([pass, pass, none]))).toBe("verdict: pass: 2 gates; 1 none");
    expect(verdictLine(judged([pass]))).toBe(
      "verdict: pass: pass_rate of prompt=v2 is 0.950 [0.910, 0.970], at least 0.900",
    );
  });

  test("tells nothing to judge from no gates", () => {
    expect(verdictLine(judged([none]))).toBe("verdict: none: prompt=v2: there is no baseline yet");
    expect(verdictLine(judged([]))).toBe("verdict: none: there are no gates");
  });

  test("puts a reason that does not begin with its metric behind the variant", () => {
    expect(verdictLine(judged([gateOf({ reason: "no row is on both sides", verdict: "invalid" })]))).toBe(
      "verdict: invalid: prompt=v2: no row is on both sides",
    );
  });
});

describe("the table of gates", () => {
  test("has columns only for what some gate has", () => {
    expect(gateTable([pass]).columns.map(({ title }) => title)).toEqual([
      "verdict",
      "gate",
      "variant",
      "value",
      "rows",
    ]);
    expect(gateTable(gates).columns.map(({ title }) => title)).toEqual([
      "verdict",
      "gate",
      "variant",
      "rows of",
      "against",
      "value",
      "change",
      "p",
      "rows",
    ]);
  });

  test("shows the judged value with its interval, and changes only where two sides are compared", () => {
    expect(gateTable([pass, fail, latency]).rows.map((row) => row.slice(4))).toEqual([
      ["0.950 [0.91, 0.97]", "", "", "300"],
      ["0.878", "−8.0 pt [−13.1, −2.9]", "0.002", "300"],
      ["812 ms", "", "", "300"],
    ]);
  });

  test("keeps the order of the matrix, or the worst of very many", () => {
    expect(worstFirst(gates).map(({ verdict }) => verdict)).toEqual([
      "invalid",
      "fail",
      "inconclusive",
      "none",
      "pass",
    ]);
    expect(worstGates(gates, 5).table.rows.map(([verdict]) => verdict)).toEqual(
      gates.map(({ verdict }) => verdict),
    );
    const two = worstGates(gates, 2);
    expect(two.table.rows.map(([verdict]) => verdict)).toEqual(["invalid", "fail"]);
    expect(two.more).toBe("3 more gates: `summary.json` has them all");
  });

  test("is followed by the reasons that the verdict's line does not give", () => {
    expect(otherReasons(judged(), 9).map((reason) => reason.split(" ")[0])).toEqual([
      "fail:",
      "inconclusive:",
      "none:",
    ]);
    expect(otherReasons(judged(), 1).at(-1)).toBe("2 more did not pass: `summary.json` has them all");
    expect(otherReasons(judged([pass, fail, invalid]), 9)).toHaveLength(1);
  });

  test("says once why there is nothing to judge", () => {
    const other = { ...none, candidate: "prompt=v3" };
    expect(otherReasons(judged([none, other, other]), 9)).toEqual([]);
    expect(otherReasons(judged([pass, none, other]), 9)).toEqual([
      "none: prompt=v2: there is no baseline yet",
    ]);
  });
});

describe("reports of a run with gates, byte for byte", () => {
  const warned = judged(gates, {}, [`only in origin/main, compared with nothing: ${hostile}`]);

  test.each([
    ["gates.md", () => renderMarkdown(warned)],
    ["gates-table.txt", () => renderTable(warned, { width: null, color: false })],
    ["gates-table-100.txt", () => renderTable(warned, { width: 100, color: false })],
    ["gates-passed.txt", () => renderTable(judged([pass]), { width: 100, color: true })],
  ])("%s", async (name, render) => {
    await expect(render()).toMatchFileSnapshot(`golden/${name}`);
  });

  test("no line of them is taken for a command by a CI system", () => {
    const command = gateOf({ gate: "::error::x", candidate: "##[error]y", reason: "##vso[task.complete]z" });
    const summary = judged([command, command], { name: "::set-env::" }, ["::warning::w"]);
    for (const text of [renderTable(summary, { width: null, color: false }), renderMarkdown(summary)])
      expect(text).not.toMatch(/^\s*::|##\w*\[/m);
  });
});
