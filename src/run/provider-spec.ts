import type { ProviderSpec, RunConfig } from "../config/run-config.ts";
import type { ProviderRules } from "../plan/provider-rules.ts";
import { parameterComplaint, plainPreset, presetOfUrl, presets } from "../provider/presets.ts";

/** The spec of a provider key: the matrix's own, or a preset as it is. Null when neither knows it. */
export function providerSpec(key: string, config: RunConfig): ProviderSpec | null {
  const own = config.providers[key];
  if (own !== undefined) return own;
  if (presets[key] === undefined || key === "generic") return null;
  return {
    key,
    preset: key,
    baseUrl: null,
    apiKeyEnv: undefined,
    headers: {},
    query: {},
    models: {},
    caFile: null,
    replay: null,
    answers: null,
    place: null,
  };
}

/** What a model is called on the wire. */
export function sentModel(provider: string, model: string, config: RunConfig): string {
  return providerSpec(provider, config)?.models[model] ?? model;
}

/** The preset that a provider is read by: its own, or where it has none, that of its host. */
export function presetName(provider: string, config: RunConfig): string {
  const spec = providerSpec(provider, config);
  if (spec === null) return "generic";
  if (spec.preset !== "generic") return spec.preset;
  const known = presetOfHost.get(spec);
  if (known !== undefined) return known;
  const preset = presetOfUrl(spec.baseUrl ?? "") ?? "generic";
  presetOfHost.set(spec, preset);
  return preset;
}

/** Asked for with every answer, and slow to find out. */
const presetOfHost = new WeakMap<ProviderSpec, string>();

/** What the reference of a provider says. The role of instructions is known of public sites, not of servers of one's own. */
export function rulesOf(provider: string, config: RunConfig): ProviderRules {
  const preset = presetName(provider, config);
  const { baseUrl, outputCap, systemRole } = presets[preset] ?? plainPreset;
  return {
    preset,
    complaint: (parameter, value) => parameterComplaint(preset, parameter, value),
    outputCap,
    systemRole: baseUrl?.startsWith("https:") === true || systemRole !== "system" ? systemRole : null,
  };
}
