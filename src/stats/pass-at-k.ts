/**
 * Chance that at least one of k trials passes, estimated without bias from c passes in n trials: 1 − C(n−c, k) / C(n, k)
 * (Chen et al. 2021, arXiv 2107.03374). What a user gets who may try k times and can tell a good answer; it flatters
 * everything else. Throws RangeError for n < k, where no estimate exists, and for impossible counts.
 */
export function passAtK(n: number, c: number, k: number): number {
  demandTrials(n, c, k);
  return n - c < k ? 1 : 1 - share(n, n - c, k);
}

/**
 * Chance that all of k trials pass, estimated without bias from c passes in n trials: C(c, k) / C(n, k) ("pass^k",
 * Yao et al. 2024, tau-bench, arXiv 2406.12045). For what must work every time. Throws RangeError for n < k.
 */
export function passPowK(n: number, c: number, k: number): number {
  demandTrials(n, c, k);
  return c < k ? 0 : share(n, c, k);
}

/** C(of, k) / C(n, k) as a product of min(k, n − of) quotients, each at most 1, so that nothing overflows. */
function share(n: number, of: number, k: number): number {
  const rest = n - of;
  let product = 1;
  if (k <= rest) for (let i = 0; i < k; i++) product *= (of - i) / (n - i);
  else for (let i = 0; i < rest; i++) product *= (n - k - i) / (n - i);
  return product;
}

function demandTrials(n: number, c: number, k: number): void {
  const whole = Number.isInteger(n) && Number.isInteger(c) && Number.isInteger(k);
  if (!(whole && k >= 1 && n >= k && c >= 0 && c <= n)) {
    throw new RangeError(`whole numbers with 1 ≤ k ≤ n and 0 ≤ c ≤ n are needed, got n ${n}, c ${c}, k ${k}`);
  }
}
