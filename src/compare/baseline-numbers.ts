const digits = 6;

/**
 * A row's mean as a baseline file holds it: 6 significant digits where `readMean` finds the same number again, as for
 * shares and counts of any number of trials; times always; all digits otherwise (graded scores, money), since equal
 * answers must stay equal.
 */
export function writtenMean(quantity: string, mean: number, count: number): number {
  const short = Number(mean.toPrecision(digits));
  return quantity.endsWith("_ms") || readMean(quantity, short, count) === mean ? short : mean;
}

/** The mean behind a written one: the whole number of `count`-ths that it rounds, if there is one, else what is written. */
export function readMean(quantity: string, written: number, count: number): number {
  if (quantity.endsWith("_ms") || written === 0 || Number(written.toPrecision(digits)) !== written)
    return written;
  const nearest = Math.round(written * count) / count;
  return Number(nearest.toPrecision(digits)) === written ? nearest : written;
}
