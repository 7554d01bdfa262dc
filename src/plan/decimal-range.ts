const mostValues = 10_000;

/**
 * The numbers from `from` to `to`, both included, in exact decimals (0, 0.1, … 0.3, never 0.30000000000000004).
 * What is wrong with the ends or the step is returned as words.
 */
export function decimalRange(from: unknown, to: unknown, step: unknown): readonly number[] | string {
  if (!isFiniteNumber(from) || !isFiniteNumber(to) || !isFiniteNumber(step))
    return "a range needs numbers for `from`, `to` and `step`";
  if (step === 0) return "the `step` of a range must not be 0";
  const extreme = [from, to, step].find((value) => Math.abs(value) > 1e15 || decimals(value) > 50);
  if (extreme !== undefined) return `${extreme} is too large or too fine for a range`;
  const digits = Math.max(decimals(from), decimals(to), decimals(step));
  const scaled = (value: number): bigint => BigInt(value.toFixed(digits).replace(".", ""));
  const start = scaled(from);
  const end = scaled(to);
  const stride = scaled(step);
  const count = (end - start) / stride;
  if (count < 0n || (end - start) % stride !== 0n) {
    return `from ${from} to ${to} is not a whole number of steps of ${step}`;
  }
  if (count >= BigInt(mostValues)) return `a range of ${count + 1n} values is more than ${mostValues}`;
  return Array.from({ length: Number(count) + 1 }, (_, i) =>
    Number(`${start + stride * BigInt(i)}e-${digits}`),
  );
}

function isFiniteNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

/** Decimals needed to write a number exactly as JavaScript prints it, exponents included. */
function decimals(value: number): number {
  const [mantissa = "", exponent = "0"] = String(value).split("e");
  return Math.max(0, (mantissa.split(".")[1]?.length ?? 0) - Number(exponent));
}
