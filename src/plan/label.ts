import { canonicalJson } from "./canonical-json.ts";
import type { Point } from "./grid.ts";

const longestValue = 40;

/** What tells one variant from the others: its prompt, its provider and its point. */
export interface LabelFacts {
  readonly promptId: string;
  readonly provider: string;
  readonly point: Point;
  readonly model: string;
}

/**
 * Labels of the variants of one plan, in their order: `prompt=v2,model=X,temperature=0`. The prompt is named where there
 * are several; of the rest what differs among the variants of the same prompt. A plan of one variant is called by its
 * model. Two variants never share a label (`#2` is added).
 */
export function variantLabels(variants: readonly LabelFacts[]): readonly string[] {
  const parts = variants.map(labelParts);
  const several = new Set(variants.map((variant) => variant.promptId)).size > 1;
  const telling = tellingNames(variants, parts);
  const taken = new Map<string, number>();
  return parts.map((part, i) => {
    const promptId = variants[i]?.promptId ?? "";
    const names = [...(several ? ["prompt"] : []), ...(telling.get(promptId) ?? [])];
    const words = names.flatMap((name) => {
      const value = part.get(name);
      return value === undefined ? [] : [`${name}=${value}`];
    });
    const label = words.length > 0 ? words.join(",") : (variants[i]?.model ?? "");
    const count = (taken.get(label) ?? 0) + 1;
    taken.set(label, count);
    return count === 1 ? label : `${label}#${count}`;
  });
}

/** By prompt: the names of what its variants differ in, in the order written. */
function tellingNames(
  variants: readonly LabelFacts[],
  parts: readonly ReadonlyMap<string, string>[],
): ReadonlyMap<string, readonly string[]> {
  const byPrompt = new Map<string, ReadonlyMap<string, string>[]>();
  parts.forEach((part, i) => {
    const promptId = variants[i]?.promptId ?? "";
    const known = byPrompt.get(promptId);
    if (known === undefined) byPrompt.set(promptId, [part]);
    else known.push(part);
  });
  return new Map(
    [...byPrompt].map(([promptId, own]) => {
      const names = [...new Set(own.flatMap((part) => [...part.keys()]))];
      return [promptId, names.filter((name) => new Set(own.map((part) => part.get(name))).size > 1)];
    }),
  );
}

function labelParts(facts: LabelFacts): ReadonlyMap<string, string> {
  const parts = new Map<string, string>([["prompt", facts.promptId]]);
  parts.set("provider", facts.provider);
  for (const [name, value] of Object.entries(facts.point.values)) {
    if (name === "prompt" || name === "provider" || name === "trials") continue;
    parts.set(name, facts.point.labels[name] ?? valueText(value));
  }
  return parts;
}

function valueText(value: unknown): string {
  const text = typeof value === "string" ? value : canonicalJson(value);
  const line = text.replace(/[\p{Cc}\s]+/gu, " ");
  const cut = line.length > longestValue ? `${line.slice(0, longestValue - 1)}…` : line;
  return /[,=]/.test(cut) && typeof value === "string" ? JSON.stringify(cut) : cut;
}
