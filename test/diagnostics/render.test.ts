import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import type { Diagnostic, Place } from "../../src/diagnostics/diagnostic.ts";
import { countDiagnostics, renderDiagnostics } from "../../src/diagnostics/render.ts";

function finding(place?: Place, more: Partial<Diagnostic> = {}): Diagnostic {
  return {
    code: "x/y",
    severity: "error",
    message: "wrong",
    ...(place === undefined ? {} : { place }),
    ...more,
  };
}

function rendered(text: string, place: Place, more: Partial<Diagnostic> = {}): string {
  return renderDiagnostics([finding(place, more)], { source: () => text, color: false });
}

const at = (line: number, column: number, length?: number): Place => ({
  file: "m.yaml",
  line,
  column,
  ...(length === undefined ? {} : { length }),
});

describe("renderDiagnostics", () => {
  it("draws the line with carets under the place, the other place, and the hint", () => {
    const text = "grid:\r\n  temprature: 0\r\n";
    expect(rendered(text, at(2, 3, 10), { hint: "did you mean `temperature`?", related: at(1, 1) })).toBe(
      [
        "m.yaml:2:3: wrong [x/y]",
        "    2 |   temprature: 0",
        "      |   ^^^^^^^^^^",
        "   and: m.yaml:1:1",
        "   hint: did you mean `temperature`?",
      ].join("\n"),
    );
  });

  it("draws no frame where there is no text, no such line, or no place", () => {
    expect(renderDiagnostics([finding(at(1, 1))], { source: () => null, color: false })).toBe(
      "m.yaml:1:1: wrong [x/y]",
    );
    expect(rendered("one line", at(2, 1))).toBe("m.yaml:2:1: wrong [x/y]");
    expect(renderDiagnostics([finding()], { source: () => "text", color: false })).toBe("wrong [x/y]");
  });

  it("names a flag without a line", () => {
    const place = { file: "--set trials", line: 0, column: 0 };
    expect(rendered("text", place)).toBe("--set trials: wrong [x/y]");
  });

  it("cuts a long line around the place and says so", () => {
    const text = `${"a".repeat(300)}HERE${"b".repeat(300)}`;
    const [, line = "", carets = ""] = rendered(text, at(1, 301, 4)).split("\n");
    expect(line).toBe(`    1 | …${"a".repeat(80)}HERE${"b".repeat(76)}…`);
    expect(carets.indexOf("^")).toBe(line.indexOf("HERE"));
    expect(carets.trimEnd().length - carets.indexOf("^")).toBe(4);
    const [, start = ""] = rendered(text, at(1, 1)).split("\n");
    expect(start).toBe(`    1 | ${"a".repeat(160)}…`);
  });

  it("cuts to the width of the terminal", () => {
    const text = `${"a".repeat(300)}HERE${"b".repeat(300)}`;
    for (const width of [60, 81, 120]) {
      const options = { source: () => text, color: false, width };
      const [, line = "", carets = ""] = renderDiagnostics([finding(at(1, 301, 99))], options).split("\n");
      expect(line.length).toBe(width);
      expect(carets.length).toBeLessThanOrEqual(width);
      expect(carets.indexOf("^")).toBe(line.indexOf("HERE"));
    }
  });

  it("ends the carets with the line, and draws one behind its end", () => {
    expect(rendered("abc", at(1, 2, 50)).split("\n")[2]).toBe("      |  ^^");
    expect(rendered("abc", at(1, 4)).split("\n")[2]).toBe("      |    ^");
    expect(rendered("abc", at(1, 400)).split("\n")).toHaveLength(3);
  });

  it("shows a tab and every control character as one space", () => {
    expect(rendered("\ta\u001b[31mb\u0007\u202ec", at(1, 2, 1))).toBe(
      ["m.yaml:1:2: wrong [x/y]", "    1 |  a [31mb  c", "      |  ^"].join("\n"),
    );
  });

  it("lets no control character of a key or a hint reach the terminal", () => {
    const text = renderDiagnostics(
      [finding(undefined, { message: "unknown key `a\u001b[2J\nb`", hint: "did you\r mean" })],
      { source: () => null, color: false },
    );
    expect(text).toBe("unknown key `a [2J b` [x/y]\n   hint: did you  mean");
  });

  it("gives Chinese characters two columns, so that the carets stand under them", () => {
    expect(rendered("user: 题目：{{ 题目 }}", at(1, 13, 2))).toBe(
      ["m.yaml:1:13: wrong [x/y]", "    1 | user: 题目：{{ 题目 }}", "      |                ^^^^"].join(
        "\n",
      ),
    );
  });

  it("hides what looks like a key and keeps the columns", () => {
    const line = 'lab: { api_key: "abc123", Authorization: Bearer x.y-z, max_tokens: 64, api_key_env: LAB }';
    const [, shown] = rendered(line, at(1, 1)).split("\n");
    expect(shown).toBe(
      '    1 | lab: { api_key: "******", Authorization: ************, max_tokens: 64, api_key_env: LAB }',
    );
    expect(rendered('api_key: "${LAB_KEY}" # sk-abcdefgh', at(1, 1)).split("\n")[1]).toBe(
      '    1 | api_key: "${LAB_KEY}" # ***********',
    );
  });

  it("sorts by place, names the severity of what is no error, and parts findings by an empty line", () => {
    const text = renderDiagnostics(
      [
        finding(at(2, 1), { severity: "warning", message: "odd" }),
        finding(at(1, 5)),
        finding(at(2, 1), { severity: "notice", message: "known" }),
        finding(),
      ],
      { source: () => null, color: false },
    );
    expect(text).toBe(
      [
        "wrong [x/y]",
        "m.yaml:1:5: wrong [x/y]",
        "m.yaml:2:1: warning: odd [x/y]",
        "m.yaml:2:1: notice: known [x/y]",
      ].join("\n\n"),
    );
  });

  it("paints only when asked, and the same text", () => {
    const options = { source: () => "grid: {}", hint: "h" };
    const one = [finding(at(1, 7, 2), { hint: "take it out" })];
    const plain = renderDiagnostics(one, { ...options, color: false });
    const painted = renderDiagnostics(one, { ...options, color: true });
    expect(plain).not.toContain("\u001b");
    expect(painted).toContain("\u001b[31mwrong\u001b[39m");
    expect(stripVTControlCharacters(painted)).toBe(plain);
  });
});

describe("countDiagnostics", () => {
  it("counts errors and warnings, not notices", () => {
    const of = (...severities: Diagnostic["severity"][]): string =>
      countDiagnostics(severities.map((severity) => finding(undefined, { severity })));
    expect(of()).toBe("");
    expect(of("notice")).toBe("");
    expect(of("error")).toBe("1 error");
    expect(of("error", "warning", "error", "warning", "notice")).toBe("2 errors, 2 warnings");
  });
});
