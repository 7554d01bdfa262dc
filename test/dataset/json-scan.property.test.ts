import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { scanJson } from "../../src/dataset/json-scan.ts";

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const marks = fc.constantFrom(
  "[",
  "]",
  "{",
  "}",
  ",",
  ":",
  '"',
  "\\",
  "u00e9",
  "0",
  "-",
  ".",
  "1",
  "e",
  "+",
  "true",
  "null",
  " ",
  "\n",
  '"a"',
  '"a":',
  "\u0001",
);

describe("scanJson", () => {
  it("finds a fault exactly in the texts that JSON.parse refuses", () => {
    const text = fc.oneof(
      fc.array(marks, { maxLength: 12 }).map((parts) => parts.join("")),
      fc.string(),
      fc.json(),
    );
    fc.assert(
      fc.property(text, (candidate) => {
        expect(scanJson(candidate).fault === null).toBe(parses(candidate));
      }),
      { numRuns: 5000 },
    );
  });

  it("agrees with JSON.parse on every character of a string, as it is and behind a backslash", () => {
    for (let code = 0; code < 0x100; code++) {
      for (const text of [`"${String.fromCharCode(code)}"`, `"\\${String.fromCharCode(code)}"`]) {
        expect([code, scanJson(text).fault === null]).toEqual([code, parses(text)]);
      }
    }
  });

  it("puts the fault of a text that is cut short at its end", () => {
    fc.assert(
      fc.property(fc.json(), fc.nat(), (text, cut) => {
        const part = text.slice(0, cut % text.length);
        const { fault } = scanJson(part);
        // A cut inside `true`, an escape or a number leaves a beginning that is wrong where it begins.
        if (fault !== null && !/[a-z\\\-.+\d]$/i.test(part)) expect(fault).toBe(part.length);
      }),
    );
  });

  it("knows where the items of a list begin", () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), fc.constantFrom(0, 1, 2), (items, indent) => {
        const text = JSON.stringify(items, null, indent);
        const offsets = scanJson(text).items;
        expect(offsets).toHaveLength(items.length);
        offsets.forEach((offset, i) => {
          expect(text.slice(offset)).toMatch(new RegExp(`^${escaped(JSON.stringify(items[i]).slice(0, 1))}`));
          expect(
            /^[[,]\s*$/.test(
              text.slice(Math.max(0, text.lastIndexOf(i === 0 ? "[" : ",", offset - 1)), offset),
            ),
          ).toBe(true);
        });
      }),
    );
  });

  it("names whole numbers beyond 2^53 and numbers beyond the range, not digits in text", () => {
    const text =
      '[9007199254740991, 9007199254740993, -9007199254740993, 1.2345678901234567890, 1e999, "9007199254740993"]';
    expect(scanJson(text).unsafe.map((found) => found.text)).toEqual([
      "9007199254740993",
      "-9007199254740993",
      "1e999",
    ]);
  });

  it("bears a hundred thousand brackets", () => {
    expect(scanJson("[".repeat(100_000)).fault).toBe(100_000);
    expect(scanJson("[".repeat(100_000) + "]".repeat(100_000)).fault).toBeNull();
  });
});

function escaped(text: string): string {
  return text.replace(/[[{"\\-]/g, "\\$&");
}
