import type { DatasetSpec } from "../dataset/dataset.ts";
import { limitAxes } from "../outcome/limit-axis.ts";
import { referredName } from "../system/input-files.ts";
import { durationMs } from "./duration.ts";
import type { LimitFile, MatrixFile } from "./matrix-file.ts";
import type { Overrides } from "./overrides.ts";
import type { LimitSpec, LimitsSpec, MaxFailed, ProviderSpec, TimeoutSpec } from "./run-config.ts";
import type { YamlSource } from "./yaml-source.ts";

/** Timeouts used where a matrix states none, in milliseconds. Reasoning models think for minutes. */
const timeoutDefaults: TimeoutSpec = {
  connectMs: 10_000,
  firstTokenMs: 120_000,
  idleMs: 60_000,
  totalMs: 600_000,
};

/** The dataset a matrix names, as the flags change it; null for none. */
export function readDatasetSpec(
  matrix: MatrixFile,
  source: YamlSource,
  overrides: Overrides,
): DatasetSpec | null {
  const written = matrix.dataset;
  if (written === undefined && overrides.dataset === null) return null;
  const long = typeof written === "object" ? written : undefined;
  const own = typeof written === "string" ? written : long?.path;
  return {
    path: overrides.dataset ?? referredName(source.file, own ?? ""),
    limit: overrides.limit ?? long?.limit ?? null,
    offset: long?.offset ?? 0,
    shuffleSeed: overrides.shuffle ?? long?.shuffle_seed ?? null,
    idColumn: long?.id_column ?? null,
    clusterColumn: long?.cluster_column ?? null,
    jsonColumns: long?.json_columns ?? [],
    fileColumns: long?.file_columns ?? [],
  };
}

/** The providers a matrix states, by key. The environment is not asked. */
export function readProviders(
  matrix: MatrixFile,
  source: YamlSource,
): Readonly<Record<string, ProviderSpec>> {
  const entries = Object.entries(matrix.providers ?? {}).map(([key, written]): [string, ProviderSpec] => {
    const name = (path: string | undefined): string | null =>
      path === undefined ? null : referredName(source.file, path);
    return [
      key,
      {
        key,
        preset: written.preset ?? "generic",
        baseUrl: written.base_url ?? null,
        apiKeyEnv: written.api_key_env,
        headers: written.headers ?? {},
        query: Object.fromEntries(
          Object.entries(written.query ?? {}).map(([parameter, value]) => [parameter, String(value)]),
        ),
        models: written.models ?? {},
        caFile: name(written.ca_file),
        replay: name(written.replay),
        answers: name(written.answers),
        place: source.keyPlace(["providers", key]),
      },
    ];
  });
  return Object.fromEntries(entries);
}

/** Limits as stated; what is not stated is null. */
export function readLimits(matrix: MatrixFile): LimitsSpec {
  const stated = matrix.limits ?? {};
  const strict = stated.strict ?? false;
  return {
    ...wholeLimit(stated),
    strict,
    models: narrowed(stated.models),
    providers: narrowed(stated.providers),
  };
}

function wholeLimit(limit: LimitFile): LimitSpec {
  const axes = limitAxes.map((axis) => [axis, limit[axis] ?? null] as const);
  return { concurrency: limit.concurrency ?? null, ...Object.fromEntries(axes) } as LimitSpec;
}

function narrowed(
  limits: Readonly<Record<string, LimitFile>> | undefined,
): Readonly<Record<string, Partial<LimitSpec>>> {
  const entries = Object.entries(limits ?? {}).map(([key, limit]) => [
    key,
    Object.fromEntries(Object.entries(wholeLimit(limit)).filter(([, value]) => value !== null)),
  ]);
  return Object.fromEntries(entries) as Readonly<Record<string, Partial<LimitSpec>>>;
}

/** Timeouts with the defaults filled in. `null` in the file is no limit. */
export function readTimeouts(matrix: MatrixFile): TimeoutSpec {
  const stated = matrix.timeouts ?? {};
  const read = (written: string | number | null | undefined, fallback: number | null): number | null =>
    written === undefined ? fallback : written === null ? null : durationMs(written);
  return {
    connectMs: read(stated.connect, timeoutDefaults.connectMs) ?? timeoutDefaults.connectMs,
    firstTokenMs: read(stated.first_token, timeoutDefaults.firstTokenMs),
    idleMs: read(stated.idle, timeoutDefaults.idleMs),
    totalMs: read(stated.total, timeoutDefaults.totalMs),
  };
}

/** `2%` is a share of the plan; a whole number is a count; default 2 %. */
export function readMaxFailed(written: string | number | undefined): MaxFailed {
  if (written === undefined) return { share: 0.02 };
  return typeof written === "number" ? { count: written } : { share: Number(written.replace("%", "")) / 100 };
}
