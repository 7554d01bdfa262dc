import { expect } from "vitest";
import { helloBody, json, type Seen, serve } from "../provider/test-server.ts";
import { asCode, shown, type WireRow } from "./row.ts";
import { type Files, type Json, runWritten } from "./run-written.ts";

/** Runs a matrix against a server that answers everything, and gives what it received. */
export async function seenOf(matrix: Json, files: Files, entry: Json = {}): Promise<readonly Seen[]> {
  const server = await serve((response) => json(response, 200, helloBody));
  const { outcome } = await runWritten(
    server.origin,
    { limits: { concurrency: 1 }, ...matrix },
    { files, entry },
  );
  expect(outcome.exitCode).toBe(0);
  return server.seen;
}

/** The prompt of every row that has none of its own. */
export const hi: readonly Json[] = [{ role: "user", content: "hi" }];
/** What every matrix has. */
export const base: Json = { prompts: [{ user: "hi" }], parameters: { model: "m" } };
/** A body that says no more than it must. */
export const body = (rest: Json = {}): Json => ({ model: "m", messages: hi, stream: true, ...rest });

/** A matrix and the bodies that it sends, whole and in any order. `from` names the parameter's place in the references. */
export function requestRow(
  name: string,
  from: string,
  written: Json,
  bodies: readonly Json[],
  files: Files = {},
  told: string = asCode(shown(written)),
): WireRow {
  return {
    name,
    wire: told,
    becomes: bodies.map(partText).join(", "),
    from,
    check: async () => {
      const seen = await seenOf({ ...base, ...written }, files);
      expect(sorted(seen.map((one) => JSON.parse(one.body) as unknown))).toEqual(sorted(bodies));
    },
  };
}

/** A body without what is the same in all of them. */
function partText(one: Json): string {
  const kept = Object.entries(one).filter(
    ([key, value]) => JSON.stringify(value) !== JSON.stringify(body()[key]),
  );
  return kept.length === 0 ? "nothing more" : asCode(shown(Object.fromEntries(kept)));
}

function sorted(values: readonly unknown[]): readonly unknown[] {
  return values
    .map((value) => [JSON.stringify(value), value] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, value]) => value);
}

/** A dataset with one column beside its ids. */
export const csv = (column: string, ...cells: readonly string[]): Files => ({
  "d.csv": `id,${column}\n${cells.map((cell, i) => `r${i},"${cell.replaceAll('"', '""')}"`).join("\n")}\n`,
});
/** The key `dataset` for it, with JSON in its cells. */
export const jsonCells: Json = { path: "d.csv", json_columns: ["value"] };
