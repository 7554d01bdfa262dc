import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseScalar, splitValues } from "../../src/dataset/csv-values.ts";

const valuesOf = (text: string, name: string, separator = "|"): readonly unknown[] =>
  splitValues(text, separator).map((part) => {
    const parsed = parseScalar(part, name);
    return parsed.ok ? parsed.value : { problem: parsed.problem };
  });

describe("splitValues", () => {
  it("splits at the separator, not behind a backslash and not inside JSON", () => {
    expect(splitValues("0|0.7", "|")).toEqual(["0", "0.7"]);
    expect(splitValues("a\\|b|c", "|")).toEqual(["a|b", "c"]);
    expect(splitValues('["a|b", "\\"|"]|{"x": {"y": "|]"}}|z', "|")).toEqual([
      '["a|b", "\\"|"]',
      '{"x": {"y": "|]"}}',
      "z",
    ]);
    expect(splitValues('["a","b"],["c"]', ",")).toEqual(['["a","b"]', '["c"]']);
    expect(splitValues("", "|")).toEqual([""]);
    expect(splitValues("a||b|", "|")).toEqual(["a", "", "b", ""]);
  });

  it("takes brackets that do not close, or that text follows, as characters", () => {
    expect(splitValues("[a|b", "|")).toEqual(["[a", "b"]);
    expect(splitValues("[x] y|z", "|")).toEqual(["[x] y", "z"]);
    expect(splitValues("[END]|[STOP]", "|")).toEqual(["[END]", "[STOP]"]);
  });

  it("gives back any texts that were joined with the separator escaped", () => {
    const text = fc
      .string()
      .filter((part) => !part.endsWith("\\") && !/[[{]/.test(part) && !part.includes("\\|"));
    fc.assert(
      fc.property(fc.array(text, { minLength: 1 }), (parts) => {
        expect(splitValues(parts.map((part) => part.replaceAll("|", "\\|")).join("|"), "|")).toEqual(parts);
      }),
    );
  });
});

describe("parseScalar", () => {
  it("reads YAML 1.2 core scalars", () => {
    expect(valuesOf("0|-1.5|1e-3|.5|0x1F|true|null|~|low|yes|2026-01-02|'0.7'|\"a\\tb\"", "x")).toEqual([
      0,
      -1.5,
      0.001,
      0.5,
      31,
      true,
      null,
      null,
      "low",
      "yes",
      "2026-01-02",
      "0.7",
      "a\tb",
    ]);
  });

  it("takes what is more than one scalar as the text it is", () => {
    for (const text of [
      "a: b",
      "- a",
      "x # y",
      "# x",
      "*a",
      "&a b",
      "!!str 5",
      "@x",
      "%x",
      "a\nb",
      "'a' b",
      "---",
      "? a",
    ]) {
      expect(parseScalar(text, "x")).toEqual({ ok: true, value: text });
    }
  });

  it("keeps `model` and `stop` as text, and the white space of `stop`", () => {
    expect(valuesOf(" 4.1 |true", "model")).toEqual(["4.1", "true"]);
    expect(valuesOf("0|\n\n|null| END", "stop")).toEqual(["0", "\n\n", "null", " END"]);
    expect(valuesOf("[END]", "stop")).toEqual(["[END]"]);
  });

  it("reads lists and objects as JSON, for `stop` too", () => {
    expect(valuesOf('["\\n", "a|b"]|["x"]', "stop")).toEqual([["\n", "a|b"], ["x"]]);
    expect(valuesOf('{"type": "json_object"}', "response_format")).toEqual([{ type: "json_object" }]);
  });

  it("keeps a placeholder as the text it is", () => {
    expect(valuesOf("{{ tools }}", "tools")).toEqual(["{{ tools }}"]);
  });

  it("says what is wrong with JSON", () => {
    expect(parseScalar('{"type": json}', "response_format")).toEqual({
      ok: false,
      problem: '`{"type": json}` is not JSON: found `j` where JSON does not allow it, at character 10',
    });
  });
});
