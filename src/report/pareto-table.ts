import type { ParetoSet, ParetoVariant } from "../compare/pareto.ts";
import { estimateWords, plural, timeWords, unknownWord } from "./number-words.ts";
import type { TitledTable } from "./slice-table.ts";
import { paidWords } from "./spending-words.ts";

const mostNamed = 5;
const mostLines = 30;

/** The variants that no other one beats, as a table; null where there is nothing to choose from. */
export function paretoTable(pareto: ParetoSet | null): TitledTable | null {
  if (pareto === null) return null;
  const columns = paretoColumns(pareto);
  const more = pareto.variants.length - mostLines;
  return {
    title: titleOf(pareto),
    columns: columns.map(({ title, align }) => ({ title, align, flexible: title === "variant" })),
    rows: pareto.variants.slice(0, mostLines).map((one) => columns.map(({ cell }) => cell(one))),
    notes: [
      ...(more > 0 ? [`${plural(more, "variant")} more in summary.json`] : []),
      "chosen by the values alone; where intervals overlap, the choice may be chance",
      ...leftOut(pareto),
    ],
  };
}

/**
 * The same in a line: `unbeaten in pass rate, cost per request and p50: a, b; left out: …`; null for nothing to choose
 * from, and where no cost is known: quality and latency stand side by side in the table of variants.
 */
export function paretoLine(pareto: ParetoSet | null): string | null {
  if (pareto === null || !pareto.metrics.includes("cost_per_request")) return null;
  const some = pareto.variants.slice(0, mostNamed).map(({ variant, currency }) => {
    return hasSeveral(pareto) && currency !== null ? `${variant} (${currency})` : variant;
  });
  const more = pareto.variants.length - some.length;
  const names = [...some, ...(more > 0 ? [`and ${plural(more, "other")}`] : [])].join(", ");
  return [`${titleOf(pareto)}: ${names}`, ...leftOut(pareto)].join("; ");
}

function hasSeveral({ variants }: ParetoSet): boolean {
  return new Set(variants.map(({ currency }) => currency)).size > 1;
}

interface Column {
  readonly title: string;
  readonly align: "left" | "right";
  readonly cell: (one: ParetoVariant) => string;
}

function paretoColumns({ metrics }: ParetoSet): readonly Column[] {
  const [quality = ""] = metrics;
  return [
    { title: "variant", align: "left", cell: ({ variant }) => variant },
    {
      title: metricWords(quality),
      align: "left",
      cell: ({ quality: value, quality_low: low, quality_high: high }) =>
        estimateWords({ value, low, high, n: 0 }),
    },
    ...(metrics.includes("cost_per_request")
      ? [{ title: "cost per request", align: "right", cell: requestCost } as const]
      : []),
    ...(metrics.includes("latency_ms.p50")
      ? [
          {
            title: "p50",
            align: "right",
            cell: ({ latency_ms }: ParetoVariant): string => timeWords(latency_ms),
          } as const,
        ]
      : []),
  ];
}

function requestCost({ cost: amount, currency }: ParetoVariant): string {
  return amount === null || currency === null ? unknownWord : paidWords({ amount, currency, complete: true });
}

function titleOf(pareto: ParetoSet): string {
  const names = pareto.metrics.map(metricWords);
  const listed = names.length === 1 ? names[0] : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
  return `unbeaten in ${listed}${hasSeveral(pareto) ? ", each within its currency" : ""}`;
}

function metricWords(metric: string): string {
  if (metric === "pass_rate") return "pass rate";
  if (metric === "cost_per_request") return "cost per request";
  return metric === "latency_ms.p50" ? "p50" : metric.replace(/^scores\./, "");
}

function leftOut({ left_out: list }: ParetoSet): readonly string[] {
  if (list.length === 0) return [];
  const reasons = new Map<string, string[]>();
  for (const { variant, reason } of list) reasons.set(reason, [...(reasons.get(reason) ?? []), variant]);
  const parts = [...reasons].map(([reason, variants]) => {
    const more = variants.length - mostNamed;
    const names = [...variants.slice(0, mostNamed), ...(more > 0 ? [`and ${plural(more, "other")}`] : [])];
    return `${names.join(", ")} (${reason})`;
  });
  return [`left out: ${parts.join(", ")}`];
}
