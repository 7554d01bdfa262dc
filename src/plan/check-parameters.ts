import type { RunConfig } from "../config/run-config.ts";
import type { Diagnostic, Place } from "../diagnostics/diagnostic.ts";
import { placeOfWord } from "../diagnostics/excerpt.ts";
import type { Plan, PlannedVariant } from "./plan.ts";
import { PlanFindings } from "./plan-findings.ts";
import type { ProviderRules, RulesOf } from "./provider-rules.ts";

/** Requests that are made to see what rows put into parameters; later rows go unseen. */
const mostMade = 1000;
const longestShown = 60;
/** OpenAI's, which refuse `max_tokens`. */
const reasoningModels = /^(?:o\d|gpt-5)/;

/**
 * Parameters that the servers' own references forbid: out of range, of the wrong type, or at odds with each other. All
 * are warnings, because the server is the judge and is sent what was written. Each value is told once.
 */
export function checkParameters(plan: Plan, config: RunConfig, rulesOf: RulesOf): readonly Diagnostic[] {
  const constants = new PlanFindings();
  const ofRows = new Map<string, { readonly first: Diagnostic; readonly rows: Set<string> }>();
  let made = 0;
  for (const variant of plan.variants) {
    const rules = rulesOf(variant.provider);
    for (const [name, value] of Object.entries(variant.parameters)) {
      const finding = isTemplate(value) ? null : outOfRange(name, value, rules, config);
      if (finding !== null) constants.add(finding);
    }
    for (const finding of [...atOdds(variant, rules, config), ...fixedSeed(variant, config)])
      constants.add(finding);
    const filled = Object.keys(variant.parameters).filter((name) => isTemplate(variant.parameters[name]));
    for (let i = 0; filled.length > 0 && i < variant.requests && made < mostMade; i++, made++) {
      const { parameters, row } = plan.request(variant.offset + i);
      for (const name of filled) {
        const finding = name in parameters ? outOfRange(name, parameters[name], rules, config, row.id) : null;
        if (finding === null) continue;
        const known = ofRows.get(`${name} ${rules.preset}`);
        if (known === undefined)
          ofRows.set(`${name} ${rules.preset}`, { first: finding, rows: new Set([row.id]) });
        else known.rows.add(row.id);
      }
    }
  }
  return [...constants.list(), ...[...ofRows.values()].map(withCount)];
}

function outOfRange(
  name: string,
  value: unknown,
  rules: ProviderRules,
  config: RunConfig,
  rowId: string | null = null,
): Diagnostic | null {
  const complaint = rules.complaint(name, value);
  if (complaint === null) return null;
  const from = rowId === null ? "" : ` in row \`${rowId}\``;
  const isCell = rowId !== null && typeof value === "string" && value !== "" && !Number.isNaN(Number(value));
  return {
    code: "plan/parameter-range",
    severity: "warning",
    message: `\`${name}\` is \`${shown(value)}\`${from}; ${complaint}`,
    hint: isCell
      ? "cells of a CSV file are text; `json_columns` makes them numbers"
      : "it is sent as written, and may be refused or ignored",
    ...placeOf(name, value, config),
  };
}

function withCount({ first, rows }: { first: Diagnostic; rows: ReadonlySet<string> }): Diagnostic {
  const more = rows.size - 1;
  return more === 0
    ? first
    : { ...first, message: `${first.message} (and so in ${more} more row${more === 1 ? "" : "s"})` };
}

/** Parameters that do not go together, or not with their model or prompt. */
function atOdds(
  { parameters, provider }: PlannedVariant,
  { outputCap }: ProviderRules,
  config: RunConfig,
): Diagnostic[] {
  const findings: Diagnostic[] = [];
  const warn = (name: string, message: string, hint: string): void => {
    findings.push({
      code: "plan/parameters-at-odds",
      severity: "warning",
      message,
      hint,
      ...placeOf(name, parameters[name], config),
    });
  };
  const { max_tokens: most, thinking_budget: thinking, model, extra_body: extra } = parameters;
  const thinks = parameters.enable_thinking !== false;
  if (thinks && typeof most === "number" && typeof thinking === "number" && most <= thinking)
    warn(
      "max_tokens",
      `\`max_tokens\` ${most} is not above \`thinking_budget\` ${thinking}`,
      "where reasoning counts into `max_tokens`, nothing is left for the answer",
    );
  if (most !== undefined && outputCap !== "max_tokens" && reasoningModels.test(String(model)))
    warn(
      "max_tokens",
      `\`${String(model)}\` of ${provider} refuses \`max_tokens\``,
      `its reasoning models want \`${outputCap}\``,
    );
  if (extra !== undefined)
    warn(
      "extra_body",
      "`extra_body` is sent as a parameter of that name",
      "what SDKs take apart there is written as parameters of its own here",
    );
  return findings;
}

/** Trials with one and the same seed give one and the same answer, on servers that honour it. */
function fixedSeed({ parameters, trials }: PlannedVariant, config: RunConfig): Diagnostic[] {
  return ["seed", "random_seed"].flatMap((name) => {
    const seed = parameters[name];
    if (seed === undefined || trials < 2 || (isTemplate(seed) && /trial/.test(JSON.stringify(seed))))
      return [];
    return [
      {
        code: "plan/fixed-seed",
        severity: "warning" as const,
        message: `${trials} trials with the same \`${name}\` ${shown(seed)} give ${trials} times the same answer`,
        hint: `\`${name}: "{{ trial }}"\` gives each trial its own`,
        ...placeOf(name, seed, config),
      },
    ];
  });
}

/** Whether a row or a trial may have a part in a value. */
function isTemplate(value: unknown): boolean {
  if (typeof value === "string") return value.includes("{{") || value.includes("{%");
  if (Array.isArray(value)) return value.some(isTemplate);
  return typeof value === "object" && value !== null && Object.values(value).some(isTemplate);
}

function shown(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > longestShown ? `${text.slice(0, longestShown - 1)}…` : text;
}

/** Where a value is written: in the axis of its name, else among the parameters. */
function placeOf(name: string, value: unknown, { sources }: RunConfig): { readonly place?: Place } {
  const written = [...(sources?.axes.get(name) ?? []), ...(sources?.parameters.get(name) ?? [])];
  const scalar = typeof value === "object" ? null : placeOfWord(written, String(value));
  const place = scalar ?? written[0]?.place;
  return place === undefined ? {} : { place };
}
