import { UsageError } from "../errors.ts";

/** How long an answer takes: the first token after `firstMs`, every further one `perTokenMs` later. Milliseconds. */
export interface LatencyModel {
  readonly firstMs: number;
  readonly perTokenMs: number;
}

/** A latency for all models, or each model's own. */
export type LatencySetting = LatencyModel | "model";

const part = /^(\d+(?:\.\d+)?)(ms|s)?(\/token)?$/;

/**
 * A latency as people write it: `50ms`, `20ms+5ms/token`, `1.5s`, `5ms/token`, `0`, or `model` for each model's own.
 * A number without a unit is milliseconds. Throws a `UsageError` for anything else.
 */
export function parseLatency(text: string): LatencySetting {
  if (text.trim() === "model") return "model";
  let firstMs: number | null = null;
  let perTokenMs: number | null = null;
  for (const piece of text.split("+")) {
    const match = part.exec(piece.trim());
    const isPerToken = match?.[3] !== undefined;
    if (match === null || (isPerToken ? perTokenMs : firstMs) !== null) {
      throw new UsageError("simulator/bad-latency", `\`${text}\` is no latency`, {
        hint: "write `50ms`, `20ms+5ms/token`, `0` or `model`",
      });
    }
    const milliseconds = Number(match[1]) * (match[2] === "s" ? 1000 : 1);
    if (isPerToken) perTokenMs = milliseconds;
    else firstMs = milliseconds;
  }
  return { firstMs: firstMs ?? 0, perTokenMs: perTokenMs ?? 0 };
}
