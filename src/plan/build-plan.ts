import type { PlacedPoint, PromptSpec, RunConfig } from "../config/run-config.ts";
import type { Row } from "../dataset/dataset.ts";
import { type Diagnostic, hasErrors, type Place } from "../diagnostics/diagnostic.ts";
import { contentId } from "./canonical-json.ts";
import { type LabelFacts, variantLabels } from "./label.ts";
import { compileMessages, type MessageTemplate } from "./messages.ts";
import { Plan, type PlannedVariant } from "./plan.ts";
import { type CompiledValue, compileValue, TemplateError } from "./template.ts";

/** Keys of a point that shape the plan and are never sent. */
const planKeys: ReadonlySet<string> = new Set(["prompt", "provider", "trials"]);

/** A plan, or what forbids one. */
export interface BuiltPlan {
  readonly plan: Plan | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** A variant while its rows are still being collected. */
interface Draft extends LabelFacts {
  readonly id: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly parametersTemplate: CompiledValue;
  readonly trials: number;
  readonly stream: boolean;
  readonly place: Place;
  readonly templates: Map<number, MessageTemplate>;
  /** Serves every row; null when each row has its own. */
  readonly template: MessageTemplate | null;
}

/** Crosses prompts, points and rows. Finds equal variants and rows without rendering anything. */
export function buildPlan(config: RunConfig, rows: readonly Row[]): BuiltPlan {
  const diagnostics: Diagnostic[] = [];
  const drafts = new Map<string, Draft>();
  const rowIndex = new Map(rows.map((row, i) => [row.id, i]));
  const usedPoints = new Set<PlacedPoint>();
  for (const prompt of config.prompts) {
    const template = readTemplate(prompt, diagnostics);
    if (template === null) continue;
    for (const placed of config.points) {
      const wanted = placed.point.values.prompt;
      if (wanted !== undefined && wanted !== prompt.id) continue;
      usedPoints.add(placed);
      for (const ownAxes of promptPoints(prompt)) addVariant(prompt, template, placed, ownAxes);
    }
  }
  for (const placed of config.points) {
    if (placed.point.values.prompt !== undefined && !usedPoints.has(placed)) {
      diagnostics.push({
        code: "plan/unknown-prompt",
        severity: "error",
        message: `a point names the prompt \`${String(placed.point.values.prompt)}\`, which does not exist`,
        hint: `prompts: ${[...new Set(config.prompts.map((prompt) => prompt.id))].join(", ")}`,
        place: placed.place,
      });
    }
  }
  diagnostics.push(...overriddenParameters(config));
  if (hasErrors(diagnostics)) return { plan: null, diagnostics };
  const plan = new Plan(finish([...drafts.values()], rows.length), rows);
  if (plan.length === 0) {
    diagnostics.push({
      code: "plan/no-requests",
      severity: "error",
      message: "the matrix makes no request at all",
      hint: "check the dataset, `grid` and `exclude`",
    });
    return { plan: null, diagnostics };
  }
  return { plan, diagnostics };

  function addVariant(
    prompt: PromptSpec,
    template: MessageTemplate,
    { point, place }: PlacedPoint,
    ownAxes: Readonly<Record<string, unknown>>,
  ): void {
    const sent = Object.entries({ ...config.parameters, ...ownAxes, ...point.values }).filter(
      ([key, value]) => value !== null && !planKeys.has(key),
    );
    const { model, ...others } = Object.fromEntries(sent);
    const provider = typeof point.values.provider === "string" ? point.values.provider : config.provider;
    if (typeof model !== "string" || model === "") {
      if (!diagnostics.some((diagnostic) => diagnostic.code === "plan/no-model")) {
        diagnostics.push({
          code: "plan/no-model",
          severity: "error",
          message: model === undefined ? "no `model` is stated" : "`model` must be text",
          hint: "`grid: { model: [Qwen/Qwen3-8B] }`, `parameters: { model: … }` or `--grid model=…`",
          place,
        });
      }
      return;
    }
    const trials = point.values.trials ?? config.trials;
    if (typeof trials !== "number" || !Number.isInteger(trials) || trials < 1) {
      diagnostics.push({
        code: "plan/bad-trials",
        severity: "error",
        message: "`trials` of a point must be a whole number from 1",
        place,
      });
      return;
    }
    const stream = others.stream ?? config.stream;
    if (typeof stream !== "boolean") {
      diagnostics.push({
        code: "plan/bad-stream",
        severity: "error",
        message: "`stream` must be `true` or `false`",
        place,
      });
      return;
    }
    const parameters = { model, ...others };
    const parametersTemplate = readParameters(parameters, place, diagnostics);
    if (parametersTemplate === null) return;
    const id = contentId({ prompt_id: prompt.id, provider, parameters }, 10);
    const known = drafts.get(id);
    const ownRow = prompt.rowId === null ? null : (rowIndex.get(prompt.rowId) ?? null);
    if (known !== undefined && (ownRow === null || known.templates.has(ownRow))) {
      diagnostics.push({
        code: "plan/equal-points",
        severity: "error",
        message: `two points are equal: prompt \`${prompt.id}\`, ${JSON.stringify(parameters)}`,
        hint: "for several answers to the same request use `trials`",
        place,
        related: known.place,
      });
      return;
    }
    if (prompt.rowId !== null && ownRow === null) return; // the row was cut off by a limit
    const merged = { ...point, values: { ...ownAxes, ...point.values } };
    const draft: Draft = known ?? {
      id,
      promptId: prompt.id,
      provider,
      point: merged,
      model,
      parameters,
      parametersTemplate,
      trials,
      stream,
      place,
      template: prompt.rowId === null ? template : null,
      templates: new Map(),
    };
    if (ownRow !== null) draft.templates.set(ownRow, template);
    drafts.set(id, draft);
  }
}

function finish(drafts: readonly Draft[], rowCount: number): readonly PlannedVariant[] {
  const labels = variantLabels(drafts);
  let offset = 0;
  return drafts.map((draft, i) => {
    const { template: every, templates, parameters, trials } = draft;
    const rowIndices = every !== null ? null : Int32Array.from([...templates.keys()].sort((a, b) => a - b));
    const requests = (rowIndices?.length ?? rowCount) * trials;
    const variant: PlannedVariant = {
      id: draft.id,
      label: labels[i] ?? draft.id,
      promptId: draft.promptId,
      provider: draft.provider,
      parameters,
      messagesFor: (row) => {
        const found = every ?? templates.get(row);
        if (found === undefined) throw new RangeError(`variant ${draft.id} has no row ${row}`);
        return found;
      },
      parametersTemplate: draft.parametersTemplate,
      rowIndices,
      trials,
      stream: draft.stream,
      offset,
      requests,
    };
    offset += requests;
    return variant;
  });
}

/** The points of a prompt's own axes (a CSV matrix's `param.*`), first axis slowest; one empty point without any. */
function promptPoints(prompt: PromptSpec): readonly Readonly<Record<string, unknown>>[] {
  return Object.entries(prompt.axes).reduce<readonly Readonly<Record<string, unknown>>[]>(
    (points, [name, values]) =>
      points.flatMap((point) => values.map((value) => ({ ...point, [name]: value }))),
    [{}],
  );
}

function readTemplate(prompt: PromptSpec, diagnostics: Diagnostic[]): MessageTemplate | null {
  try {
    return compileMessages(prompt.messages, prompt.raw);
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    diagnostics.push({
      code: "template/syntax",
      severity: "error",
      message: `prompt \`${prompt.id}\`: ${error.message}`,
      hint: "`raw: true` turns templating off for a prompt",
      place: prompt.place,
    });
    return null;
  }
}

/** The parameters as a template, without `stream`, which is put into the body apart. */
function readParameters(
  parameters: Readonly<Record<string, unknown>>,
  place: Place,
  diagnostics: Diagnostic[],
): CompiledValue | null {
  const body = Object.fromEntries(Object.entries(parameters).filter(([name]) => name !== "stream"));
  try {
    return compileValue(body);
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    if (
      !diagnostics.some(
        (diagnostic) =>
          diagnostic.code === "template/parameter" && diagnostic.message.includes(error.template),
      )
    ) {
      diagnostics.push({
        code: "template/parameter",
        severity: "error",
        message: `\`${error.template}\`: ${error.message}`,
        place,
      });
    }
    return null;
  }
}

function overriddenParameters(config: RunConfig): readonly Diagnostic[] {
  const axes = new Map(
    config.points.flatMap(({ point, place }) =>
      Object.keys(point.values).map((name) => [name, place] as const),
    ),
  );
  return Object.keys(config.parameters)
    .filter((name) => axes.has(name))
    .map((name) => {
      const place = axes.get(name);
      return {
        code: "plan/overridden-parameter",
        severity: "notice" as const,
        message: `the axis \`${name}\` overrides \`parameters.${name}\``,
        ...(place === undefined ? {} : { place }),
      };
    });
}
