const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** Milliseconds of `500ms`, `10s`, `2m`, `1h`; a bare number is seconds; null when it is none of these. */
export function durationMs(written: string | number): number | null {
  if (typeof written === "number") return Number.isFinite(written) && written >= 0 ? written * 1_000 : null;
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(written.trim());
  return match === null ? null : Number(match[1]) * (unitMs[match[2] ?? ""] ?? 0);
}
