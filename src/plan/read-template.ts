import type { PromptSpec, RunConfig } from "../config/run-config.ts";
import type { Place } from "../diagnostics/diagnostic.ts";
import { compileMessages, type MessageTemplate } from "./messages.ts";
import type { PlanFindings } from "./plan-findings.ts";
import { type CompiledValue, compileValue, constant, TemplateError } from "./template.ts";
import { faultWords, placeOfFault } from "./template-fault.ts";

/** A prompt's messages as a template. Every text that does not parse is reported, and then the template is empty. */
export function readPromptTemplate(prompt: PromptSpec, findings: PlanFindings): MessageTemplate {
  const template = attempt(() => compileMessages(prompt.messages, prompt.raw));
  if (template !== null) return template;
  const excerpts = prompt.excerpt == null ? [] : [prompt.excerpt];
  for (const fault of faultsIn(prompt.messages)) {
    const { message, hint } = faultWords(fault);
    findings.add({
      code: "template/syntax",
      severity: "error",
      message: `prompt \`${prompt.id}\`: ${message}`,
      hint,
      place: placeOfFault(fault, excerpts) ?? prompt.place,
    });
  }
  return compileMessages([], true);
}

/** The parameters as a template, without `stream`, which is put into the body apart. Faults are reported. */
export function readParameterTemplate(
  parameters: Readonly<Record<string, unknown>>,
  place: Place,
  config: RunConfig,
  findings: PlanFindings,
): CompiledValue {
  const body = Object.fromEntries(Object.entries(parameters).filter(([name]) => name !== "stream"));
  const template = attempt(() => compileValue(body));
  if (template !== null) return template;
  const faults = Object.entries(body).flatMap(([name, value]) =>
    faultsIn(value).map((fault) => ({ name, fault })),
  );
  for (const { name, fault } of faults) {
    const { message, hint } = faultWords(fault);
    const written = [
      ...(config.sources?.axes.get(name) ?? []),
      ...(config.sources?.parameters.get(name) ?? []),
    ];
    findings.add({
      code: "template/parameter",
      severity: "error",
      message: `parameter \`${name}\`: ${message}`,
      hint: hint.replace(/; `raw: true`.*$|^`raw: true`.*$/, ""),
      place: placeOfFault(fault, written) ?? written[0]?.place ?? place,
    });
  }
  return constant({});
}

/** What the work gives, or null when a template does not parse. */
function attempt<T>(work: () => T): T | null {
  try {
    return work();
  } catch (error) {
    if (error instanceof TemplateError) return null;
    throw error;
  }
}

/** What is wrong with each text of a value that does not parse. */
function faultsIn(value: unknown): readonly TemplateError[] {
  if (Array.isArray(value)) return value.flatMap(faultsIn);
  if (typeof value === "object" && value !== null) return Object.values(value).flatMap(faultsIn);
  if (typeof value !== "string") return [];
  try {
    compileValue(value);
    return [];
  } catch (error) {
    if (error instanceof TemplateError) return [error];
    throw error;
  }
}
