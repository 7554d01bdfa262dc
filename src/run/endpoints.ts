import type { ProviderSpec, RunConfig } from "../config/run-config.ts";
import type { Diagnostic, Place } from "../diagnostics/diagnostic.ts";
import { placeOfWord } from "../diagnostics/excerpt.ts";
import { nearest } from "../diagnostics/nearest.ts";
import { carriesKey } from "../provider/credentials.ts";
import type { Endpoint } from "../provider/endpoint.ts";
import { type Preset, plainPreset, presetOfAlias, presetOfUrl, presets } from "../provider/presets.ts";
import type { InputFiles } from "../system/input-files.ts";
import type { Environment } from "./environment.ts";
import { providerSpec } from "./provider-spec.ts";
import { statedScorers } from "./stated-scorers.ts";

/** Stands for the base URL of a simulator that the run starts itself. */
const embeddedUrl = "simulator:";

/** What is wrong with the providers that a run uses, as far as the files alone can tell. */
export function checkProviders(used: ReadonlySet<string>, config: RunConfig): readonly Diagnostic[] {
  const known = [
    ...Object.keys(config.providers),
    ...Object.keys(presets).filter((key) => key !== "generic"),
  ];
  return [...used].flatMap((key): readonly Diagnostic[] => {
    const spec = providerSpec(key, config);
    if (spec === null) {
      const close = presetOfAlias(key) ?? nearest(key, known);
      return [
        {
          code: "provider/unknown",
          severity: "error",
          message: `there is no provider \`${key}\``,
          hint:
            close === null
              ? `presets: ${Object.keys(presets)
                  .filter((name) => name !== "generic")
                  .join(", ")}; or add it under \`providers\``
              : `did you mean \`${close}\`?`,
          ...providerPlace(key, config),
        },
      ];
    }
    const place = spec.place === null ? {} : { place: spec.place };
    const preset = presets[spec.preset];
    if (preset === undefined) {
      const close = presetOfAlias(spec.preset) ?? nearest(spec.preset, Object.keys(presets));
      return [
        {
          code: "provider/unknown-preset",
          severity: "error",
          message: `there is no preset \`${spec.preset}\``,
          hint: close === null ? `presets: ${Object.keys(presets).join(", ")}` : `did you mean \`${close}\`?`,
          ...place,
        },
      ];
    }
    if (spec.preset !== "simulator" && (spec.replay !== null || spec.answers !== null)) {
      return [
        {
          code: "provider/simulator-only",
          severity: "error",
          message: `\`replay\` and \`answers\` of provider \`${key}\` need \`preset: simulator\``,
          ...place,
        },
      ];
    }
    if (spec.preset !== "simulator" && spec.baseUrl === null && preset.baseUrl === null) {
      return [
        {
          code: "provider/no-base-url",
          severity: "error",
          message: `provider \`${key}\` has no \`base_url\``,
          hint: `\`base_url: ${preset.baseUrlForm}\`, without \`/chat/completions\``,
          ...place,
        },
      ];
    }
    const stated = spec.baseUrl;
    return stated === null || stated.includes("${") || isHttpUrl(stated)
      ? []
      : [badBaseUrl(key, stated, place)];
  });
}

function isHttpUrl(text: string): boolean {
  return /^https?:\/\/[^/]/.test(text) && URL.canParse(text);
}

function badBaseUrl(key: string, baseUrl: string, place: { readonly place?: Place }): Diagnostic {
  return {
    code: "provider/bad-base-url",
    severity: "error",
    message: `the base URL \`${shownUrl(baseUrl)}\` of provider \`${key}\` is no http or https URL`,
    hint: "for example `https://api.siliconflow.cn/v1`",
    ...place,
  };
}

function userInBaseUrl(key: string, place: { readonly place?: Place }): Diagnostic {
  return {
    code: "provider/bad-base-url",
    severity: "error",
    message: `the base URL of provider \`${key}\` holds a user name or a password`,
    hint: 'send them as `headers: { authorization: "Basic ${…}" }`',
    ...place,
  };
}

