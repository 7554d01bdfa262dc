const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

const plainNumber = /^\d+(\.\d+)?$/;
const durationUnits: Readonly<Record<string, number>> = { ms: 1, s: second, m: minute, h: hour, d: day };

/** A count as headers write it; null for what is none: negative, not finite, or no number at all. */
export function headerCount(value: string | null): number | null {
  return value !== null && plainNumber.test(value) && Number.isFinite(Number(value)) ? Number(value) : null;
}

/** Milliseconds that a server may be taken at its word for: none that are negative or longer than a day. */
export function saneMs(ms: number): number | null {
  return ms >= 0 && ms <= day ? ms : null;
}

/** A Go duration such as `6m0s`, `1h2m3.5s` or `120ms` in milliseconds; NaN for anything else. */
export function goDuration(value: string): number {
  if (!/^(\d+(\.\d+)?(ms|[smhd]))+$/.test(value)) return Number.NaN;
  let total = 0;
  for (const [, amount, unit] of value.matchAll(/(\d+(?:\.\d+)?)(ms|[smhd])/g)) {
    total += Number(amount) * (durationUnits[unit ?? ""] ?? Number.NaN);
  }
  return total;
}

/** `retry-after`: seconds, a Go duration, or a date. `now` is Unix time in milliseconds. */
export function retryAfterMs(value: string | null, now: number): number | null {
  if (value === null) return null;
  if (plainNumber.test(value)) return saneMs(Number(value) * second);
  return saneMs(goDuration(value)) ?? dateMs(value, now);
}

/** A reset: seconds, a Go duration, an instant as Unix time in seconds or milliseconds, or a date. */
export function resetMs(value: string | null, now: number): number | null {
  if (value === null) return null;
  if (!plainNumber.test(value)) return saneMs(goDuration(value)) ?? dateMs(value, now);
  const number = Number(value);
  if (number > 1e11) return saneMs(number - now);
  return saneMs(number > 1e9 ? number * second - now : number * second);
}

/** An HTTP date or RFC 3339; one in the past says nothing. */
function dateMs(value: string, now: number): number | null {
  return /[a-z]{3}|^\d{4}-\d\d-\d\dT/i.test(value) ? saneMs(Date.parse(value) - now) : null;
}
