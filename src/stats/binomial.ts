import { continuedFraction, logGamma, stirlingRest } from "./beta.ts";

/** Up to here products and sums are short, and exact for p = ½. */
const smallTrials = 50;

/**
 * P(X = k) for X ~ Bin(n, p); 0 outside of 0..n. Products up to n = 50, then Loader's saddle-point form ("Fast and
 * accurate computation of binomial probabilities", 2000), relative error below 1e-12 for n up to a million.
 */
export function binomialPmf(k: number, n: number, p: number): number {
  demandBinomial(k, n, p);
  if (k < 0 || k > n) return 0;
  if (p === 0 || p === 1) return k === n * p ? 1 : 0;
  return pointMass(k, n, p);
}

/** P(X ≤ k) for X ~ Bin(n, p); relative error below 1e-12 where it is the smaller tail. */
export function binomialCdf(k: number, n: number, p: number): number {
  demandBinomial(k, n, p);
  return upperTail(n - k, n, 1 - p, p);
}

/** P(X ≥ k) for X ~ Bin(n, p); relative error below 1e-12 where it is the smaller tail. */
export function binomialUpperTail(k: number, n: number, p: number): number {
  demandBinomial(k, n, p);
  return upperTail(k, n, p, 1 - p);
}

/** P(X ≥ k): a sum for few trials, else I_p(k, n − k + 1) with the point mass as its factor, which loses no digits. */
function upperTail(k: number, n: number, p: number, q: number): number {
  if (k <= 0) return 1;
  if (k > n || p === 0) return 0;
  if (q === 0) return 1;
  if (n <= smallTrials) return k > n * p ? sumUp(k, n, p, q) : 1 - sumUp(n - k + 1, n, q, p);
  return p <= (k + 1) / (n + 3)
    ? Math.min(1, pointMass(k, n, p, q) * q * continuedFraction(p, k, n - k + 1))
    : 1 - Math.min(1, pointMass(k - 1, n, p, q) * p * continuedFraction(q, n - k + 1, k));
}

function sumUp(k: number, n: number, p: number, q: number): number {
  let term = pointMass(k, n, p, q);
  let sum = term;
  for (let j = k + 1; j <= n; j++) {
    term = ((term * (n - j + 1)) / j) * (p / q);
    sum += term;
  }
  return sum;
}

function pointMass(k: number, n: number, p: number, q: number = 1 - p): number {
  if (k === 0) return Math.exp(n * logOf(q, p));
  if (k === n) return Math.exp(n * logOf(p, q));
  if (n <= smallTrials) return choose(n, Math.min(k, n - k)) * p ** k * q ** (n - k);
  const exponent = rest(n) - rest(k) - rest(n - k) - deviance(k, n * p) - deviance(n - k, n * q);
  return Math.exp(exponent) * Math.sqrt(n / (2 * Math.PI * k * (n - k)));
}

function choose(n: number, k: number): number {
  let product = 1;
  for (let i = 1; i <= k; i++) product = (product * (n - k + i)) / i;
  return product;
}

function logOf(value: number, complement: number): number {
  return complement < 0.5 ? Math.log1p(-complement) : Math.log(value);
}

/** ln n! less Stirling's formula. */
function rest(n: number): number {
  if (n >= 10) return stirlingRest(n);
  return logGamma(n + 1) - (n + 0.5) * Math.log(n) + n - Math.log(2 * Math.PI) / 2;
}

/** x ln(x / m) + m − x, by a series where both are near and the terms would cancel. */
function deviance(x: number, m: number): number {
  const share = (x - m) / (x + m);
  if (Math.abs(share) >= 0.1) return x * Math.log(x / m) + m - x;
  let power = 2 * x * share;
  let sum = (x - m) * share;
  for (let j = 3; ; j += 2) {
    power *= share * share;
    const next = sum + power / j;
    if (next === sum) return sum;
    sum = next;
  }
}

function demandBinomial(k: number, n: number, p: number): void {
  if (!(Number.isInteger(n) && n >= 0)) throw new RangeError(`a whole number of trials is needed, got ${n}`);
  if (!Number.isInteger(k)) throw new RangeError(`a whole number of successes is needed, got ${k}`);
  if (!(p >= 0 && p <= 1)) throw new RangeError(`a probability is needed, got ${p}`);
}
