import { contentId } from "../plan/canonical-json.ts";
import type { RunFile } from "./run-file.ts";
import { planOverrides } from "./run-source.ts";

/** The id of a run and of what its plan is made of: where it is equal, positions mean the same requests. */
export function planScope(run: RunFile): string {
  const { inputs, matrix, confirmation, shard, promptgrid_version: version, plan } = run;
  const facts = {
    inputs: inputs.map(({ name, sha256 }) => [name, sha256]),
    matrix: matrix.file,
    overrides: planOverrides(matrix.overrides),
    confirmation,
    shard: shard ?? null,
    version,
    requests: plan.requests,
  };
  return `${run.id}-${contentId(facts, 8)}`;
}
