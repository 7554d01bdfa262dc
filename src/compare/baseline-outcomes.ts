import { isMeasured } from "./baseline-facts.ts";
import type { VariantHead } from "./baseline-head.ts";
import { readMean } from "./baseline-numbers.ts";
import { isObject, type JsonObject } from "./baseline-text.ts";
import type { Quantity } from "./metric.ts";
import type { Series, SideVariant } from "./side.ts";

/** What a file says of one variant. */
export interface ReadVariant {
  readonly variant: SideVariant;
  /** Kept answers by row. */
  readonly outputs: ReadonlyMap<number, string>;
}

/** Says what is wrong with an outcome, by its position. */
export type Complain = (position: number, problem: string, twice?: true) => void;

/** Reads the outcomes of a variant; a line that is not as it must be is reported and left out. */
export function readOutcomes(
  head: VariantHead,
  rowOfId: ReadonlyMap<string, number>,
  scorers: Iterable<string>,
  complain: Complain,
): ReadVariant {
  const { outcomes, ...described } = head;
  const table = new OutcomeTable(rowOfId.size, scorers);
  const seen = new Set<number>();
  outcomes.forEach((outcome, position) => {
    const id = isObject(outcome) ? outcome.row : undefined;
    const row = typeof id === "string" ? rowOfId.get(id) : undefined;
    if (!isObject(outcome) || typeof id !== "string") complain(position, "it must be an object with a `row`");
    else if (row === undefined) complain(position, `there is no row \`${id}\` in \`rows\``);
    else if (seen.has(row)) complain(position, `row \`${id}\` of ${head.label} is there twice`, true);
    else {
      seen.add(row);
      const problem = table.take(row, outcome);
      if (problem !== null) complain(position, problem);
    }
  });
  return table.finish(described);
}

/** Arrays by row that fill up line by line. */
class OutcomeTable {
  readonly #size: number;
  readonly #requests: Int32Array;
  readonly #completions: Int32Array;
  readonly #series = new Map<Quantity, { means: Float64Array; counts: Int32Array }>();
  readonly #failed = new Map<string, Int32Array>();
  readonly #outputs = new Map<number, string>();
  #pending: Int32Array | null = null;

  constructor(size: number, scorers: Iterable<string>) {
    this.#size = size;
    this.#requests = new Int32Array(size);
    this.#completions = new Int32Array(size);
    this.#seriesOf("pass");
    for (const id of scorers) this.#seriesOf(`scores.${id}`);
  }

  /** Takes a line, or says what is wrong with it. */
  take(row: number, line: JsonObject): string | null {
    const { n = 1, pending = 0, failed = {}, counts = {}, scores = {}, output } = line;
    if (!isCount(n) || n === 0) return "`n` must be a whole number from 1";
    if (!isCount(pending)) return "`pending` must be a whole number from 0";
    if (!isObject(failed) || !Object.values(failed).every(isCount)) return "`failed` must hold whole numbers";
    if (!isObject(counts) || !Object.values(counts).every(isCount)) return "`counts` must hold whole numbers";
    if (!isObject(scores)) return "`scores` must be an object";
    if (output !== undefined && typeof output !== "string") return "`output` must be a text";
    const lost = Object.values(failed).reduce<number>((sum, count) => sum + Number(count), pending);
    if (lost > n) return `${lost} of ${n} requests cannot have failed`;
    const choices = line.choices ?? n - lost;
    if (!isCount(choices)) return "`choices` must be a whole number from 0";
    const means = [
      ...Object.entries(line).filter(([name]) => isMeasured(name)),
      ...Object.entries(scores).map(([id, value]) => [`scores.${id}`, value] as const),
    ];
    for (const [name, mean] of means) {
      const share = name === "pass" || name.startsWith("scores.");
      const known = Object.hasOwn(counts, name) ? counts[name] : share ? choices : n - lost;
      if (typeof mean !== "number" || !Number.isFinite(mean)) return `\`${name}\` must be a number`;
      if (mean < 0 || (share && mean > 1))
        return `\`${name}\` is ${mean}, not ${share ? "within 0 and 1" : "0 or more"}`;
      if (typeof known !== "number" || known === 0)
        return `\`${name}\` has a value although nothing was answered`;
      const series = this.#seriesOf(name);
      series.means[row] = readMean(name, mean, known);
      series.counts[row] = known;
    }
    this.#requests[row] = n;
    this.#completions[row] = choices;
    for (const [kind, count] of Object.entries(failed)) {
      const all = this.#failed.get(kind) ?? new Int32Array(this.#size);
      this.#failed.set(kind, all);
      all[row] = Number(count);
    }
    if (pending > 0) {
      this.#pending ??= new Int32Array(this.#size);
      this.#pending[row] = pending;
    }
    if (output !== undefined) this.#outputs.set(row, output);
    return null;
  }

  finish(described: Omit<VariantHead, "outcomes">): ReadVariant {
    const variant: SideVariant = {
      ...described,
      requests: this.#requests,
      completions: this.#completions,
      series: new Map(
        [...this.#series].map(([name, series]): [Quantity, Series] => [name, { ...series, values: null }]),
      ),
      missing: { failed: this.#failed, pending: this.#pending },
    };
    return { variant, outputs: this.#outputs };
  }

  #seriesOf(name: Quantity): { means: Float64Array; counts: Int32Array } {
    const known = this.#series.get(name);
    if (known !== undefined) return known;
    const fresh = {
      means: new Float64Array(this.#size).fill(Number.NaN),
      counts: new Int32Array(this.#size),
    };
    this.#series.set(name, fresh);
    return fresh;
  }
}

const mostCounted = 1_000_000_000;

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= mostCounted;
}
