import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { RequestResult } from "../../src/aggregate/result.ts";
import type { Summary } from "../../src/aggregate/summary-shape.ts";
import { renderJunit } from "../../src/report/junit.ts";
import { junitRows } from "../../src/report/junit-rows.ts";
import { answered, choiceOf, failed, pending } from "../aggregate/results.ts";
import { gateOf, gates, judged, regression } from "./gate-sample.ts";
import { casesOf, junitProblems, outcomeOf } from "./junit-schema.ts";
import { hostile, results, summaryOf } from "./sample.ts";
import { parseXml } from "./strict-xml.ts";

const options = { strict: false, unfinished: null };

function rowsOf(summary: Summary, list: readonly RequestResult[]): string {
  const writer = junitRows(summary, options);
  return [writer.begin(), ...list.map((result) => writer.row(result)), writer.end()].join("");
}

/** Name and outcome of each case. */
function outcomes(document: string): readonly (readonly [string, string])[] {
  return casesOf(parseXml(document)).map((one) => [one.attributes.name ?? "", outcomeOf(one)]);
}

describe("junit.xml", () => {
  test.each([
    ["junit.xml", () => renderJunit(judged(), options)],
    ["junit-rows.xml", () => rowsOf(judged(), results)],
  ])("%s, byte for byte, is what every reader takes", async (name, render) => {
    expect(junitProblems(render())).toEqual([]);
    await expect(render()).toMatchFileSnapshot(`golden/${name}`);
  });

  test("has a case for the run and one for each gate, by verdict", () => {
    expect(outcomes(renderJunit(judged(), options))).toEqual([
      ["requests", "passed"],
      ["pass_rate min 0.900: prompt=v2", "passed"],
      ["pass_rate max_drop 5.0 points: prompt=v2", "failure"],
      ["pass_rate max_drop 5.0 points: prompt=v3, category=math & <logic>", "passed"],
      ["tokens: prompt=v2", "error"],
      ["cost max_increase 20 %: prompt=v2", "skipped"],
    ]);
  });

  test("is green for rows that fail under a gate that allows for them", () => {
    const summary = judged(gates.slice(0, 1));
    expect(summary.variants.some(({ passed, scored }) => passed !== null && passed < scored)).toBe(true);
    expect(parseXml(renderJunit(summary, options)).attributes).toMatchObject({ failures: "0", errors: "0" });
    expect(Number(parseXml(rowsOf(summary, results)).attributes.failures)).toBeGreaterThan(0);
  });

  test("fails what is inconclusive when strict, and says why when not", () => {
    const inconclusive = judged(gates.slice(2, 3));
    const [, lenient] = casesOf(parseXml(renderJunit(inconclusive, options)));
    expect(lenient?.children.map(({ name, text }) => [name, text.split("\n")[0]])).toEqual([
      ["system-out", expect.stringContaining("70 rows more would settle it")],
    ]);
    const [, strict] = casesOf(parseXml(renderJunit(inconclusive, { ...options, strict: true })));
    expect(strict?.children[0]?.attributes).toMatchObject({ type: "inconclusive" });
    expect(strict?.children[0]?.name).toBe("failure");
  });

  test.each(["failed", "interrupted", "incomplete"] as const)("a run that is %s is an error", (status) => {
    const [requests] = casesOf(
      parseXml(renderJunit(judged([], { status, reason: "the key was refused" }), options)),
    );
    expect(requests?.children[0]?.name).toBe("error");
    expect(requests?.children[0]?.attributes.message).toBe(
      `3 of 5 requests answered; the run is ${status}: the key was refused`,
    );
  });

  test("a complete run with more failed requests than allowed is an error, too", () => {
    const unfinished = "1 of 5 requests failed, more than `max_failed` (2%)";
    const [requests] = casesOf(parseXml(renderJunit(judged([]), { ...options, unfinished })));
    expect(requests?.children[0]?.name).toBe("error");
    expect(requests?.children[0]?.text).toContain(unfinished);
  });

  test("lists at most 20 rows that changed sides, in at most 10 kB", () => {
    const flipped = Array.from({ length: 30 }, (_, i) => regression(`q${i}`, "yes", "no"));
    const [, few] = casesOf(parseXml(renderJunit(judged([gateOf({ flipped })]), options)));
    expect(few?.children[0]?.text.match(/^row /gm)).toHaveLength(20);
    expect(few?.children[0]?.text).toContain("30 rows regressed");
    expect(few?.children[0]?.text.endsWith("10 more")).toBe(true);
    const long = flipped.map(({ row_id }) => regression(row_id, "深".repeat(2_000), "<".repeat(2_000)));
    const document = renderJunit(judged([gateOf({ flipped: long })]), options);
    expect(document).toContain("… (cut)</failure>");
    expect(Buffer.byteLength(document)).toBeLessThan(12_500);
  });

  test("keeps names unique where gates are called alike, or differ behind what is cut", () => {
    const names = ["a", "a", "a (2)", `${"long ".repeat(100)}1`, `${"long ".repeat(100)}2`, "a\u0007"];
    const document = renderJunit(judged(names.map((gate) => gateOf({ gate, candidate: "" }))), options);
    expect(junitProblems(document)).toEqual([]);
  });

  test("is well-formed and keeps its counts whatever models, servers and people write", () => {
    const anyText = fc.oneof(
      fc.string({ unit: "binary", maxLength: 300 }),
      fc.constantFrom(hostile, "]]>", "\ud800", "\ufffe\u0000", "&amp;<!--", "\r\n\t", "<![CDATA["),
    );
    const anyResult = fc.oneof(
      fc.tuple(anyText, anyText).map(([row, content]) => answered(0, row, [choiceOf(false, { content })])),
      anyText.map((row) => answered(0, row, [choiceOf(true), choiceOf(null, { choice: 1 })])),
      fc.tuple(anyText, anyText).map(([row, message]) => failed(0, row, "server", message)),
      anyText.map((row) => pending(0, row)),
    );
    fc.assert(
      fc.property(
        fc.uniqueArray(anyResult, { selector: ({ rowId }) => rowId, maxLength: 8 }),
        anyText,
        anyText,
        (list, text, name) => {
          const own = list.map((result, i) => ({ ...result, requestId: `r${i}` }));
          const summary: Summary = {
            ...summaryOf(own, { name }),
            gates: [
              gateOf({ gate: text, candidate: name, reason: text, flipped: [regression(name, text, name)] }),
              gateOf({ gate: text, candidate: name, reason: text, verdict: "inconclusive" }),
            ],
            verdict: "fail",
          };
          expect(junitProblems(renderJunit(summary, options))).toEqual([]);
          expect(junitProblems(rowsOf(summary, own))).toEqual([]);
        },
      ),
    );
  });

  test("gives text back as it was, without what XML forbids", () => {
    const reason = 'a < b && c > d "e" ]]> \u001b[31mred\u001b[0m \u0000深\ud83d\ude00\ud83d';
    const [, gate] = casesOf(parseXml(renderJunit(judged([gateOf({ reason })]), options)));
    expect(gate?.children[0]?.text.split("\n")[0]).toBe(
      'prompt=v2: a < b && c > d "e" ]]> red 深\ud83d\ude00',
    );
  });
});

