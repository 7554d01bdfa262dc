import { existsSync } from "node:fs";
import { join } from "node:path";
import { scanOutlines } from "../journal/reader.ts";
import { recordedUsage } from "../journal/record.ts";
import type { SendPart } from "../plan/send-order.ts";
import { variantAt } from "../plan/send-order.ts";
import { axisWindowMs } from "../schedule/axis.ts";
import type { LaneSpec, PastUse } from "../schedule/lane.ts";
import type { Clock } from "../system/clock.ts";
import { runFiles } from "./run-directory.ts";

const dayMs = 86_400_000;

/**
 * What earlier sessions of a run took of limits that hold for longer than a minute, by lane. The journals are read only
 * where there is such a limit. What came in a batch took nothing of them. What lies in the future, because a clock was wrong, counts as taken now.
 */
export function pastUse(
  lanes: readonly LaneSpec[],
  order: readonly SendPart[],
  parts: readonly { readonly directory: string }[],
  clock: Clock,
): ReadonlyMap<string, readonly PastUse[]> {
  const past = new Map<string, PastUse[]>();
  const long = lanes.filter(({ limits }) => isLong(limits));
  if (long.length === 0) return past;
  const now = Date.parse(clock.wall());
  parts.forEach(({ directory }, i) => {
    const path = join(directory, runFiles.journal);
    if (!existsSync(path)) return;
    const laneOf = lanesOfPart(long, order, i);
    scanOutlines(path, (record) => {
      if (record.kind !== "attempt" || record.reused_from !== undefined || record.batch !== undefined) return;
      const lane = laneOf.get(record.variant_id);
      const agoMs = Math.max(0, now - Date.parse(record.started_at));
      if (lane === undefined || !(agoMs < dayMs)) return;
      const usage = recordedUsage(record);
      const use: PastUse = {
        agoMs,
        requests: 1,
        input: usage?.promptTokens ?? 0,
        output: usage?.completionTokens ?? 0,
      };
      const known = past.get(lane);
      if (known === undefined) past.set(lane, [use]);
      else known.push(use);
    });
  });
  return past;
}

function isLong(limits: LaneSpec["limits"]): boolean {
  return (Object.keys(limits) as (keyof typeof limits)[]).some((axis) => axisWindowMs(axis) > 60_000);
}

function lanesOfPart(
  lanes: readonly LaneSpec[],
  order: readonly SendPart[],
  which: number,
): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const { key, variants } of lanes) {
    for (const number of variants) {
      const { part, variantIndex } = variantAt(order, number);
      if (order.indexOf(part) === which) found.set(part.plan.variant(variantIndex).id, key);
    }
  }
  return found;
}
