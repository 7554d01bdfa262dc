import type { PlacedPoint, PromptSpec, RunConfig } from "../config/run-config.ts";
import type { Row } from "../dataset/dataset.ts";
import { type Diagnostic, hasErrors, type Place } from "../diagnostics/diagnostic.ts";
import { placeOfWord } from "../diagnostics/excerpt.ts";
import { nearest } from "../diagnostics/nearest.ts";
import { contentId } from "./canonical-json.ts";
import type { Point } from "./grid.ts";
import { type LabelFacts, variantLabels } from "./label.ts";
import type { MessageTemplate } from "./messages.ts";
import { Plan, type PlannedVariant } from "./plan.ts";
import { PlanFindings } from "./plan-findings.ts";
import { readParameterTemplate, readPromptTemplate } from "./read-template.ts";
import type { CompiledValue } from "./template.ts";

/** Keys of a point that shape the plan and are never sent. */
const planKeys: ReadonlySet<string> = new Set(["prompt", "provider", "trials"]);

/** Beyond this a run directory could not be handled. */
const mostRequests = 100_000_000;

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
  readonly noStreamOptions: boolean;
  readonly place: Place;
  readonly templates: Map<number, MessageTemplate>;
  /** Serves every row; null when each row has its own. */
  readonly template: MessageTemplate | null;
}

/**
 * Crosses prompts, points and rows. Finds equal variants and rows without rendering anything. `extraTrials` are added to
 * those of the matrix, by variant id.
 */
export function buildPlan(
  config: RunConfig,
  rows: readonly Row[],
  extraTrials: ReadonlyMap<string, number> = new Map(),
): BuiltPlan {
  const findings = new PlanFindings();
  const drafts = new Map<string, Draft>();
  const rowIndex = new Map(rows.map((row, i) => [row.id, i]));
  const usedPoints = new Set<PlacedPoint>();
  for (const prompt of config.prompts) {
    const template = readPromptTemplate(prompt, findings);
    for (const placed of config.points) {
      const wanted = placed.point.values.prompt;
      if (wanted !== undefined && wanted !== prompt.id) continue;
      usedPoints.add(placed);
      for (const ownAxes of promptPoints(prompt, placed.point)) addVariant(prompt, template, placed, ownAxes);
    }
  }
  for (const placed of config.points) {
    const named = placed.point.values.prompt !== undefined;
    if (named && !usedPoints.has(placed)) findings.add(unknownPrompt(placed, config));
  }
  for (const finding of [...misplacedParameters(config), ...overriddenParameters(config)])
    findings.add(finding);
  if (hasErrors(findings.list())) return { plan: null, diagnostics: findings.list() };
  const plan = new Plan(finish([...drafts.values()], rows.length, extraTrials), rows);
  if (plan.length > mostRequests) {
    findings.add({
      code: "plan/too-large",
      severity: "error",
      message: `the matrix makes ${plan.length} requests, more than ${mostRequests}`,
      hint: "fewer `trials`, a shorter axis, or several runs",
    });
    return { plan: null, diagnostics: findings.list() };
  }
  if (plan.length > 0) return { plan, diagnostics: findings.list() };
  findings.add({
    code: "plan/no-requests",
    severity: "error",
    message: "the matrix makes no request at all",
    hint: "check the dataset, `grid` and `exclude`",
  });
  return { plan: null, diagnostics: findings.list() };

  function addVariant(
    prompt: PromptSpec,
    template: MessageTemplate,
    placed: PlacedPoint,
    ownAxes: Readonly<Record<string, unknown>>,
  ): void {
    const { point, place } = placed;
    const stated = { ...ownAxes, ...point.values };
    const written = { ...config.parameters, ...ownAxes, ...point.values };
    const sent = Object.entries(written).filter(([key, value]) => value !== null && !planKeys.has(key));
    const { model, ...others } = Object.fromEntries(sent);
    const provider = typeof stated.provider === "string" ? stated.provider : config.provider;
    if (typeof model !== "string" || model === "") {
      findings.add(noModel(model, placed, config));
      return;
    }
    const trials = stated.trials ?? config.trials;
    if (typeof trials !== "number" || !Number.isInteger(trials) || trials < 1) {
      findings.add({
        code: "plan/bad-trials",
        severity: "error",
        message: `\`trials\` of a point must be a whole number from 1, found \`${JSON.stringify(trials)}\``,
        place: valuePlace("trials", trials, placed, config),
      });
      return;
    }
    const stream = others.stream ?? config.stream;
    if (typeof stream !== "boolean") {
      findings.add({
        code: "plan/bad-stream",
        severity: "error",
        message: `\`stream\` must be \`true\` or \`false\`, found \`${JSON.stringify(stream)}\``,
        place: valuePlace("stream", stream, placed, config),
      });
      return;
    }
    const parameters = { model, ...others };
    const parametersTemplate = readParameterTemplate(parameters, place, config, findings);
    const id = contentId({ prompt_id: prompt.id, provider, parameters }, 10);
    const known = drafts.get(id);
    const ownRow = prompt.rowId === null ? null : (rowIndex.get(prompt.rowId) ?? null);
    if (prompt.rowId !== null && ownRow === null) return; // the row was cut off by a limit
    if (known !== undefined && (ownRow === null || known.templates.has(ownRow))) {
      findings.addPair({
        code: "plan/equal-points",
        severity: "error",
        message: `two points are equal: prompt \`${prompt.id}\`, ${JSON.stringify(parameters)}`,
        hint: "for several answers to the same request use `trials`",
        place,
        related: known.place,
      });
      return;
    }
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
      noStreamOptions: written.stream_options === null,
      place,
      template: prompt.rowId === null ? template : null,
      templates: new Map(),
    };
    if (ownRow !== null) draft.templates.set(ownRow, template);
    drafts.set(id, draft);
  }
}