/** Values of a URL's query that are keys, by their name or because they came from the environment. A host is no secret. */
function urlSecrets(baseUrl: string, filled: readonly string[]): readonly string[] {
  if (!URL.canParse(baseUrl)) return [];
  return [...new URL(baseUrl).searchParams].flatMap(([name, value]) =>
    value !== "" && (carriesKey(name, value) || filled.some((secret) => value.includes(secret)))
      ? [value]
      : [],
  );
}

/** Where a provider is named: in the grid, or at the top level. */
function providerPlace(key: string, config: RunConfig): { readonly place?: Place } {
  const { sources } = config;
  const named = [
    ...(sources?.axes.get("provider") ?? []),
    ...(sources?.provider == null ? [] : [sources.provider]),
    ...statedScorers(config).flatMap(({ spec, written }) =>
      spec.type === "judge" && spec.options.provider === key ? (written ?? []) : [],
    ),
  ];
  const place = placeOfWord(named, key) ?? named[0]?.place;
  return place === undefined ? {} : { place };
}

/**
 * The endpoints of some providers, with keys and `${ENV}` from the environment. Simulated providers get the base
 * URL `simulator:` here; whoever starts the simulator fills it in. Missing variables are diagnostics.
 */
export function resolveEndpoints(
  used: ReadonlySet<string>,
  config: RunConfig,
  environment: Environment,
  files: InputFiles,
): { readonly endpoints: ReadonlyMap<string, Endpoint>; readonly diagnostics: readonly Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const endpoints = new Map<string, Endpoint>();
  for (const key of used) {
    const spec = providerSpec(key, config);
    if (spec !== null) endpoints.set(key, resolveEndpoint(spec, environment, files, diagnostics));
  }
  return { endpoints, diagnostics };
}

