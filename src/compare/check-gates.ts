import type { Row } from "../dataset/dataset.ts";
import { type Diagnostic, hasErrors, type Place } from "../diagnostics/diagnostic.ts";
import { nearest } from "../diagnostics/nearest.ts";
import { compares } from "./default-gate.ts";
import type { GateSpec } from "./gate.ts";
import { type GateVariant, judgedVariants } from "./gate-reach.ts";
import { powerFindings } from "./power-findings.ts";
import { matchesSelector, selectorText, selectVariants, unknownSelector } from "./select-variants.ts";
import type { Side } from "./side.ts";

/** What is known before anything is sent. */
export interface GateFacts {
  readonly variants: readonly GateVariant[];
  readonly rows: readonly Row[];
  /** Columns of the dataset. */
  readonly columns: readonly string[];
  /** The columns of scores. */
  readonly scorers: readonly { readonly id: string; readonly required: boolean }[];
  /** What gates without `against` compare with; null where there is none, or it is not there yet. */
  readonly baseline: Side | null;
  /** Where `confirm` is written; null where no confirmation is wanted. */
  readonly confirm: { readonly place?: Place | undefined } | null;
}

/**
 * What is wrong with the gates of a plan: columns and variants that do not exist, comparisons that cannot come about,
 * and limits that the data cannot see. `gates` are those that will judge, the default gate included.
 */
export function checkGates(gates: readonly GateSpec[], facts: GateFacts): readonly Diagnostic[] {
  const checked = gates.map((gate) => ({ gate, found: checkGate(gate, facts) }));
  const sound = checked.filter(({ found }) => !hasErrors(found)).map(({ gate }) => gate);
  return [
    ...checked.flatMap(({ found }) => found),
    ...powerFindings(sound, facts.variants, facts.rows, facts.baseline),
    ...idleConfirmation(gates, facts),
  ];
}

function checkGate(gate: GateSpec, facts: GateFacts): readonly Diagnostic[] {
  const place = gate.place === null ? {} : { place: gate.place };
  return [
    ...missingScorer(gate, facts),
    ...missingScore(gate, facts),
    ...missingColumn(gate, facts),
    ...selection(gate, facts),
  ].map((finding) => ({ ...finding, ...place }));
}

function missingScorer({ id, metric }: GateSpec, { scorers }: GateFacts): readonly Diagnostic[] {
  if (metric.quantity !== "pass" || scorers.some(({ required }) => required)) return [];
  return [
    {
      code: "gates/no-scorer",
      severity: "error",
      message: `gate \`${id}\`: without a required scorer nothing passes or fails`,
      hint:
        scorers.length === 0 ? "add `scorers`" : "take `required: false` from a scorer, or judge `scores.ID`",
    },
  ];
}

/** A part of a scorer, or a scorer of rows, that no row has. */
function missingScore({ metric }: GateSpec, { scorers }: GateFacts): readonly Diagnostic[] {
  const id = metric.quantity.startsWith("scores.") ? metric.quantity.slice("scores.".length) : null;
  if (id === null || scorers.some((scorer) => scorer.id === id)) return [];
  const close = nearest(
    id,
    scorers.map((scorer) => scorer.id),
  );
  return [
    {
      code: "gates/metric",
      severity: "error",
      message: `there is no metric \`${metric.name}\``,
      hint:
        close === null
          ? `scores: ${scorers.map((scorer) => `\`scores.${scorer.id}\``).join(", ")}`
          : `did you mean \`scores.${close}\`?`,
    },
  ];
}

function missingColumn({ by }: GateSpec, { columns }: GateFacts): readonly Diagnostic[] {
  if (by === null || columns.includes(by)) return [];
  const close = nearest(by, columns);
  const known = columns.map((column) => `\`${column}\``).join(", ");
  const hint = close === null ? `columns: ${known}` : `did you mean \`${close}\`?`;
  return [
    {
      code: "gates/column",
      severity: "error",
      message: `the dataset has no column \`${by}\``,
      hint: columns.length === 0 ? "`by` is a column of the dataset, and there is none" : hint,
    },
  ];
}

function selection(gate: GateSpec, { variants, baseline }: GateFacts): readonly Diagnostic[] {
  const found = (["variants", "against"] as const).flatMap((key): readonly Diagnostic[] => {
    const selector = gate[key];
    if (selector === null || selectVariants(variants, selector).length > 0) return [];
    const { message, hint } = unknownSelector(variants, selector);
    return [{ code: "gates/no-variant", severity: "error", message: `\`${key}\`: ${message}`, hint }];
  });
  if (found.length > 0) return found;
  return [...emptyComparison(gate, variants), ...unknownVary(gate, variants, baseline)];
}

function emptyComparison(gate: GateSpec, variants: readonly GateVariant[]): readonly Diagnostic[] {
  const { against } = gate;
  if (against === null || judgedVariants(gate, variants).length > 0) return [];
  const chosen = judgedVariants({ ...gate, against: null }, variants).flatMap((i) => variants[i] ?? []);
  const itself = chosen.every((variant) => matchesSelector(variant, against));
  const keys = Object.keys(against)
    .map((key) => `\`${key}\``)
    .join(" and ");
  const text = selectorText(against);
  return [
    {
      code: "gates/against",
      severity: "error",
      message: itself
        ? `every variant that is judged is \`${text}\` itself`
        : `no variant differs from \`${text}\` in ${keys} alone`,
      hint: itself
        ? "there has to be another variant to compare with it"
        : "a variant is compared with the one that agrees with it in everything but the keys of `against`",
    },
  ];
}

function unknownVary(
  { vary }: GateSpec,
  variants: readonly GateVariant[],
  baseline: Side | null,
): readonly Diagnostic[] {
  const names = [...variants, ...(baseline?.variants ?? [])].flatMap(({ parameters }) =>
    Object.keys(parameters),
  );
  const known = [...new Set(["prompt", "provider", ...names])];
  return vary
    .filter((name) => !known.includes(name))
    .map((name) => {
      const close = nearest(name, known);
      const hint =
        close === null
          ? `keys: ${known.map((one) => `\`${one}\``).join(", ")}`
          : `did you mean \`${close}\`?`;
      return {
        code: "gates/vary",
        severity: "warning",
        message: `\`vary\`: no variant has a key \`${name}\``,
        hint,
      };
    });
}

function idleConfirmation(gates: readonly GateSpec[], { confirm }: GateFacts): readonly Diagnostic[] {
  if (confirm === null || gates.some(compares)) return [];
  return [
    {
      code: "gates/confirm",
      severity: "warning",
      message: "`confirm` asks suspected regressions again, and no gate here looks for one",
      hint: "add a gate with `max_drop` or `max_increase`; a baseline and `run --against` bring one of their own",
      ...(confirm.place === undefined ? {} : { place: confirm.place }),
    },
  ];
}
