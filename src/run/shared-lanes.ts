import type { Redis } from "ioredis";
import { openRedis, shownRedisUrl } from "../queue/redis-connection.ts";
import { SharedLimits } from "../queue/shared-limits.ts";
import { axisWindowMs } from "../schedule/axis.ts";
import type { LaneSpec } from "../schedule/lane.ts";
import type { Limits } from "../schedule/pace.ts";
import type { Clock } from "../system/clock.ts";
import type { RunListener } from "./events.ts";

/** Limits that are shared with other processes, and the connection they are shared through. */
export interface OpenSharedLimits {
  readonly limits: SharedLimits;
  /** Gives back what is held, and closes the connection. */
  readonly close: () => Promise<void>;
}

/** Connects to the Redis through which limits are shared. Throws UsageError where it cannot be used. */
export async function openSharedLimits(
  url: string,
  { clock, listener }: { readonly clock: Clock; readonly listener: RunListener },
): Promise<OpenSharedLimits> {
  const { redis, notices } = await openRedis(url);
  const notice = (message: string): void => listener({ kind: "notice", message });
  notices.forEach(notice);
  const limits = sharedLimits(redis, url, clock, notice);
  return {
    limits,
    close: async () => {
      await limits.close();
      redis.disconnect();
    },
  };
}

function sharedLimits(
  redis: Redis,
  url: string,
  clock: Clock,
  notice: (message: string) => void,
): SharedLimits {
  return new SharedLimits(
    redis,
    () => clock.now(),
    (state, reason) =>
      notice(
        state === "away"
          ? `${shownRedisUrl(url)} does not answer (${reason}): lanes with shared limits pause until it does`
          : `${shownRedisUrl(url)} answers again`,
      ),
  );
}

/**
 * A lane whose limits of a minute others use up, too: they hold whole, whatever share of the stated ones the process
 * takes otherwise.
 */
export function withSharedLimits(
  lane: LaneSpec,
  shared: SharedLimits | null | undefined,
  share: number,
): LaneSpec {
  if (shared === null || shared === undefined || lane.scope === undefined) return lane;
  const whole = Object.entries(lane.limits).map(([axis, limit]) => [
    axis,
    axisWindowMs(axis as keyof Limits) === 60_000 ? limit / share : limit,
  ]);
  const limits = Object.fromEntries(whole) as Limits;
  return { ...lane, limits, shared: shared.lane({ scope: lane.scope, limits }) };
}
