/**
 * Whether two JSON values are the same: members in any order, numbers by value. `near` says whether two numbers that
 * differ are close enough.
 */
export function sameJson(
  one: unknown,
  other: unknown,
  near: (one: number, other: number) => boolean = () => false,
): boolean {
  if (one === other) return true;
  if (typeof one === "number" && typeof other === "number") return near(one, other);
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return false;
  if (Array.isArray(one) || Array.isArray(other)) {
    return (
      Array.isArray(one) &&
      Array.isArray(other) &&
      one.length === other.length &&
      one.every((item, i) => sameJson(item, other[i], near))
    );
  }
  const entries = Object.entries(one);
  return (
    entries.length === Object.keys(other).length &&
    entries.every(
      ([key, value]) =>
        Object.hasOwn(other, key) && sameJson(value, (other as Readonly<Record<string, unknown>>)[key], near),
    )
  );
}

/**
 * Whether a value is the one that an option expects. A cell of a table is text, so a text also stands for the JSON value
 * that it writes: `"42"` for 42, `"true"` for true.
 */
export function isExpected(
  found: unknown,
  expected: unknown,
  near?: (one: number, other: number) => boolean,
): boolean {
  if (sameJson(found, expected, near)) return true;
  if (typeof expected !== "string" || typeof found === "string") return false;
  try {
    return sameJson(found, JSON.parse(expected), near);
  } catch {
    return false;
  }
}