function finish(
  drafts: readonly Draft[],
  rowCount: number,
  extraTrials: ReadonlyMap<string, number>,
): readonly PlannedVariant[] {
  const labels = variantLabels(drafts);
  let offset = 0;
  return drafts.map((draft, i) => {
    const { template: every, templates, parameters } = draft;
    const trials = draft.trials + (extraTrials.get(draft.id) ?? 0);
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
      noStreamOptions: draft.noStreamOptions,
      offset,
      requests,
    };
    offset += requests;
    return variant;
  });
}

/**
 * The points of a prompt's own axes (a CSV matrix's `param.*`), first axis slowest; one empty point without any. What the
 * grid's point states itself is left to it.
 */
function promptPoints(prompt: PromptSpec, point: Point): readonly Readonly<Record<string, unknown>>[] {
  return Object.entries(prompt.axes)
    .filter(([name]) => !Object.hasOwn(point.values, name))
    .reduce<readonly Readonly<Record<string, unknown>>[]>(
      (points, [name, values]) => points.flatMap((own) => values.map((value) => ({ ...own, [name]: value }))),
      [{}],
    );
}

/** Where a point's value is written: its `include` entry, or the value in its axis or under `parameters`. */
function valuePlace(name: string, value: unknown, { point, place }: PlacedPoint, config: RunConfig): Place {
  if (point.origin.kind === "include" && name in point.values) return place;
  const axes = config.sources?.axes.get(name) ?? [];
  const written = [...axes, ...(config.sources?.parameters.get(name) ?? [])];
  const word = typeof value === "object" ? name : String(value);
  return placeOfWord(written, word) ?? written[0]?.place ?? place;
}

function noModel(model: unknown, placed: PlacedPoint, config: RunConfig): Diagnostic {
  const form = "`grid: { model: [Qwen/Qwen3-8B] }`, `parameters: { model: … }` or `--grid model=…`";
  const common = { code: "plan/no-model", severity: "error" } as const;
  if (model === undefined)
    return { ...common, message: "no `model` is stated", hint: form, place: placed.place };
  const quotable = typeof model === "number" || typeof model === "boolean";
  return {
    ...common,
    message: `\`model\` must be text, found \`${JSON.stringify(model)}\``,
    hint: quotable ? `in quotes it is text: \`"${String(model)}"\`` : form,
    place: valuePlace("model", model, placed, config),
  };
}

function unknownPrompt(placed: PlacedPoint, config: RunConfig): Diagnostic {
  const wanted = String(placed.point.values.prompt);
  const ids = [...new Set(config.prompts.map(({ id }) => id))];
  const close = nearest(wanted, ids);
  return {
    code: "plan/unknown-prompt",
    severity: "error",
    message: `a point names the prompt \`${wanted}\`, which does not exist`,
    hint: close === null ? `prompts: ${ids.join(", ")}` : `did you mean \`${close}\`?`,
    place: valuePlace("prompt", wanted, placed, config),
  };
}

/** Words under `parameters` that shape the plan and are never sent: they belong elsewhere. */
function misplacedParameters(config: RunConfig): readonly Diagnostic[] {
  const misplaced = (name: string, hint: string, place: Place | undefined): Diagnostic => ({
    code: "plan/misplaced-parameter",
    severity: "error",
    message: `\`${name}\` is no parameter of a request`,
    hint,
    ...(place === undefined ? {} : { place }),
  });
  const placeOf = (name: string): Place | undefined => config.sources?.parameters.get(name)?.[0]?.place;
  const found = [...planKeys]
    .filter((name) => name in config.parameters)
    .map((name) =>
      misplaced(
        name,
        name === "prompt"
          ? "`prompt` selects a prompt in `grid`"
          : `write \`${name}:\` at the top level, or as an axis of \`grid\``,
        placeOf(name),
      ),
    );
  // Messages among the parameters would replace those of every prompt.
  const axis = config.points.find(({ point }) => "messages" in point.values);
  const ofPrompt = config.prompts.find(({ axes }) => "messages" in axes);
  if (!("messages" in config.parameters) && axis === undefined && ofPrompt === undefined) return found;
  const place = placeOf("messages") ?? config.sources?.axes.get("messages")?.[0]?.place;
  const hint = "message lists are `prompts`, each with its `messages`; the axis `prompt` picks among them";
  return [...found, misplaced("messages", hint, place ?? axis?.place ?? ofPrompt?.place)];
}

function overriddenParameters(config: RunConfig): readonly Diagnostic[] {
  const axes = new Map(
    config.points.flatMap(({ point, place }) =>
      Object.keys(point.values).map((name) => [name, place] as const),
    ),
  );
  const lines = config.prompts.flatMap((prompt) =>
    Object.keys(prompt.axes).map((name) => [name, `param.${name}`] as const),
  );
  const stated = new Map([
    ...lines,
    ...Object.keys(config.parameters).map((name) => [name, `parameters.${name}`] as const),
  ]);
  return [...stated]
    .filter(([name]) => axes.has(name))
    .map(([name, what]) => {
      const place = config.sources?.axes.get(name)?.[0]?.place ?? axes.get(name);
      const related = config.sources?.parameters.get(name)?.[0]?.place;
      return {
        code: "plan/overridden-parameter",
        severity: "notice" as const,
        message: `the axis \`${name}\` overrides \`${what}\``,
        ...(place === undefined ? {} : { place }),
        ...(related === undefined ? {} : { related }),
      };
    });
}
