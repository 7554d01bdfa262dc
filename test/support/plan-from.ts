import { loadMatrix } from "../../src/config/load.ts";
import { noOverrides } from "../../src/config/overrides.ts";
import type { RunConfig } from "../../src/config/run-config.ts";
import { noDataset, type Row } from "../../src/dataset/dataset.ts";
import { loadDataset } from "../../src/dataset/load.ts";
import { buildPlan } from "../../src/plan/build-plan.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { type InputFiles, inputName } from "../../src/system/input-files.ts";

/** Files that stand in memory alone. */
class TextFiles implements InputFiles {
  readonly #files: Readonly<Record<string, string>>;

  constructor(files: Readonly<Record<string, string>>) {
    this.#files = files;
  }

  read(name: string): Uint8Array {
    const text = this.#files[inputName(name)];
    if (text === undefined) throw Object.assign(new Error(`no ${name}`), { code: "ENOENT" });
    return new TextEncoder().encode(text);
  }

  list(): readonly string[] {
    return Object.keys(this.#files).sort();
  }
}

/** The plan of a matrix that is written out, with its config and rows. Throws for what is wrong with it. */
export function planFrom(
  matrix: string,
  files: Readonly<Record<string, string>> = {},
): { readonly plan: Plan; readonly config: RunConfig; readonly rows: readonly Row[] } {
  const all = new TextFiles({ ...files, "m.yaml": matrix });
  const { config, diagnostics } = loadMatrix("m.yaml", all, noOverrides);
  if (config === null) throw new Error(JSON.stringify(diagnostics));
  const dataset = config.dataset === null ? noDataset : loadDataset(config.dataset, all).dataset;
  const plan = dataset === null ? null : buildPlan(config, dataset.rows).plan;
  if (dataset === null || plan === null) throw new Error("no plan");
  return { plan, config, rows: dataset.rows };
}
