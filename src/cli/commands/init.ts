import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { exitCodes, UsageError } from "../../errors.ts";
import type { Flags } from "../cli.ts";
import { text } from "../flags.ts";
import type { Terminal } from "../terminal.ts";

/** What a start needs, by its path in the package and in the new folder alike. */
const files: readonly string[] = [
  "configs/quickstart.yaml",
  "datasets/arithmetic.csv",
  "promptgrid.schema.json",
];

/** `promptgrid init [DIR]`: the quickstart matrix, its dataset and the editor schema, to start from. Overwrites nothing. */
export async function init(flags: Flags, terminal: Terminal): Promise<number> {
  const folder = resolve(terminal.workingDirectory, text(flags, "dir") ?? ".");
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === false) {
    throw new UsageError("init/not-a-folder", `\`${folder}\` is a file`, {
      hint: "give a folder: `promptgrid init DIR`",
    });
  }
  const there = files.filter((file) => existsSync(join(folder, file)));
  if (there.length > 0) {
    throw new UsageError(
      "init/exists",
      `\`${there.join("`, `")}\` ${there.length === 1 ? "is" : "are"} there already`,
      { hint: "give another folder: `promptgrid init DIR`" },
    );
  }
  for (const file of files) {
    const target = join(folder, file);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, readFileSync(new URL(`../../../${file}`, import.meta.url)), { flag: "wx" });
    terminal.stderr.write(`wrote ${relative(terminal.workingDirectory, target)}\n`);
  }
  const matrix = relative(terminal.workingDirectory, join(folder, "configs/quickstart.yaml"));
  terminal.stderr.write(`next: promptgrid run ${matrix}\n`);
  return exitCodes.good;
}
