import { noOverrides } from "../../src/config/overrides.ts";
import type { AttemptOutcome } from "../../src/outcome/attempt.ts";
import type { RunOutcome } from "../../src/run/run-context.ts";
import { runMatrix } from "../../src/run/run-matrix.ts";
import { type Clock, systemClock } from "../../src/system/clock.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { key, keyVariable } from "./exchange.ts";

export type Files = Readonly<Record<string, string | Uint8Array>>;
export type Json = Readonly<Record<string, unknown>>;

/** How a run is made. */
export interface RunWith {
  readonly files?: Files;
  /** Further keys of the provider's entry. */
  readonly entry?: Json;
  readonly clock?: Clock;
}

/** Runs a matrix as the command `run` does, against the server at `origin`; gives its attempts in the order they ended. */
export async function runWritten(
  origin: string,
  matrix: Json,
  { files = {}, entry = {}, clock = systemClock }: RunWith = {},
): Promise<{
  readonly outcome: RunOutcome;
  readonly attempts: readonly AttemptOutcome[];
  readonly folder: string;
}> {
  const written = { provider: "p", providers: { p: { base_url: `${origin}/v1`, ...entry } }, ...matrix };
  // JSON is YAML.
  const folder = tempFolder({ ...files, "m.yaml": JSON.stringify(written) });
  const attempts: AttemptOutcome[] = [];
  const outcome = await runMatrix(
    {
      matrix: "m.yaml",
      overrides: noOverrides,
      out: "out",
      reuse: null,
      allowShrink: false,
      confirmAbove: 1000,
      yes: true,
      against: null,
      requireBaseline: false,
      saveBaseline: null,
      strict: false,
      reports: {},
      graceMs: 1000,
      perVariant: null,
      batch: null,
      sharedLimits: null,
      queue: null,
      dropQueue: false,
      shard: null,
    },
    {
      workingDirectory: folder,
      environment: { [keyVariable]: key },
      clock,
      random: () => 0.5,
      pid: process.pid,
      nodeVersion: process.version,
      stop: new AbortController().signal,
      kill: new AbortController().signal,
      listener: (event) => {
        if (event.kind === "attempt") attempts.push(event.outcome);
      },
    },
  );
  return { outcome, attempts, folder };
}
