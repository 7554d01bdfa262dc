import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runCli } from "../support/cli.ts";
import { tempFolder } from "../support/temp-folder.ts";

const matrix = `
prompts: [{ id: p, user: "{{ q }}" }]
provider: simulator
grid: { model: sim/strong }
dataset: rows.csv
scorers: [{ type: numeric, expected: "{{ a }}" }]
`;
const rows = `id,q,a\n${Array.from({ length: 30 }, (_, i) => `r${i},What is ${i} + 1?,${i + 1}`).join("\n")}\n`;

describe("`run --save-baseline`", () => {
  it("saves a good run, with folders that it needs, and says so", async () => {
    const folder = tempFolder({ "m.yaml": matrix, "rows.csv": rows });
    const args = ["run", "m.yaml", "--out", "out", "--save-baseline", "baselines/main.json"];
    const { code, stderr } = await runCli(args, { cwd: folder });
    expect(code).toBe(0);
    expect(stderr).toContain("baseline saved: `baselines/main.json` (1 variant, 30 rows)");
    expect(readFileSync(join(folder, "baselines/main.json"), "utf8")).toContain('"promptgrid_baseline"');
  });

  it("leaves the file as it is where a gate says no", async () => {
    const folder = tempFolder({ "m.yaml": matrix, "rows.csv": rows.replaceAll(/,\d+$/gm, ",1000") });
    const file = join(folder, "main.json");
    writeFileSync(join(folder, "m.yaml"), `${matrix}gates: [{ metric: completion_tokens.mean, max: 0.5 }]\n`);
    const { code, stderr } = await runCli(["run", "m.yaml", "--out", "out", "--save-baseline", "main.json"], {
      cwd: folder,
    });
    expect([code, existsSync(file)]).toEqual([1, false]);
    expect(stderr).toContain("no baseline is saved: the run is not good");
    expect(stderr).not.toContain("stopped:");
  });

  it("exits 2 before anything is sent where the file is something else, and leaves that alone", async () => {
    const folder = tempFolder({ "m.yaml": matrix, "rows.csv": rows, "notes.json": '{"mine": true}' });
    const { code, stderr } = await runCli(
      ["run", "m.yaml", "--out", "out", "--save-baseline", "notes.json"],
      {
        cwd: folder,
      },
    );
    expect([code, stderr.includes("[baseline/other-file]")]).toEqual([2, true]);
    expect(existsSync(join(folder, "out"))).toBe(false);
    expect(readFileSync(join(folder, "notes.json"), "utf8")).toBe('{"mine": true}');
  });
});
