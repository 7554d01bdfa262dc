import { describe, expect, it } from "vitest";
import { applyOverrides, noOverrides, type Overrides, overridingFlag } from "../../src/config/overrides.ts";

const matrix = {
  provider: "siliconflow",
  prompts: [{ id: "v1", user: "Hi" }],
  grid: { model: ["a"], temperature: [0], exclude: [{ temperature: 0 }] },
  limits: { rpm: 10 },
};

function changed(overrides: Partial<Overrides>, value: unknown = matrix): unknown {
  return applyOverrides(value, { ...noOverrides, ...overrides });
}

describe("applyOverrides", () => {
  it("changes nothing without flags, and never the value it is given", () => {
    const before = structuredClone(matrix);
    expect(changed({})).toEqual(matrix);
    changed({ set: [{ path: "limits.rpm", value: 1 }], grid: [{ name: "model", values: ["b"] }] });
    expect(matrix).toEqual(before);
  });

  it("sets values at dotted paths, and makes what is missing on the way", () => {
    expect(
      changed({
        set: [
          { path: "parameters.max_tokens", value: 64 },
          { path: "prompts.0.user", value: "Bye" },
          { path: "limits.rpm", value: 1 },
          { path: "limits.rpm", value: 2 },
          { path: "name", value: "x" },
        ],
      }),
    ).toEqual({
      ...matrix,
      parameters: { max_tokens: 64 },
      prompts: [{ id: "v1", user: "Bye" }],
      limits: { rpm: 2 },
      name: "x",
    });
  });

  it("puts a map where a path leads through a plain value", () => {
    expect(changed({ set: [{ path: "provider.x", value: 1 }] })).toMatchObject({ provider: { x: 1 } });
  });

  it("replaces an axis where it stands and adds a new one at the end", () => {
    const value = changed({
      grid: [
        { name: "top_p", values: [1] },
        { name: "model", values: ["b", "c"] },
      ],
    }) as typeof matrix;
    expect(value.grid).toEqual({ ...matrix.grid, model: ["b", "c"], top_p: [1] });
    expect(Object.keys(value.grid)).toEqual(["model", "temperature", "exclude", "top_p"]);
  });

  it("gives the axis to every grid of a list, and makes a grid where there is none", () => {
    const grid = [{ name: "model", values: ["b"] }];
    expect(changed({ grid }, { grid: [{ model: ["a"] }, { n: 1 }] })).toEqual({
      grid: [{ model: ["b"] }, { n: 1, model: ["b"] }],
    });
    expect(changed({ grid }, {})).toEqual({ grid: { model: ["b"] } });
  });

  it("writes provider, trials and limits; a flag wins over `--set`", () => {
    expect(
      changed({ provider: "lab", trials: 3, concurrency: 4, tpm: 9, set: [{ path: "trials", value: 2 }] }),
    ).toEqual({ ...matrix, provider: "lab", trials: 3, limits: { rpm: 10, concurrency: 4, tpm: 9 } });
  });

  it("reaches no prototype", () => {
    changed({ set: [{ path: "__proto__.polluted", value: 1 }] });
    changed({ set: [{ path: "limits.__proto__.polluted", value: 1 }] });
    expect("polluted" in {}).toBe(false);
  });

  it("leaves what is no map to the schema", () => {
    for (const value of ["text", null, 3, ["a"]]) expect(changed({ trials: 2 }, value)).toBe(value);
  });
});

describe("overridingFlag", () => {
  const overrides: Overrides = {
    ...noOverrides,
    grid: [{ name: "model", values: ["b"] }],
    set: [{ path: "parameters.stop", value: ["x"] }],
    provider: "lab",
    trials: 3,
    rpm: 5,
    baseline: "main.json",
    failUnder: 0.9,
  };

  it.each([
    [["grid", "model"], "--grid model"],
    [["grid", "model", 0], "--grid model"],
    [["grid", 1, "model"], "--grid model"],
    [["parameters", "stop"], "--set parameters.stop"],
    [["parameters", "stop", 0], "--set parameters.stop"],
    [["provider"], "--provider"],
    [["trials"], "--trials"],
    [["limits", "rpm"], "--rpm"],
    [["baseline"], "--baseline"],
  ])("names the flag that states %j: %s", (path, flag) => {
    expect(overridingFlag(path, overrides)).toBe(flag);
  });

  it.each([
    [[]],
    [["grid"]],
    [["grid", "temperature"]],
    [["parameters"]],
    [["limits", "tpm"]],
    [["providers"]],
    [["gates"]],
    [["gates", 0]],
  ])("leaves %j to the file", (path) => {
    expect(overridingFlag(path, overrides)).toBeNull();
  });

  it("reads what was recorded before there was a flag as none", () => {
    const { baseline: _baseline, failUnder: _failUnder, ...older } = noOverrides;
    expect(overridingFlag(["baseline"], older as Overrides)).toBeNull();
  });
});
