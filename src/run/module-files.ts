import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { UsageError } from "../errors.ts";
import type { ScorerSpec } from "../score/scorer.ts";
import { sha256 } from "../system/input-files.ts";
import { ModuleThread } from "./module-thread.ts";
import type { Prepared } from "./prepare.ts";
import type { RunInput } from "./run-file.ts";

/** Where the files of a run may be found: as the user named them, and as copies that a run directory keeps. */
export interface ModulePlaces {
  readonly workingDirectory: string;
  /** Null for a run that has no directory yet. */
  readonly directory: string | null;
  readonly inputs: readonly RunInput[];
}

/** The modules among the scorers, each file once. */
export function moduleSpecs({ scoring }: Pick<Prepared, "scoring">): readonly ScorerSpec[] {
  const specs = scoring.specs.filter(({ type }) => type === "module");
  return [...new Map(specs.map((spec) => [moduleName(spec), spec])).values()];
}

/** A module by name and bytes. */
export function moduleName({ options, moduleDigest }: ScorerSpec): string {
  return `${String(options.file)} ${moduleDigest ?? ""}`;
}

/**
 * The file to load a module from: the user's own while it is as it was read, so that what it imports is found; else the
 * copy in the run directory; null where neither is there.
 */
export function moduleFile(spec: ScorerSpec, places: ModulePlaces): string | null {
  const name = String(spec.options.file);
  const own = resolve(places.workingDirectory, name);
  if (existsSync(own) && sha256(readFileSync(own)) === spec.moduleDigest) return own;
  const copy = places.inputs.find((input) => input.name === name && input.sha256 === spec.moduleDigest);
  return copy === undefined || places.directory === null ? null : join(places.directory, copy.file);
}

/** Throws UsageError for a module that cannot be loaded, before anything is sent. */
export async function demandModules(
  prepared: Pick<Prepared, "scoring">,
  places: ModulePlaces,
): Promise<void> {
  for (const spec of moduleSpecs(prepared)) {
    const file = moduleFile(spec, places);
    const thread = file === null ? null : new ModuleThread(file, () => undefined);
    const problem = thread === null ? { message: "it is gone", stack: null } : await thread.load();
    await thread?.close();
    if (problem !== null)
      throw new UsageError(
        "run/module",
        `scorer \`${spec.id}\`: the module \`${String(spec.options.file)}\` cannot be used: ${problem.message}`,
        { hint: stackLine(problem.stack) ?? "its default export, or its export `score`, is a function" },
      );
  }
}

/** The first line of a stack that says where. */
function stackLine(stack: string | null): string | null {
  const line = stack?.split("\n").find((one) => /^\s+at /.test(one));
  return line === undefined ? null : line.trim();
}
