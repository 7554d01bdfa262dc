/** Rest of Stirling's formula: ln Γ(x) − ((x − ½) ln x − x + ½ ln 2π), for x ≥ 10; error below 1e-16. */
export function stirlingRest(x: number): number {
  const s = 1 / (x * x);
  return (
    (1 / 12 -
      s * (1 / 360 - s * (1 / 1260 - s * (1 / 1680 - s * (1 / 1188 - s * (691 / 360360 - s / 156)))))) /
    x
  );
}

/** ln Γ(x) for x > 0: Stirling's series from 10 on, reached by the recurrence from below; relative error near 1e-15. */
export function logGamma(x: number): number {
  if (!(x > 0)) throw new RangeError(`a number above 0 is needed, got ${x}`);
  let product = 1;
  let shifted = x;
  while (shifted < 10) {
    product *= shifted;
    shifted += 1;
  }
  const stirling =
    (shifted - 0.5) * Math.log(shifted) - shifted + Math.log(2 * Math.PI) / 2 + stirlingRest(shifted);
  return stirling - Math.log(product);
}

/** ln B(a, b), without the cancellation that three logarithms of Γ have when a side is large. */
export function logBeta(a: number, b: number): number {
  const small = Math.min(a, b);
  const large = Math.max(a, b);
  const share = small / (small + large);
  if (small >= 10) {
    const rest = stirlingRest(small) + stirlingRest(large) - stirlingRest(small + large);
    return (
      Math.log(2 * Math.PI) / 2 -
      Math.log(large) / 2 +
      rest +
      (small - 0.5) * Math.log(share) +
      large * Math.log1p(-share)
    );
  }
  if (large >= 10) {
    const rest = stirlingRest(large) - stirlingRest(small + large);
    return (
      logGamma(small) + rest + small - small * Math.log(small + large) + (large - 0.5) * Math.log1p(-share)
    );
  }
  return logGamma(small) + logGamma(large) - logGamma(small + large);
}

/**
 * Regularised incomplete beta function I_x(a, b), a and b above 0. `y` is 1 − x, to be given where it is known better
 * than by subtraction. Continued fraction of DLMF 8.17.22, evaluated by Lentz's method.
 */
export function incompleteBeta(x: number, a: number, b: number, y: number = 1 - x): number {
  if (!(x >= 0 && y >= 0)) throw new RangeError(`a number in 0..1 is needed, got ${x}`);
  if (x === 0) return 0;
  if (y === 0) return 1;
  const factor = Math.exp(a * logOf(x, y) + b * logOf(y, x) - logBeta(a, b));
  return x <= (a + 1) / (a + b + 2)
    ? (factor * continuedFraction(x, a, b)) / a
    : 1 - (factor * continuedFraction(y, b, a)) / b;
}

function logOf(value: number, complement: number): number {
  return complement < 0.5 ? Math.log1p(-complement) : Math.log(value);
}

const tiny = 1e-300;

/** The continued fraction of I_x(a, b) without its factor x^a (1−x)^b / (a B(a, b)); fast for x ≤ (a + 1) / (a + b + 2). */
export function continuedFraction(x: number, a: number, b: number): number {
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let result = d;
  for (let m = 1; m <= 100_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away(1 + even * d);
    c = away(1 + even / c);
    result *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away(1 + odd * d);
    c = away(1 + odd / c);
    const step = d * c;
    result *= step;
    if (Math.abs(step - 1) < 1e-16) break;
  }
  return result;
}

function away(value: number): number {
  return Math.abs(value) < tiny ? tiny : value;
}
