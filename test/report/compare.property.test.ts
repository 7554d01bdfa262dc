import { parse } from "csv-parse/sync";
import fc from "fast-check";
import stringWidth from "string-width";
import { describe, expect, test } from "vitest";
import type { ComparisonReport } from "../../src/compare/comparison.ts";
import { differingPart, diffLines } from "../../src/report/compare-diff.ts";
import { compareFormats } from "../../src/report/compare-formats.ts";
import { excerpt, wrapText } from "../../src/report/compare-wrap.ts";
import { comparison, flip, hostileLines, reportOf } from "./compare-sample.ts";

const steering = /(?!\n)[\p{Cc}\u202a-\u202e\u2066-\u2069]/u;
const command = /^\s*::|##\w*\[/;
const anyText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 120 }),
  fc.string({ unit: "grapheme", maxLength: 60 }),
  fc.constantFrom(hostileLines, ...hostileLines.split("\n"), "a\n::b::c", "\t::x::", "深度求索 👩‍👩‍👧 é"),
);
const anyNumber = fc.oneof(
  fc.constant(null),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.double({ min: -1, max: 1, noNaN: true }),
);
const verdicts = ["pass", "fail", "inconclusive", "invalid", "none"] as const;

const anyReport: fc.Arbitrary<ComparisonReport> = fc
  .record({
    texts: fc.array(anyText, { minLength: 9, maxLength: 9 }),
    numbers: fc.array(anyNumber, { minLength: 8, maxLength: 8 }),
    verdict: fc.constantFrom(...verdicts),
    relative: fc.boolean(),
    pairs: fc.integer({ min: 0, max: 3 }),
  })
  .map(({ texts, numbers, verdict, relative, pairs }) => {
    const text = (i: number): string => texts[i] ?? "";
    const [value, low, high, p, adjusted, mde, before, after] = numbers.map((one) => one ?? null);
    const share = (one: number | null | undefined): number | null => (one == null ? null : Math.abs(one % 1));
    return reportOf(
      Array.from({ length: pairs }, (_, i) =>
        comparison({
          base: text(0),
          candidate: `${i === 0 ? "" : i}${text(1)}`,
          metric: text(2),
          slice: i === 2 ? { column: text(3), value: text(4) } : null,
          relative,
          difference: { value: value ?? null, low: low ?? null, high: high ?? null },
          base_value: before ?? null,
          candidate_value: after ?? null,
          p_value: share(p),
          p_adjusted: share(adjusted),
          mde: mde == null ? null : Math.abs(mde),
          verdict,
          reason: text(5),
          flipped: [flip(text(6), text(7), text(8)), flip(text(6), null, text(7), [0, 1])],
        }),
      ),
      {
        verdict,
        prompts: [{ prompt_id: text(6), base: text(7), candidate: text(8) }],
        changed_rows: [text(6)],
        warnings: [text(5)],
      },
    );
  });

