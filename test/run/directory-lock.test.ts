import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { UsageError } from "../../src/errors.ts";
import { DirectoryLock } from "../../src/run/directory-lock.ts";
import { tempFolder } from "../support/temp-folder.ts";

/** The id of a process that has ended. */
function goneProcess(): number {
  return spawnSync(process.execPath, ["-e", ""]).pid;
}

describe("the lock of a run directory", () => {
  it("holds the process id, keeps others out, and goes when it is released", () => {
    const folder = tempFolder();
    const lock = new DirectoryLock(folder, process.pid);
    expect(readFileSync(join(folder, "lock"), "utf8")).toBe(`${process.pid}\n`);
    expect(() => new DirectoryLock(folder, process.pid + 1)).toThrow(UsageError);
    lock.release();
    expect(readdirSync(folder)).toEqual([]);
    new DirectoryLock(folder, process.pid + 1);
  });

  it("of a process that is gone is taken over, and that is said", () => {
    const folder = tempFolder();
    const gone = goneProcess();
    writeFileSync(join(folder, "lock"), `${gone}\n`);
    const lock = new DirectoryLock(folder, process.pid);
    expect(lock.tookOver).toBe(gone);
    expect(readdirSync(folder)).toEqual(["lock"]);
  });

  it("is not taken over while another process is taking it over, unless that one died in it", () => {
    const folder = tempFolder();
    writeFileSync(join(folder, "lock"), `${goneProcess()}\n`);
    mkdirSync(join(folder, "lock.turn"));
    expect(() => new DirectoryLock(folder, process.pid)).toThrow(UsageError);
    utimesSync(join(folder, "lock.turn"), new Date(0), new Date(0));
    new DirectoryLock(folder, process.pid);
    expect(existsSync(join(folder, "lock.turn"))).toBe(false);
  });
});
