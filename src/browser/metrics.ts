import type { Summary, VariantSummary } from "../aggregate/summary-shape.ts";

/** Something that each variant has a number for. */
export interface PageMetric {
  readonly id: string;
  readonly title: string;
  readonly better: "higher" | "lower";
  readonly of: (variant: VariantSummary) => number | null;
}

/** The metrics that some variant has a value of, quality first. */
export function metricsOf({ variants }: Summary): readonly PageMetric[] {
  const scores = [...new Set(variants.flatMap(({ scores: all }) => Object.keys(all)))];
  const all: readonly PageMetric[] = [
    { id: "pass_rate", title: "pass rate", better: "higher", of: (one) => one.pass_rate?.value ?? null },
    ...scores.map(
      (id): PageMetric => ({
        id: `scores.${id}`,
        title: `score ${id}`,
        better: "higher",
        of: (one) => one.scores[id]?.value ?? null,
      }),
    ),
    { id: "latency_ms.p50", title: "latency p50, ms", better: "lower", of: (one) => one.latency_ms.p50 },
    { id: "latency_ms.p95", title: "latency p95, ms", better: "lower", of: (one) => one.latency_ms.p95 },
    { id: "ttft_ms.p50", title: "first token p50, ms", better: "lower", of: (one) => one.ttft_ms.p50 },
    {
      id: "completion_tokens.mean",
      title: "completion tokens, mean",
      better: "lower",
      of: (one) => one.completion_tokens.mean,
    },
    {
      id: "cost_per_request",
      title: "cost of a request",
      better: "lower",
      of: (one) => one.cost_per_request,
    },
    { id: "failed", title: "failed requests", better: "lower", of: (one) => one.failed },
  ];
  return all.filter(({ of }) => variants.some((one) => of(one) !== null));
}

/** An axis of the grid: its name, and the value of each variant as text. */
export interface PageAxis {
  readonly name: string;
  readonly values: readonly string[];
  readonly of: (variant: VariantSummary) => string;
}

/** The axes in which variants differ: prompt, provider, parameters. */
export function axesOf({ variants }: Summary): readonly PageAxis[] {
  const parameters = [...new Set(variants.flatMap(({ parameters: all }) => Object.keys(all)))];
  const named: readonly (readonly [string, (variant: VariantSummary) => string])[] = [
    ["prompt", (one) => one.prompt_id],
    ["provider", (one) => one.provider],
    ...parameters.map((name) => [name, (one: VariantSummary): string => text(one.parameters[name])] as const),
  ];
  return named
    .map(([name, of]) => ({ name, of, values: [...new Set(variants.map(of))] }))
    .filter(({ values }) => values.length > 1);
}

function text(value: unknown): string {
  if (value === undefined || value === null) return "(not sent)";
  const written = typeof value === "string" ? value : JSON.stringify(value);
  return written.length > 60 ? `${written.slice(0, 59)}…` : written;
}
