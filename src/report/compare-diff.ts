/** A line of a text that changed: on both sides, or on one of them; `skipped` stands for so many equal lines. */
export type DiffLine =
  | { readonly kind: "same" | "removed" | "added"; readonly text: string }
  | { readonly kind: "skipped"; readonly lines: number };

/** More pairs of lines than this are not compared with each other: everything between equal ends counts as changed. */
const mostPairs = 4_000_000;
/** Equal lines shown around a change. */
const context = 2;

/**
 * What changed between two texts, line by line: equal beginnings and ends, and between them the longest common
 * subsequence. Of equal lines only two around each change stay.
 */
export function diffLines(base: string, candidate: string): readonly DiffLine[] {
  const [before, after] = [lines(base), lines(candidate)];
  let head = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) head++;
  let tail = 0;
  const shorter = Math.min(before.length, after.length) - head;
  while (tail < shorter && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++;
  const same = (text: string): DiffLine => ({ kind: "same", text });
  return condensed([
    ...before.slice(0, head).map(same),
    ...changes(before.slice(head, before.length - tail), after.slice(head, after.length - tail)),
    ...before.slice(before.length - tail).map(same),
  ]);
}

function lines(text: string): readonly string[] {
  return text.split(/\r\n|\n|\r/);
}

function changes(before: readonly string[], after: readonly string[]): readonly DiffLine[] {
  const columns = after.length + 1;
  const compared = before.length * after.length <= mostPairs;
  const longest = new Int32Array(compared ? (before.length + 1) * columns : 0);
  const at = (i: number, k: number): number => longest[i * columns + k] ?? 0;
  for (let i = before.length - 1; compared && i >= 0; i--) {
    for (let k = after.length - 1; k >= 0; k--) {
      longest[i * columns + k] =
        before[i] === after[k] ? at(i + 1, k + 1) + 1 : Math.max(at(i + 1, k), at(i, k + 1));
    }
  }
  const found: DiffLine[] = [];
  let [i, k] = [0, 0];
  while (i < before.length || k < after.length) {
    const [old, fresh] = [before[i], after[k]];
    if (compared && old !== undefined && old === fresh) {
      found.push({ kind: "same", text: old });
      i++;
      k++;
    } else if (old !== undefined && (fresh === undefined || at(i + 1, k) >= at(i, k + 1))) {
      found.push({ kind: "removed", text: old });
      i++;
    } else {
      found.push({ kind: "added", text: fresh ?? "" });
      k++;
    }
  }
  return found;
}

/** The same without equal lines far from any change. */
function condensed(diff: readonly DiffLine[]): readonly DiffLine[] {
  const near = (position: number): boolean =>
    diff.slice(Math.max(0, position - context), position + context + 1).some(({ kind }) => kind !== "same");
  const kept: DiffLine[] = [];
  let skipped = 0;
  const flush = (): void => {
    if (skipped > 0) kept.push({ kind: "skipped", lines: skipped });
    skipped = 0;
  };
  diff.forEach((line, position) => {
    if (near(position)) {
      flush();
      kept.push(line);
    } else skipped++;
  });
  flush();
  return kept;
}

/** Where two texts stop being equal, from the front and from the back: positions in each, `end` excluded. */
export interface DifferingPart {
  readonly start: number;
  readonly baseEnd: number;
  readonly candidateEnd: number;
}

/** The part of two texts that differs: everything between what they have in common at both ends. */
export function differingPart(base: string, candidate: string): DifferingPart {
  const shorter = Math.min(base.length, candidate.length);
  let start = 0;
  while (start < shorter && base[start] === candidate[start]) start++;
  let common = 0;
  while (
    common < shorter - start &&
    base[base.length - 1 - common] === candidate[candidate.length - 1 - common]
  )
    common++;
  return { start, baseEnd: base.length - common, candidateEnd: candidate.length - common };
}
