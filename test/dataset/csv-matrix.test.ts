import { describe, expect, it } from "vitest";
import { readCsv } from "../../src/dataset/csv.ts";
import { type CsvMatrix, readCsvMatrix } from "../../src/dataset/csv-matrix.ts";

function read(text: string, hasDataset = false): CsvMatrix {
  const { table, diagnostics } = readCsv(Buffer.from(text), "m.csv", { what: "CSV matrix" });
  if (table === null) throw new Error(JSON.stringify(diagnostics));
  const result = readCsvMatrix(table, "m.csv", { hasDataset });
  expect(result.diagnostics).toEqual([]);
  if (result.matrix === null) throw new Error("no matrix");
  return result.matrix;
}

describe("a CSV matrix without a dataset", () => {
  it("makes each line a row, and all lines one prompt", () => {
    expect(
      read("id,system,user,expected,var.city\na,Be brief.,Where is {{ city }}?,Italy,Rome\nb,,Hello?,,\n"),
    ).toEqual({
      file: "m.csv",
      lines: [
        {
          promptId: "prompt",
          rowId: "a",
          line: 2,
          place: { file: "m.csv", line: 2, column: 1 },
          messages: [
            { role: "system", content: "Be brief." },
            { role: "user", content: "Where is {{ city }}?" },
          ],
          expected: "Italy",
          variables: { city: "Rome", expected: "Italy" },
          parameters: {},
        },
        {
          promptId: "prompt",
          rowId: "b",
          line: 3,
          place: { file: "m.csv", line: 3, column: 1 },
          messages: [{ role: "user", content: "Hello?" }],
          expected: null,
          variables: {},
          parameters: {},
        },
      ],
      rows: [
        { id: "a", variables: { city: "Rome", expected: "Italy" }, line: 2, cluster: null },
        { id: "b", variables: {}, line: 3, cluster: null },
      ],
      hasExpected: true,
    });
  });

  it("makes the lines of one prompt id one prompt", () => {
    const { lines } = read("id,prompt_id,prompt\n1,v1,a\n2,v2,b\n3,v1,c\n");
    expect(lines.map(({ promptId, rowId }) => [promptId, rowId])).toEqual([
      ["v1", "1"],
      ["v2", "2"],
      ["v1", "3"],
    ]);
  });

  it("hashes the cells for row ids where there is no column `id`, `~2` for a second equal line", () => {
    const [a, b, again] = read("user\na\nb\na\n").rows ?? [];
    expect(a?.id).toMatch(/^[0-9a-f]{10}$/);
    expect(b?.id).not.toBe(a?.id);
    expect(again?.id).toBe(`${a?.id}~2`);
  });

  it("takes messages as JSON, with placeholders to splice in", () => {
    const json =
      '"[""{{ history }}"", {""role"": ""user"", ""content"": [{""type"": ""text"", ""text"": ""{{ q }}""}]}]"';
    expect(read(`messages\n${json}\n`).lines[0]?.messages).toEqual([
      "{{ history }}",
      { role: "user", content: [{ type: "text", text: "{{ q }}" }] },
    ]);
  });

  it("reads parameters: several values, JSON, text for `model`, nothing for an empty cell", () => {
    const [first, second] = read(
      'user,param.model,param.temperature,param.stop,param.__proto__\nx,4.1|qwen\\|8b,0|0.7|null,"[""a|b""]|END",1\ny,,,,\n',
    ).lines;
    expect(Object.entries(first?.parameters ?? {})).toEqual([
      ["model", ["4.1", "qwen|8b"]],
      ["temperature", [0, 0.7, null]],
      ["stop", [["a|b"], "END"]],
      ["__proto__", [1]],
    ]);
    expect(second?.parameters).toEqual({});
  });
});

describe("a CSV matrix with a dataset", () => {
  it("makes each line a prompt, and rows come from elsewhere", () => {
    const matrix = read("id,prompt_id,user,expected\nv1,x,{{ q }},{{ a }}\nv2,x,{{ q }}!,{{ a }}\n", true);
    expect(matrix.rows).toBeNull();
    expect(
      matrix.lines.map(({ promptId, rowId, expected, variables }) => ({
        promptId,
        rowId,
        expected,
        variables,
      })),
    ).toEqual([
      { promptId: "v1", rowId: null, expected: "{{ a }}", variables: {} },
      { promptId: "v2", rowId: null, expected: "{{ a }}", variables: {} },
    ]);
  });

  it("takes prompt ids from `prompt_id` where there is no `id`, and from the lines where there is neither", () => {
    expect(read("prompt_id,user\nv1,a\nv2,b\n", true).lines.map(({ promptId }) => promptId)).toEqual([
      "v1",
      "v2",
    ]);
    expect(read('user\n"a\nb"\nc\n', true).lines.map(({ promptId }) => promptId)).toEqual([
      "line-2",
      "line-4",
    ]);
  });
});
