import type { Plan } from "./plan.ts";

/** One of `count` parts of a plan; `index` counts from 1. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/** More parts than this are a mistake. */
export const mostShards = 10_000;

/** Reads `2/8`; null for what is no shard. */
export function readShard(text: string): Shard | null {
  const [, index, count] = /^\s*(\d{1,5})\s*\/\s*(\d{1,5})\s*$/.exec(text) ?? [];
  if (index === undefined || count === undefined) return null;
  const shard = { index: Number(index), count: Number(count) };
  return shard.index >= 1 && shard.index <= shard.count && shard.count <= mostShards ? shard : null;
}

/** As it is written: `2/8`. */
export function shardText({ index, count }: Shard): string {
  return `${index}/${count}`;
}

/** The shard, from 1 to `count`, that a request belongs to: by its id, so whatever else the plan has (docs/design/shards.md). */
export function shardOf(requestId: string, count: number): number {
  return (Number.parseInt(requestId.slice(0, 8), 16) % count) + 1;
}

/** The requests of a plan that belong to a shard. Ids need rendering, so all are looked at once, when they are asked for. */
export class ShardRequests {
  readonly shard: Shard;
  readonly #plan: Plan;
  #own: Uint8Array | null = null;
  #count = 0;

  constructor(plan: Plan, shard: Shard) {
    this.#plan = plan;
    this.shard = shard;
  }

  /** How many there are. */
  get count(): number {
    this.#requests();
    return this.#count;
  }

  has(index: number): boolean {
    return this.#requests()[index] === 1;
  }

  #requests(): Uint8Array {
    if (this.#own !== null) return this.#own;
    const own = new Uint8Array(this.#plan.length);
    const { index, count } = this.shard;
    for (let i = 0; i < own.length; i++) {
      if (shardOf(this.#plan.request(i).requestId, count) !== index) continue;
      own[i] = 1;
      this.#count++;
    }
    this.#own = own;
    return own;
  }
}
