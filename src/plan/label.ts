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
 * Labels of the variants of one plan, in their order: `prompt=v2,model=X,temperature=0`, naming only what differs.
 * A plan of one variant is called by its model. Two variants never share a label (`#2` is added).
 */
export function variantLabels(variants: readonly LabelFacts[]): readonly string[] {
  const parts = variants.map(labelParts);
  const names = [...new Set(parts.flatMap((part) => [...part.keys()]))];
  const telling = names.filter((name) => new Set(parts.map((part) => part.get(name))).size > 1);
  const taken = new Map<string, number>();
  return parts.map((part, i) => {
    const words = telling.flatMap((name) => {
      const value = part.get(name);
      return value === undefined ? [] : [`${name}=${value}`];
    });
    const label = words.length > 0 ? words.join(",") : (variants[i]?.model ?? "");
    const count = (taken.get(label) ?? 0) + 1;
    taken.set(label, count);
    return count === 1 ? label : `${label}#${count}`;
  });
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
