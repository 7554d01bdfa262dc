import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  KeptFiles,
  keepInputs,
  makeDirectory,
  readRunFile,
  replaceRunFile,
} from "../../src/run/run-directory.ts";
import type { RunFile } from "../../src/run/run-file.ts";
import { type RecordedInput, sha256 } from "../../src/system/input-files.ts";
import { tempFolder } from "../support/temp-folder.ts";

function input(name: string, text: string): RecordedInput {
  const bytes = Buffer.from(text);
  return { name, bytes, sha256: sha256(bytes) };
}

describe("the inputs of a run that grows", () => {
  it("are those of run.json at every moment, and no others once it is written", () => {
    const directory = join(tempFolder(), "out");
    makeDirectory(directory);
    const first = keepInputs(directory, [input("m.yaml", "a"), input("data/rows.csv", "1")], []);
    const run = { schema_version: 1, inputs: first, scoring: null } as unknown as RunFile;
    replaceRunFile(directory, run);
    const second = keepInputs(directory, [input("m.yaml", "a"), input("data/rows.csv", "1\n2")], first);
    // Killed here, the run still reads what it was written with.
    const kept = new KeptFiles(directory, readRunFile(directory).inputs);
    expect(Buffer.from(kept.read("data/rows.csv")).toString()).toBe("1");
    expect(second[0]).toEqual(first[0]);
    replaceRunFile(directory, { ...run, inputs: second });
    const grown = new KeptFiles(directory, readRunFile(directory).inputs);
    expect(Buffer.from(grown.read("data/rows.csv")).toString()).toBe("1\n2");
    expect(readdirSync(join(directory, "inputs")).sort()).toEqual(["m.yaml", "rows-2.csv"]);
  });

  it("are kept for the scorers that judge it, too", () => {
    const directory = join(tempFolder(), "out");
    makeDirectory(directory);
    const inputs = keepInputs(directory, [input("m.yaml", "a")], []);
    const scoring = { file: "m.yaml", inputs: keepInputs(directory, [input("m.yaml", "b")], inputs) };
    const run = { schema_version: 1, inputs, scoring } as unknown as RunFile;
    writeFileSync(join(directory, "inputs/left.csv"), "");
    replaceRunFile(directory, run);
    expect(readdirSync(join(directory, "inputs")).sort()).toEqual(["m-2.yaml", "m.yaml"]);
    replaceRunFile(directory, { ...run, scoring: null });
    expect(readdirSync(join(directory, "inputs"))).toEqual(["m.yaml"]);
  });
});
