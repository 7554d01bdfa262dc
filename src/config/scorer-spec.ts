import { commonScorerKeys } from "../score/registry.ts";
import type { ScorerSpec } from "../score/scorer.ts";
import type { ScorerFile } from "./matrix-file.ts";
import { scorerFileSchema } from "./scorer-file.ts";

const commonKeys: ReadonlySet<string> = new Set(commonScorerKeys);

/** A scorer as written, with the common keys' defaults; options stay unrendered. */
export function withDefaults(written: ScorerFile): ScorerSpec {
  return {
    id: written.id ?? written.type,
    type: written.type,
    negate: (written.negate as boolean | undefined) ?? false,
    required: (written.required as boolean | undefined) ?? true,
    threshold: (written.threshold as number | undefined) ?? null,
    weight: (written.weight as number | undefined) ?? 1,
    target: (written.target as "answer" | "reasoning" | undefined) ?? "answer",
    options: Object.fromEntries(Object.entries(written).filter(([key]) => !commonKeys.has(key))),
  };
}

/** A scorer that stands in data; a text says what is wrong with it. */
export function scorerSpec(written: unknown): ScorerSpec | string {
  const parsed = scorerFileSchema.safeParse(written);
  if (parsed.success) return withDefaults(parsed.data);
  const [issue] = parsed.error.issues;
  const key = issue?.path.join(".") ?? "";
  if (issue?.code === "invalid_type" && key === "type") return "`type` is missing";
  return key === "" ? "an entry is no scorer" : `\`${key}\`: ${issue?.message.toLowerCase() ?? "bad value"}`;
}
