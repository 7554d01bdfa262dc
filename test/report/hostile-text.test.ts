import fc from "fast-check";
import stringWidth from "string-width";
import { describe, expect, test } from "vitest";
import { markdownText, renderMarkdown } from "../../src/report/markdown.ts";
import {
  costWords,
  countWords,
  durationWords,
  estimateWords,
  speedWords,
  timeWords,
} from "../../src/report/number-words.ts";
import { renderTable } from "../../src/report/table.ts";
import { cut, textTable } from "../../src/report/text-table.ts";
import { failed } from "../aggregate/results.ts";
import { hostile, summaryOf } from "./sample.ts";

const anyText = fc.string({ unit: "binary", maxLength: 200 });
const steering = /(?!\n)[\p{Cc}\u202a-\u202e\u2066-\u2069]/u;

describe("what a server or a model wrote", () => {
  test("never steers the terminal, in the table or below it", () => {
    fc.assert(
      fc.property(anyText, anyText, (message, name) => {
        const summary = summaryOf([failed(0, "r", "server", message)], {
          name,
          status: "failed",
          reason: message,
          simulated: [name],
        });
        const table = renderTable(summary, { width: 100, color: false });
        expect(table).not.toMatch(steering);
        expect(table.split("\n")).toHaveLength(
          renderTable(summaryOf([failed(0, "r", "server", "x")], { status: "failed", simulated: ["x"] }), {
            width: 100,
            color: false,
          }).split("\n").length,
        );
      }),
    );
  });

  test("stays on its line in Markdown, and makes no markup, link, mention or cell", () => {
    expect(markdownText(hostile)).toBe(
      '=HYPERLINK("http:\u200b//evil.example") \\| a \\| &lt;img src=x&gt; \\[x\\](http:\u200b//evil.example) @\u200bsomeone #\u200b12  \\[31mred   abc \\`code\\` www\u200b.evil.example \\$x\\$',
    );
    fc.assert(
      fc.property(anyText, (message) => {
        const lines = renderMarkdown(summaryOf([failed(0, "r", "server", message)])).split("\n");
        expect(lines).toHaveLength(
          renderMarkdown(summaryOf([failed(0, "r", "server", "x")])).split("\n").length,
        );
        for (const line of lines) expect(line).not.toMatch(/(?<!\\)<|(?<=[^\\])`|:\/\/|@\w/);
      }),
    );
  });

  test("of a long message only the beginning is shown", () => {
    const table = renderTable(summaryOf([failed(0, "r", "server", "long ".repeat(1_000))]), {
      width: null,
      color: false,
    });
    expect(Math.max(...table.split("\n").map((line) => line.length))).toBeLessThan(400);
  });
});

describe("a text table", () => {
  const columns = [
    { title: "name", align: "left", flexible: true },
    { title: "first", align: "right", spare: 2 },
    { title: "second", align: "right", spare: 1 },
    { title: "kept", align: "right" },
  ] as const;
  const rows = [
    ["a very long name indeed", "1", "22", "333"],
    ["深度求索深度求索", "4", "5", "6"],
  ];

  test("cuts what is flexible, then leaves out what is spare, until it fits", () => {
    const at = (width: number | null): string => textTable(columns, rows, { width, color: false });
    expect(at(null)).toBe(
      "name                     first  second  kept\na very long name indeed      1      22   333\n深度求索深度求索             4       5     6\n",
    );
    expect(at(40)).toBe(
      "name                     first  kept\na very long name indeed      1   333\n深度求索深度求索             4     6\nleft out for width: second\n",
    );
    expect(at(27)).toBe(
      "name                   kept\na very lon…ame indeed   333\n深度求索深度求索          6\n2 columns left out for wid…\n",
    );
    expect(at(20)).toBe(
      "name            kept\na very… indeed   333\n深度求…度求索      6\n2 columns left out …\n",
    );
  });

  test("has no line wider than the terminal where the least of it fits, and its columns line up", () => {
    const word = fc.oneof(
      fc.string({ unit: "grapheme", maxLength: 30 }),
      fc.constantFrom("深度求索", "👩‍👩‍👧", "é", "ｗｉｄｅ"),
    );
    fc.assert(
      fc.property(
        fc.array(word, { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 20, max: 80 }),
        (names, width) => {
          const table = textTable(
            columns,
            names.map((name) => [name, "1", "2", "3"]),
            { width, color: false },
          );
          const widths = table
            .trimEnd()
            .split("\n")
            .map((line) => stringWidth(line));
          expect(Math.max(...widths)).toBeLessThanOrEqual(width);
          expect(new Set(widths.slice(0, names.length + 1)).size).toBe(1);
        },
      ),
    );
  });

  test("a cut text is no wider than asked and says that it was cut", () => {
    expect(cut("深度求索", 5)).toBe("深度…");
    expect(cut("深度求索", 8)).toBe("深度求索");
  });

  test("colours its header only when asked", () => {
    expect(textTable([{ title: "a", align: "left" }], [], { width: null, color: true })).toBe(
      "\u001b[1ma\u001b[22m\n",
    );
  });
});

describe("numbers in words", () => {
  test("keep what matters, and never show nearly all as all", () => {
    expect(estimateWords({ value: 0.7123, low: 0.638, high: 0.779, n: 200 })).toBe("0.712 [0.64, 0.78]");
    expect(estimateWords({ value: 0.9999, low: 0.9991, high: 0.99999, n: 20_000 })).toBe(
      "0.999 [0.99, 0.99]",
    );
    expect(estimateWords({ value: 1, low: 0.96, high: 1, n: 100 })).toBe("1.000 [0.96, 1.00]");
    expect(estimateWords({ value: 0.0001, low: 0, high: 0.002, n: 20_000 })).toBe("0.001 [0.00, 0.01]");
    expect(estimateWords({ value: 0.5, low: null, high: null, n: 1 })).toBe("0.500");
    expect([
      estimateWords(null),
      timeWords(null),
      countWords(null),
      costWords(null),
      speedWords(null),
    ]).toEqual(["–", "–", "–", "–", "–"]);
    expect([4.2, 812.4, 1_240, 186_000].map(timeWords)).toEqual(["4.2 ms", "812 ms", "1.24 s", "3.1 min"]);
    expect([17, 12_345, 12_345_678].map(countWords)).toEqual(["17", "12 345", "12.3M"]);
    expect([0.42, 9.94, 428.3].map(speedWords)).toEqual(["0.4", "9.9", "428"]);
    expect([4.84, 125, 3_790].map(durationWords)).toEqual(["4.8 s", "2 min 5 s", "1 h 3 min"]);
    expect(
      [0, 0.0001234, 1.5, 1234.567].map((amount) =>
        costWords({ currency: "CNY", amount, complete: amount !== 1.5 }),
      ),
    ).toEqual(["0.00 CNY", "0.0001234 CNY", "≥ 1.50 CNY", "1234.57 CNY"]);
  });
});