describe("junit.xml with rows", () => {
  test("shows every completion and every request without one, after the gates", () => {
    expect(outcomes(rowsOf(judged(gates.slice(0, 1)), results))).toEqual([
      ["requests", "passed"],
      ["pass_rate min 0.900: prompt=v2", "passed"],
      ["r1[0]", "passed"],
      ["r1[0.1]", "failure"],
      ["r2[0]", "skipped"],
      ["r1[0]", "error"],
      ["r2[0]", "passed"],
      ["r3[0]", "skipped"],
    ]);
  });

  test("stays below what GitLab reads, with what went wrong first and the rest counted", {
    timeout: 60_000,
  }, () => {
    const content = "x".repeat(5_000);
    const list = Array.from({ length: 25_000 }, (_, i) => {
      const result =
        i % 2 === 0
          ? answered(0, `q${i}`, [choiceOf(true)])
          : answered(0, `q${i}`, [choiceOf(false, { content })]);
      return { ...result, index: i };
    });
    const document = rowsOf(summaryOf(list), list);
    expect(Buffer.byteLength(document)).toBeLessThan(30_000_000);
    const root = parseXml(document);
    expect(root.attributes).toMatchObject({ tests: "10001", failures: "10000", errors: "0" });
    expect(casesOf(root)).toHaveLength(10_001);
    expect(root.children[1]?.children.at(-1)?.text).toBe(
      "15 000 cases left out: completions.csv has every row",
    );
  });

  test("has a suite for each variant, also where none of its requests come", () => {
    const root = parseXml(rowsOf(summaryOf([]), []));
    expect(root.children.map(({ attributes }) => attributes.name)).toEqual([
      "triage.gates",
      "triage: model=Qwen/Qwen3-8B",
      "triage: model=深度求索,thinking_budget=4096",
    ]);
  });
});