describe("whatever a report holds", () => {
  test("no line steers the terminal or is a command of a CI system, and answers keep to the width", () => {
    fc.assert(
      fc.property(anyReport, fc.constantFrom(null, 40, 80, 140), (report, width) => {
        const table = compareFormats.table?.(report, { width, color: false, flips: 10 }) ?? "";
        expect(table).not.toMatch(steering);
        for (const line of table.split("\n")) {
          expect(line).not.toMatch(command);
          if (width !== null && /^ {2}\S* *│/.test(line))
            expect(stringWidth(line)).toBeLessThanOrEqual(width);
        }
        expect(table).toMatch(/\S: [^\n]*\n(?: {2}[^\n]*\n)*$/);
      }),
      { numRuns: 100 },
    );
  });

  test("Markdown has no markup but its own, and no command of a CI system", () => {
    fc.assert(
      fc.property(anyReport, (report) => {
        const markdown = compareFormats.markdown?.(report, { width: null, color: false, flips: 10 }) ?? "";
        let fence: string | null = null;
        for (const line of markdown.split("\n")) {
          expect(line).not.toMatch(steering);
          expect(line).not.toMatch(command);
          const ticks = /^(`{3,})(?:diff)?$/.exec(line)?.[1] ?? null;
          if (fence !== null) {
            if (ticks !== null && ticks.length >= fence.length) fence = null;
            else expect(line).toMatch(/^(?:[-+@]|$| )/);
            continue;
          }
          fence = ticks;
          const foreign = line.replace(/<\/?(?:details|summary|br)>/g, "");
          expect(foreign).not.toMatch(/<|:\/\/|@\w/);
        }
        expect(fence).toBeNull();
      }),
      { numRuns: 100 },
    );
  });

  test("JSON and CSV parse back, a line of CSV for each comparison, always with the same columns", () => {
    const columns = new Set<string>();
    fc.assert(
      fc.property(anyReport, (report) => {
        const options = { width: null, color: false, flips: 0 };
        expect(JSON.parse(compareFormats.json?.(report, options) ?? "")).toEqual(
          JSON.parse(JSON.stringify(report)),
        );
        const lines: string[][] = parse(compareFormats.csv?.(report, options) ?? "");
        expect(lines).toHaveLength(report.comparisons.length + 1);
        columns.add(JSON.stringify(lines[0]));
        expect(columns.size).toBe(1);
        expect(lines.slice(1).map((cells) => cells[0])).toEqual(report.comparisons.map(({ base }) => base));
      }),
    );
  });
});

const line = fc.constantFrom("a", "b", "c", "");
const someLines = fc.array(line, { maxLength: 12 }).map((lines) => lines.join("\n"));

describe("a line diff", () => {
  test("makes the candidate out of the base", () => {
    fc.assert(
      fc.property(someLines, someLines, (base, candidate) => {
        const before = base.split("\n");
        const made: string[] = [];
        let at = 0;
        for (const change of diffLines(base, candidate)) {
          if (change.kind === "skipped") {
            made.push(...before.slice(at, at + change.lines));
            at += change.lines;
          } else {
            if (change.kind !== "added") expect(before[at++]).toBe(change.text);
            if (change.kind !== "removed") made.push(change.text);
          }
        }
        expect(at).toBe(before.length);
        expect(made.join("\n")).toBe(candidate);
      }),
    );
  });

  test("removes one way what it adds the other way", () => {
    fc.assert(
      fc.property(someLines, someLines, (base, candidate) => {
        const count = (kind: string, from: string, to: string): number =>
          diffLines(from, to).filter((change) => change.kind === kind).length;
        expect(count("removed", base, candidate)).toBe(count("added", candidate, base));
        expect(count("removed", base, base)).toBe(0);
      }),
    );
  });

  test("of thousands of lines without anything in common takes no time", () => {
    const many = (word: string): string => Array.from({ length: 5_000 }, (_, i) => `${word}${i}`).join("\n");
    expect(diffLines(many("a"), many("b"))).toHaveLength(10_000);
  });

  test("the differing part is all that differs", () => {
    fc.assert(
      fc.property(someLines, someLines, (base, candidate) => {
        const { start, baseEnd, candidateEnd } = differingPart(base, candidate);
        expect(base.slice(0, start) + candidate.slice(start, candidateEnd) + base.slice(baseEnd)).toBe(
          candidate,
        );
        expect(start).toBeLessThanOrEqual(Math.min(baseEnd, candidateEnd));
      }),
    );
  });
});

describe("wrapped text", () => {
  const words = fc
    .array(fc.constantFrom("word", "深度求索", "a-very-long-word-without-end", "\n", " ", "👩‍👩‍👧"), {
      maxLength: 40,
    })
    .map((parts) => parts.join(" "));

  test("is no wider than asked, and leaves out nothing but space", () => {
    fc.assert(
      fc.property(words, fc.integer({ min: 2, max: 40 }), (text, width) => {
        let at = 0;
        for (const piece of wrapText(text, width)) {
          expect(stringWidth(piece.text)).toBeLessThanOrEqual(width);
          expect(text.slice(at, piece.start).trim()).toBe("");
          expect(piece.text).toBe(text.slice(piece.start, piece.end).trimEnd());
          at = piece.end;
        }
        expect(text.slice(at).trim()).toBe("");
      }),
    );
  });

  test("an excerpt has so many lines at most, and among them the place that matters and the end", () => {
    fc.assert(
      fc.property(words, fc.nat(), fc.integer({ min: 3, max: 8 }), (text, place, lines) => {
        const focus = text.length === 0 ? 0 : place % text.length;
        const pieces = excerpt(text, focus, 20, lines);
        const real = pieces.filter((piece) => piece.end > piece.start || piece.text === "");
        expect(real.length).toBeLessThanOrEqual(lines);
        if (/\S/.test(text.charAt(focus)))
          expect(pieces.some((piece) => piece.start <= focus && focus < piece.end)).toBe(true);
        expect(text.slice(pieces.at(-1)?.end ?? 0).trim()).toBe("");
      }),
    );
  });
});
