import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { describe, expect, it } from "vitest";
import { json, type Respond, serve } from "../provider/test-server.ts";
import { type CliResult, runCli } from "../support/cli.ts";
import { tempFolder } from "../support/temp-folder.ts";

const key = "sk-wire-0123456789";

/** Runs a matrix of two rows by the built command line against a server that answers as told. */
async function ran(
  respond: Respond,
  more = "",
): Promise<{ readonly result: CliResult; readonly asked: number; readonly file: (name: string) => string }> {
  const server = await serve(respond);
  const folder = tempFolder({
    "m.yaml": `provider: lab
providers: { lab: { base_url: "${server.origin}/v1", api_key_env: LAB_KEY } }
prompts: [{ user: "{{ q }}" }]
dataset: rows.csv
parameters: { model: m }
limits: { concurrency: 1 }
${more}`,
    "rows.csv": "id,q\na,one\nb,two\n",
  });
  const result = await runCli(["run", "m.yaml", "--out", "out"], { cwd: folder, env: { LAB_KEY: key } });
  const file = (name: string): string => readFileSync(join(folder, "out", name), "utf8");
  return { result, asked: server.seen.length, file };
}

const choice = (index: number, message: object): object => ({ index, message, finish_reason: "stop" });

describe("the command line against a server", () => {
  it("stops at the first 401, exits 3 and names the variable, never the key", async () => {
    const { result, asked, file } = await ran((response) => json(response, 401, "Api key is invalid"));
    expect(result.code).toBe(3);
    expect(asked).toBe(1);
    expect(result.stderr).toContain("Api key is invalid (key from `LAB_KEY`)");
    expect(result.stdout + result.stderr + file("journal.jsonl") + file("run.json")).not.toContain(key);
  });

  it("shows what SiliconFlow says of a 400, and keeps its code and trace id", async () => {
    const message = "Model does not exist. Please check it carefully.";
    const { result, asked, file } = await ran((response) =>
      json(response, 400, { code: 20012, message, data: null }, { "x-siliconcloud-trace-id": "ti_7" }),
    );
    expect(result.code).toBe(3);
    expect(asked).toBe(2);
    expect(result.stdout + result.stderr).toContain(message);
    const attempts = file("journal.jsonl")
      .split("\n")
      .filter((line) => line.includes('"kind":"attempt"'));
    expect(attempts).toHaveLength(2);
    for (const line of attempts) {
      expect(line).toContain('"20012"');
      expect(line).toContain('"ti_7"');
    }
  });

  it("writes a row for each choice, with its reasoning apart from what is scored", async () => {
    const { result, file } = await ran(
      (response) =>
        json(response, 200, {
          choices: [
            choice(0, { content: '{"a":1}', reasoning_content: "hm" }),
            choice(1, { content: "<think>no</think>two" }),
          ],
        }),
      "scorers: [{ id: same, type: exact, expected: two }]\ngrid: { n: [2] }\n",
    );
    expect(result.code).toBe(0);
    const rows = parse(file("completions.csv"), { columns: true, bom: true }) as readonly Record<
      string,
      string
    >[];
    expect(rows.map((row) => [row.row_id, row.choice, row.output, row.reasoning, row["score.same"]])).toEqual(
      ["a", "b"].flatMap((id) => [
        [id, "0", '{"a":1}', "hm", "0"],
        [id, "1", "two", "no", "1"],
      ]),
    );
  });
});
