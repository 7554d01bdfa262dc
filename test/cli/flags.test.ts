import { describe, expect, it } from "vitest";
import { overridesOf, reportSettings, share } from "../../src/cli/flags.ts";
import { wantsColor } from "../../src/cli/terminal.ts";
import { UsageError } from "../../src/errors.ts";

describe("plan flags", () => {
  it("parse values as a CSV cell does: numbers, null, JSON, and text where it must be", () => {
    const { grid } = overridesOf({
      grid: ["temperature=0,0.7,null", "model=1.5,a\\,b", 'stop=["a","b"],END', "x=true"],
    });
    expect(grid).toEqual([
      { name: "temperature", values: [0, 0.7, null] },
      { name: "model", values: ["1.5", "a,b"] },
      { name: "stop", values: [["a", "b"], "END"] },
      { name: "x", values: [true] },
    ]);
  });

  it("parse --set as YAML", () => {
    const { set } = overridesOf({
      set: ["parameters.max_tokens=5", "dataset={ path: d.csv, limit: 3 }", "name=x=y", "baseline="],
    });
    expect(set).toEqual([
      { path: "parameters.max_tokens", value: 5 },
      { path: "dataset", value: { path: "d.csv", limit: 3 } },
      { path: "name", value: "x=y" },
      { path: "baseline", value: null },
    ]);
  });

  it.each([
    [{ grid: "x" }, /name=value/],
    [{ limit: 0 }, /from 1/],
    [{ limit: 1.5 }, /from 1/],
    [{ limit: Number.NaN }, /needs a number/],
    [{ rpm: -1 }, /more than 0/],
    [{ set: "a={" }, /--set/],
  ])("refuse %j", (flags, message) => {
    expect(() => overridesOf(flags)).toThrow(UsageError);
    expect(() => overridesOf(flags)).toThrow(message);
  });
});

it("report flags change what they name, and nothing else", () => {
  expect(reportSettings({})).toEqual({});
  expect(reportSettings({ "csv-vars": "a, b" })).toEqual({ csv_vars: ["a", "b"] });
  expect(reportSettings({ junit: "rows", by: ["category", "a,b"], strict: true })).toEqual({
    junit: "rows",
    by: ["category", "a", "b"],
    strict: true,
  });
  expect(reportSettings({ "csv-vars": "all", "safe-csv": true, "csv-bom": true })).toEqual({
    csv_vars: "all",
    safe_csv: true,
    csv_bom: true,
  });
});

it.each([
  ["5%", 0.05],
  ["5pt", 0.05],
  ["0.05", 0.05],
  ["90 %", 0.9],
  ["100%", 1],
])("a share may be written as %s", (written, value) => {
  expect(share({ "max-drop": written }, "max-drop")).toBeCloseTo(value, 12);
});

it.each(["5", "-1%", "120%", "", "half"])("`%s` is no share", (written) => {
  expect(() => share({ "max-drop": written }, "max-drop")).toThrow(UsageError);
});

describe("colour", () => {
  const terminal = { isTerminal: true, columns: 80, write: () => undefined, rows: 24 };
  const pipe = { ...terminal, isTerminal: false };
  it.each([
    [terminal, {}, undefined, true],
    [pipe, {}, undefined, false],
    [terminal, { NO_COLOR: "1" }, undefined, false],
    [terminal, { NO_COLOR: "" }, undefined, true],
    [pipe, { FORCE_COLOR: "1" }, undefined, true],
    [terminal, { FORCE_COLOR: "0" }, undefined, false],
    [pipe, { FORCE_COLOR: "1", NO_COLOR: "1" }, undefined, false],
    [terminal, { TERM: "dumb" }, undefined, false],
    [pipe, { NO_COLOR: "1" }, true, true],
    [terminal, {}, false, false],
  ])(
    "%# follows flag, NO_COLOR, FORCE_COLOR, TERM and the stream, in that order",
    (output, environment, flag, expected) => {
      expect(wantsColor(output, environment, flag)).toBe(expected);
    },
  );
});