/** The endpoint of one entry of `providers`; what is wrong with it is added to `diagnostics`. */
export function resolveEndpoint(
  spec: ProviderSpec,
  environment: Environment,
  files: InputFiles,
  diagnostics: Diagnostic[],
  table: Readonly<Record<string, Preset>> = presets,
): Endpoint {
  const preset = table[spec.preset] ?? plainPreset;
  const place = spec.place === null ? {} : { place: spec.place };
  const secrets: string[] = [];
  const inUrl: string[] = [];
  const secretEnvs = new Set<string>();
  const fill = (text: string, what: string): string =>
    text.replace(variable, (_, name: string) => {
      const value = environment[name];
      if (value !== undefined && value !== "") {
        if (what === "base_url") inUrl.push(value);
        else secrets.push(value);
        return value;
      }
      diagnostics.push({
        code: "provider/unset-variable",
        severity: "error",
        message: `\`${what}\` of provider \`${spec.key}\` needs the environment variable \`${name}\`, which is not set`,
        hint: `export ${name}=…, or put it into a \`.env\``,
        ...place,
      });
      return "";
    });
  const before = diagnostics.length;
  const baseUrl =
    spec.preset === "simulator" && spec.baseUrl === null
      ? embeddedUrl
      : fill(spec.baseUrl ?? preset.baseUrl ?? "", "base_url")
          .replace(/\/+$/, "")
          .replace(/\/chat\/completions$/, "");
  if (diagnostics.length === before && baseUrl !== embeddedUrl && !isHttpUrl(baseUrl)) {
    diagnostics.push(badBaseUrl(spec.key, spec.baseUrl ?? baseUrl, place));
  } else if (/^https?:\/\/[^/?#]*@/.test(baseUrl)) diagnostics.push(userInBaseUrl(spec.key, place));
  secrets.push(...urlSecrets(baseUrl, inUrl));
  const apiKeyEnv = keyVariable(spec, preset);
  const apiKey = apiKeyEnv === null ? null : (environment[apiKeyEnv]?.trim() ?? "");
  const filled = (values: Readonly<Record<string, string>>, what: string): Record<string, string> =>
    Object.fromEntries(
      Object.entries(values).map(([name, text]) => {
        const value = fill(text, `${what}.${name}`);
        if (carriesKey(name, value)) for (const variable of variablesIn(text)) secretEnvs.add(variable);
        return [name, value];
      }),
    );
  const headers = filled(spec.headers, "headers");
  const query = filled(spec.query, "query");
  const optional = isLoopback(baseUrl) || baseUrl === embeddedUrl;
  if (apiKey === "" && !optional) {
    diagnostics.push({
      code: "provider/missing-key",
      severity: "error",
      message: `provider \`${spec.key}\` needs an API key in the environment variable \`${apiKeyEnv ?? ""}\`, which is not set`,
      hint: `export ${apiKeyEnv ?? ""}=…, or put it into a \`.env\`; \`--provider simulator\` needs no key`,
      ...place,
    });
  }
  return {
    key: spec.key,
    preset: spec.preset,
    baseUrl,
    apiKey: apiKey === "" ? null : apiKey,
    apiKeyEnv: apiKey === "" || apiKey === null ? null : apiKeyEnv,
    authHeader: preset.authHeader,
    headers,
    query: { ...presetQuery(preset, baseUrl), ...query },
    ca: readAuthority(spec, files, diagnostics),
    models: spec.models,
    secrets,
    secretEnvs: [...secretEnvs],
    dialect: dialectOf(spec.preset, baseUrl, table),
    streamUsageOption: preset.streamUsageOption,
    sendRequestId: preset.sendRequestId,
  };
}

const variable = /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g;

function variablesIn(text: string): readonly string[] {
  return [...text.matchAll(variable)].flatMap(([, name]) => name ?? []);
}

/** The variable of the key that is sent. A header of the user's in its place leaves the preset's own out. */
export function keyVariable({ apiKeyEnv, headers }: ProviderSpec, preset: Preset): string | null {
  if (apiKeyEnv !== undefined) return apiKeyEnv;
  const replaced = Object.keys(headers).some((name) =>
    [preset.authHeader, "authorization"].includes(name.toLowerCase()),
  );
  return replaced ? null : preset.apiKeyEnv;
}

/** What a preset adds to the URL, save what the base URL says itself. */
export function presetQuery(
  { query, queryOnPath }: Preset,
  baseUrl: string,
): Readonly<Record<string, string>> {
  const [path = "", search = ""] = baseUrl.split("?");
  if (queryOnPath !== null && !path.includes(queryOnPath)) return {};
  const own = new URLSearchParams(search);
  return Object.fromEntries(Object.entries(query).filter(([name]) => !own.has(name)));
}

/** How an endpoint's answers are read: as its preset says, or where it has none, the preset with its host. */
function dialectOf(name: string, baseUrl: string, table: Readonly<Record<string, Preset>>): Preset {
  const known = name === "generic" ? (presetOfUrl(baseUrl) ?? name) : name;
  return table[known] ?? plainPreset;
}

function readAuthority(spec: ProviderSpec, files: InputFiles, diagnostics: Diagnostic[]): string | null {
  if (spec.caFile === null) return null;
  try {
    return new TextDecoder().decode(files.read(spec.caFile));
  } catch (error) {
    diagnostics.push({
      code: "provider/ca-file",
      severity: "error",
      message: `cannot read \`ca_file\` \`${spec.caFile}\` of provider \`${spec.key}\`: ${(error as Error).message}`,
      ...(spec.place === null ? {} : { place: spec.place }),
    });
    return null;
  }
}

/** Whether a base URL leads to this machine itself. */
export function isLoopback(baseUrl: string): boolean {
  try {
    const { hostname } = new URL(baseUrl);
    return (
      hostname === "localhost" ||
      hostname.endsWith(".localhost") ||
      hostname === "[::1]" ||
      /^127(\.\d{1,3}){3}$/.test(hostname)
    );
  } catch {
    return false;
  }
}

/** A base URL as it may be shown and kept: without user name, password and the values of its query. */
export function shownUrl(baseUrl: string): string {
  if (!URL.canParse(baseUrl)) return baseUrl.replace(/\/\/[^/]*@/, "//").replace(/\?.*$/, "");
  const url = new URL(baseUrl);
  url.username = "";
  url.password = "";
  for (const name of [...url.searchParams.keys()]) url.searchParams.set(name, "***");
  return url.search === "" ? url.href.replace(/\/+$/, "") : url.href;
}
