/** Rank of each token, by its bytes written one character a byte; the lower rank merges first. */
export interface RankTable {
  readonly ranks: ReadonlyMap<string, number>;
  /** Ranks of the tokens of two bytes, at 256 · first + second: half of all questions are for these. */
  readonly pairs: Int32Array;
}

/** Above every rank. */
const never = 0x7fff_ffff;

/** The table of an encoding whose tokens stand in order of rank, as text, or as bytes where they are no whole text. */
export function rankTable(tokens: readonly (string | readonly number[])[]): RankTable {
  const ranks = new Map<string, number>();
  const pairs = new Int32Array(65_536).fill(never);
  tokens.forEach((token, rank) => {
    const bytes = typeof token === "string" ? bytesOf(token) : String.fromCharCode(...token);
    ranks.set(bytes, rank);
    if (bytes.length === 2) pairs[256 * bytes.charCodeAt(0) + bytes.charCodeAt(1)] = rank;
  });
  return { ranks, pairs };
}

/** The UTF-8 bytes of a text, one character a byte. A lone surrogate becomes U+FFFD. */
export function bytesOf(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

/** Tokens of one piece by byte-pair merging. The work is quadratic in its length: callers keep pieces short. */
export function countPairs(bytes: string, { ranks, pairs }: RankTable): number {
  if (ranks.has(bytes)) return 1;
  // Part i is bytes[starts[i]] up to starts[i + 1]; merges[i] is the rank of part i joined with the next.
  const starts = new Int32Array(bytes.length + 1);
  const merges = new Int32Array(bytes.length);
  let parts = bytes.length;
  const rankAt = (i: number): number => {
    if (i + 1 >= parts) return never;
    const start = starts[i] as number;
    const end = starts[i + 2] as number;
    return end - start === 2
      ? (pairs[256 * bytes.charCodeAt(start) + bytes.charCodeAt(start + 1)] as number)
      : (ranks.get(bytes.slice(start, end)) ?? never);
  };
  for (let i = 0; i <= parts; i++) starts[i] = i;
  for (let i = 0; i < parts; i++) merges[i] = rankAt(i);
  for (;;) {
    let lowest = never;
    let at = 0;
    for (let i = 0; i < parts; i++) {
      const rank = merges[i] as number;
      if (rank < lowest) {
        lowest = rank;
        at = i;
      }
    }
    if (lowest === never) return parts;
    starts.copyWithin(at + 1, at + 2, parts + 1);
    merges.copyWithin(at + 1, at + 2, parts);
    parts--;
    merges[at] = rankAt(at);
    if (at > 0) merges[at - 1] = rankAt(at - 1);
  }
}
