import type { LimitHints } from "../outcome/attempt.ts";
import { type LimitAxis, limitAxes } from "../outcome/limit-axis.ts";
import { goDuration, saneMs } from "./limit-times.ts";

const units: Readonly<Record<string, string>> = {
  request: "r",
  token: "t",
  "input token": "it",
  "output token": "ot",
};
const windows: Readonly<Record<string, string>> = { min: "pm", minute: "pm", hour: "ph", day: "pd" };

/** `TPM limit reached`, `(TPM): Limit 60000`, `max RPM: 3`. */
const abbreviated = /\b([rt]p[mhd]|[io]tpm)\b\s*[):]*\s*(?:limit\b[:\s]*|:\s*)?(\d[\d,_]*)?/i;
/** `requests per min: Limit 500`, `output tokens per minute`. */
const spelled =
  /\b((?:input |output )?token|request)s?[ -](?:per|\/)[ -](min|minute|hour|day)\b[^.]{0,20}?(?:limit\b[:\s]*(\d[\d,_]*))?/i;
const allocated = /\ballocated quota exceeded|\btoken[ -]limit exceeded/i;
const requested = /\brequested[:\s]+(\d[\d,_]*)/i;
const waits =
  /\b(?:again|retry)\s+(?:in|after)\s+(?:((?:\d+(?:\.\d+)?(?:ms|[smhd]))+)\b|(\d+(?:\.\d+)?)\s*(millisecond|second|minute|ms\b|s\b))/i;
const waitUnits: Readonly<Record<string, number>> = {
  millisecond: 1,
  ms: 1,
  second: 1_000,
  s: 1_000,
  minute: 60_000,
};

/**
 * The limit that a refusal names, with its figure where there is one: SiliconFlow's `Details: TPM limit reached.`, OpenAI's
 * and Groq's `on tokens per min (TPM): Limit 60000, Used …`, Moonshot's `max RPM: 3`. Null where it names none.
 */
export function limitInText(text: string): LimitHints["exceeded"] {
  const short = abbreviated.exec(text);
  const long = spelled.exec(text);
  const axis =
    axisNamed(short?.[1]?.toLowerCase()) ??
    axisNamed(`${units[long?.[1]?.toLowerCase() ?? ""]}${windows[long?.[2]?.toLowerCase() ?? ""]}`);
  if (axis !== null) {
    const asked = figure(requested.exec(text)?.[1]);
    const limit = figure(short?.[2] ?? long?.[3]);
    return { axis, limit, ...(asked === null ? {} : { requested: asked }) };
  }
  return allocated.test(text) ? { axis: "tpm", limit: null } : null;
}

/** The wait that a message asks for, in milliseconds: `Please try again in 5.289s`, `retry after 30 seconds`. */
export function waitInText(text: string): number | null {
  const found = waits.exec(text);
  if (found === null) return null;
  const [, duration, amount, unit] = found;
  if (duration !== undefined) return saneMs(goDuration(duration));
  return saneMs(Number(amount) * (waitUnits[unit?.toLowerCase() ?? ""] ?? Number.NaN));
}

function axisNamed(name: string | undefined): LimitAxis | null {
  return limitAxes.find((axis) => axis === name) ?? null;
}

function figure(digits: string | undefined): number | null {
  const value = Number(digits?.replace(/[,_]/g, "") ?? Number.NaN);
  return value > 0 && Number.isFinite(value) ? value : null;
}
