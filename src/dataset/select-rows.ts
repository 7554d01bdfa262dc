import { permutation } from "../system/seeded-random.ts";
import type { DatasetSpec } from "./dataset.ts";

/** The rows that a dataset's `shuffle_seed`, `offset` and `limit` leave, in this order of work. */
export function selectRows<T>(
  rows: readonly T[],
  { shuffleSeed, offset, limit }: Pick<DatasetSpec, "shuffleSeed" | "offset" | "limit">,
): readonly T[] {
  const ordered =
    shuffleSeed === null ? rows : Array.from(permutation(rows.length, shuffleSeed), (i) => rows[i] as T);
  return ordered.slice(offset, limit === null ? undefined : offset + limit);
}
