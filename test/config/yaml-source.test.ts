import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseYaml } from "../../src/config/yaml-source.ts";

function value(text: string): unknown {
  const source = parseYaml(text, "m.yaml");
  expect(source.diagnostics).toEqual([]);
  return source.value;
}

describe("values of YAML 1.2", () => {
  it.each([
    ["yes", "yes"],
    ["no", "no"],
    ["on", "on"],
    ["off", "off"],
    ["y", "y"],
    ["true", true],
    ["False", false],
    ["3.10", 3.1],
    ["1e-3", 0.001],
    ["1_000", "1_000"],
    ["0o17", 15],
    ["017", 17],
    ["0x1F", 31],
    ["0b11", "0b11"],
    ["12:30:45", "12:30:45"],
    ["~", null],
    ["null", null],
    ["", null],
    ["Null", null],
    [".5", 0.5],
    ["+1", 1],
    ["1.", 1],
    ["2024-06-01", "2024-06-01"],
    ["2024-06-01T10:00:00Z", "2024-06-01T10:00:00Z"],
    ["9007199254740991", 9007199254740991],
    ['"9007199254740993"', "9007199254740993"],
    ["<<", "<<"],
  ])("`%s` is %j", (text, expected) => {
    expect(value(`key: ${text}\n`)).toEqual({ key: expected });
  });

  it("fills anchors and merges maps, own keys winning", () => {
    expect(value("base: &b { a: 1, b: 2 }\nown: { <<: *b, b: 3 }\nsame: *b\n")).toEqual({
      base: { a: 1, b: 2 },
      own: { a: 1, b: 3 },
      same: { a: 1, b: 2 },
    });
    expect(value("x: &x { a: 1 }\ny: &y { a: 2, b: 2 }\nz: { <<: [*x, *y] }\n")).toMatchObject({
      z: { a: 1, b: 2 },
    });
  });

  it("keeps a key named `__proto__` a key like any other", () => {
    expect(Object.keys(value("__proto__: { a: 1 }\n") as object)).toEqual(["__proto__"]);
  });

  it("reads JSON, and gives the value back whatever it is", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (json) => {
        const text = JSON.stringify(json);
        fc.pre(!text.includes("__proto__") && !text.includes('"<<"'));
        expect(parseYaml(text, "m.json").value).toEqual(JSON.parse(text));
      }),
    );
  });

  it("warns of whole numbers that a number cannot hold, and of no others", () => {
    const { diagnostics, value: read } = parseYaml("a: 9007199254740993\nb: [1e300, 0.1, -12]\n", "m.yaml");
    expect(diagnostics).toMatchObject([
      {
        code: "config/unsafe-number",
        severity: "warning",
        place: { file: "m.yaml", line: 1, column: 4, length: 16 },
      },
    ]);
    expect(read).toEqual({ a: 9007199254740992, b: [1e300, 0.1, -12] });
  });
});

describe("places", () => {
  const text = `# comment
prompts:
  - &base { id: v1, user: "Hi" }
  - <<: *base
    id: v2
  - *base
grid:
  model:
    - a
    - b
  ? temperature
  : 0
text: |
  two
  lines
empty:
`;
  const source = parseYaml(text, "m.yaml");
  const at = (place: { line: number; column: number; length?: number }): string => {
    const line = text.split("\n")[place.line - 1] ?? "";
    return line.slice(place.column - 1, place.column - 1 + (place.length ?? 1));
  };

  it.each([
    [["grid", "model"], "model", "- a"],
    [["grid", "model", 1], "b", "b"],
    [["grid", "temperature"], "temperature", "0"],
    [["text"], "text", "|"],
    [["prompts", 0, "user"], "user", '"Hi"'],
    [["prompts", 1, "id"], "id", "v2"],
    [["prompts", 1, "user"], "user", '"Hi"'],
    [["prompts", 2], "*base", "*base"],
    [["prompts", 2, "id"], "id", "v1"],
  ])("%j: key `%s`, value `%s`", (path, key, written) => {
    expect(at(source.keyPlace(path))).toBe(key);
    expect(at(source.place(path))).toBe(written);
  });

  it("places what is not written at the nearest thing above it", () => {
    expect(at(source.place(["grid", "model", 7]))).toBe("- a");
    expect(at(source.place(["grid", "nothing", "at", "all"]))).toBe("model:");
    expect(source.place(["nothing"])).toMatchObject({ line: 2, column: 1 });
  });

  it("counts lines of CR LF files and columns behind a flow map", () => {
    const windows = parseYaml("a: 1\r\nb: { c: [10, 200] }\r\n", "w.yaml");
    expect(windows.place(["b", "c", 1])).toEqual({ file: "w.yaml", line: 2, column: 14, length: 3 });
    expect(windows.place(["a"])).toEqual({ file: "w.yaml", line: 1, column: 4, length: 1 });
  });

  it("cuts out what is written at a path, and nothing where nothing is", () => {
    expect(source.excerpt(["grid", "model"])).toEqual({
      place: { file: "m.yaml", line: 8, column: 3, length: 5 },
      text: "model:\n    - a\n    - b\n",
    });
    expect(source.excerpt(["prompts", 0])?.text).toBe('{ id: v1, user: "Hi" }');
    expect(source.excerpt(["prompts", 1, "user"])?.text).toBe('user: "Hi"');
    expect(source.excerpt(["empty"])?.text).toBe("empty:");
    expect(source.excerpt(["grid", "nothing"])).toBeNull();
    expect(source.excerpt(["grid", "model", 7])).toBeNull();
  });

  it("places the members of a JSON text", () => {
    const json = parseYaml('{\n  "grid": { "model": ["a", "b"] }\n}\n', "m.json");
    expect(json.keyPlace(["grid", "model"])).toEqual({ file: "m.json", line: 2, column: 13, length: 7 });
    expect(json.place(["grid", "model", 1])).toEqual({ file: "m.json", line: 2, column: 28, length: 3 });
  });

  it("says of any text what is wrong with it, and throws nothing", () => {
    const characters = fc.constantFrom(..."a:-?{}[],&*!|>'\"%@`# \n\t<~1");
    fc.assert(
      fc.property(fc.array(characters, { maxLength: 40 }), (list) => {
        const written = list.join("");
        const { diagnostics, value: read } = parseYaml(written, "m.yaml");
        const failed = diagnostics.some(({ severity }) => severity === "error");
        expect(read === undefined).toBe(failed);
        const lines = written.split("\n").length;
        for (const { place } of diagnostics) {
          expect(place?.line).toBeGreaterThanOrEqual(1);
          expect(place?.line).toBeLessThanOrEqual(lines);
        }
      }),
      { numRuns: 500 },
    );
  });
});
