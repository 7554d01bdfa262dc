import type { RunConfig } from "../config/run-config.ts";
import type { Dataset } from "../dataset/dataset.ts";
import { type Diagnostic, hasErrors } from "../diagnostics/diagnostic.ts";
import { nearest } from "../diagnostics/nearest.ts";
import { checkParameters } from "./check-parameters.ts";
import { builtInVariables, unfilledPlaceholders } from "./check-placeholders.ts";
import { developerElsewhere, imagesFromNowhere, jsonWithoutTheWord } from "./check-prompts.ts";
import { knownParameters } from "./known-parameters.ts";
import type { Plan } from "./plan.ts";
import type { RulesOf } from "./provider-rules.ts";
import { literalPlaceholderIn } from "./template.ts";
import { placeOfText } from "./template-fault.ts";

/**
 * What a plan would trip over when its requests are made: placeholders that a row does not fill, literals that look
 * like placeholders, parameters that look mistyped or that servers refuse, images that lead nowhere, columns that hide
 * behind built-in names.
 */
export function checkPlan(
  plan: Plan,
  config: RunConfig,
  dataset: Dataset,
  rulesOf: RulesOf,
): readonly Diagnostic[] {
  const unfilled = unfilledPlaceholders(plan, config, dataset);
  return [
    ...unfilled,
    ...literalPlaceholders(config),
    ...mistypedParameters(plan, config),
    // What cannot be filled cannot be looked at either.
    ...(hasErrors(unfilled)
      ? []
      : [...checkParameters(plan, config, rulesOf), ...imagesFromNowhere(plan, config)]),
    ...jsonWithoutTheWord(plan, config),
    ...developerElsewhere(plan, config, rulesOf),
    ...reservedColumns(dataset),
  ];
}

function literalPlaceholders(config: RunConfig): readonly Diagnostic[] {
  return config.prompts
    .filter((prompt) => !prompt.raw)
    .flatMap((prompt) => {
      const found = texts(prompt.messages)
        .map(literalPlaceholderIn)
        .find((literal) => literal !== null);
      if (found === undefined || found === null) return [];
      const excerpts = prompt.excerpt == null ? [] : [prompt.excerpt];
      return [
        {
          code: "template/literal",
          severity: "warning" as const,
          message: `prompt \`${prompt.id}\`: \`${found.text}\` is a placeholder for a literal, so the braces will vanish`,
          hint: "`raw: true` keeps every byte; for one text write `{% raw %}…{% endraw %}`",
          place: placeOfText(found.text, excerpts) ?? prompt.place,
        },
      ];
    });
}

/** Every text in a value. */
function texts(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  if (Array.isArray(value)) return value.flatMap(texts);
  if (typeof value === "object" && value !== null) return Object.values(value).flatMap(texts);
  return [];
}

function mistypedParameters(plan: Plan, { sources }: RunConfig): readonly Diagnostic[] {
  const names = new Set(plan.variants.flatMap((variant) => Object.keys(variant.parameters)));
  return [...names].flatMap((name): readonly Diagnostic[] => {
    if (knownParameters.includes(name)) return [];
    const close = nearest(name, knownParameters);
    const [written] = [...(sources?.axes.get(name) ?? []), ...(sources?.parameters.get(name) ?? [])];
    return [
      {
        code: "plan/unknown-parameter",
        severity: "warning",
        message: `\`${name}\` is no parameter we know; it is sent as written`,
        ...(close === null ? {} : { hint: `did you mean \`${close}\`?` }),
        ...(written === undefined ? {} : { place: written.place }),
      },
    ];
  });
}

function reservedColumns(dataset: Dataset): readonly Diagnostic[] {
  return dataset.columns
    .filter((column) => builtInVariables.includes(column))
    .map((column) => ({
      code: "plan/reserved-column",
      severity: "warning",
      message: `the column \`${column}\`${dataset.file === null ? "" : ` of \`${dataset.file}\``} hides behind the variable of that name`,
      hint: `write \`{{ row["${column}"] }}\` for the column`,
    }));
}
