/**
 * Gives each of `size` wanted things one of as many found ones that fits it, so that as many as can be have one
 * (augmenting paths: Kuhn's algorithm for bipartite matching). The number of the found one by wanted one; -1 for none.
 */
export function pairUp(size: number, fits: (wanted: number, found: number) => boolean): readonly number[] {
  const wantedOf = new Array<number>(size).fill(-1);
  const seek = (wanted: number, seen: Set<number>): boolean => {
    for (let found = 0; found < size; found++) {
      if (seen.has(found) || !fits(wanted, found)) continue;
      seen.add(found);
      const holder = wantedOf[found] ?? -1;
      if (holder >= 0 && !seek(holder, seen)) continue;
      wantedOf[found] = wanted;
      return true;
    }
    return false;
  };
  for (let wanted = 0; wanted < size; wanted++) seek(wanted, new Set());
  const foundOf = new Array<number>(size).fill(-1);
  wantedOf.forEach((wanted, found) => {
    if (wanted >= 0) foundOf[wanted] = found;
  });
  return foundOf;
}
