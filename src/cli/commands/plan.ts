import { exitCodes, UsageError } from "../../errors.ts";
import type { Plan, PlannedRequest } from "../../plan/plan.ts";
import { requestBody } from "../../plan/request-body.ts";
import { plainPreset, presets } from "../../provider/presets.ts";
import { planFormats } from "../../report/plan-formats.ts";
import { provideRunBaseline } from "../../run/baseline-of-run.ts";
import { DiagnosticsError } from "../../run/diagnostics-error.ts";
import { keyVariable, presetQuery } from "../../run/endpoints.ts";
import { type Prepared, prepare } from "../../run/prepare.ts";
import { providerSpec } from "../../run/provider-spec.ts";
import { DiskFiles } from "../../system/input-files.ts";
import type { Flags } from "../cli.ts";
import { showDiagnostics } from "../explain.ts";
import { overridesOf, text } from "../flags.ts";
import { type Terminal, tableWidth, wantsColor } from "../terminal.ts";

/** `promptgrid plan MATRIX`: what would be sent, as a table or for machines; with `--show` the exact body. */
export async function plan(flags: Flags, terminal: Terminal): Promise<number> {
  const files = new DiskFiles(terminal.workingDirectory);
  const overrides = overridesOf(flags);
  provideRunBaseline(files, overrides.baseline, terminal.workingDirectory);
  const { prepared, diagnostics } = prepare(text(flags, "matrix") ?? "", overrides, files);
  if (prepared === null) throw new DiagnosticsError(diagnostics, files);
  const color = wantsColor(terminal.stderr, terminal.environment, flags.color as boolean | undefined);
  showDiagnostics(diagnostics, files, terminal, color, flags.quiet !== true);
  const shown = text(flags, "show");
  const curl = text(flags, "curl");
  if (shown !== null) {
    const request = findRequest(prepared.plan, shown);
    terminal.stderr.write(
      `request ${request.index}: ${request.requestId} (${request.variant.label}, row ${request.row.id}, trial ${request.trial})\n`,
    );
    terminal.stdout.write(`${body(prepared, request)}\n`);
  } else if (curl !== null) {
    terminal.stdout.write(`${curlCommand(prepared, findRequest(prepared.plan, curl))}\n`);
  } else {
    const format = planFormats[String(flags.format)] ?? planFormats.table;
    const trials = Math.max(...prepared.plan.variants.map((variant) => variant.trials));
    const warnings = diagnostics
      .filter((diagnostic) => diagnostic.severity === "warning")
      .map((diagnostic) => diagnostic.message);
    terminal.stdout.write(
      format?.(
        { plan: prepared.plan, trials, warnings },
        {
          width: tableWidth(terminal.stdout, terminal.environment),
          color: wantsColor(terminal.stdout, terminal.environment, flags.color as boolean | undefined),
        },
      ) ?? "",
    );
  }
  return exitCodes.good;
}

/** The request a flag names: empty for the first, a number in plan order, or an id (its beginning is enough). */
function findRequest(plan: Plan, wanted: string): PlannedRequest {
  const position = wanted === "" || wanted === "true" ? 0 : /^\d{1,9}$/.test(wanted) ? Number(wanted) : -1;
  if (position >= 0) {
    if (position >= plan.length)
      throw new UsageError("plan/no-request", `the plan has no request ${position}`, {
        hint: `they are numbered from 0 to ${plan.length - 1}`,
      });
    return plan.request(position);
  }
  for (let i = 0; i < plan.length; i++) {
    const request = plan.request(i);
    if (request.requestId.startsWith(wanted)) return request;
  }
  throw new UsageError("plan/no-request", `no request of the plan has the id \`${wanted}\``, {
    hint: `a number from 0 to ${plan.length - 1} works too`,
  });
}

function body(prepared: Prepared, request: PlannedRequest): string {
  const spec = providerSpec(request.variant.provider, prepared.config);
  const streamUsageOption = presets[spec?.preset ?? ""]?.streamUsageOption ?? false;
  return JSON.stringify(requestBody(request, { models: spec?.models ?? {}, streamUsageOption }));
}

/** A command to paste into a shell. The key stays in its variable, `${ENV}` of the matrix too. */
function curlCommand(prepared: Prepared, request: PlannedRequest): string {
  const spec = providerSpec(request.variant.provider, prepared.config);
  const preset = presets[spec?.preset ?? ""] ?? plainPreset;
  const baseUrl = spec?.baseUrl ?? preset.baseUrl ?? "http://127.0.0.1:8787/v1";
  const keyEnv = spec === null ? null : keyVariable(spec, preset);
  const headers = [
    "Content-Type: application/json",
    ...(keyEnv === null ? [] : [keyLine(preset.authHeader, keyEnv)]),
    ...Object.entries(spec?.headers ?? {}).map(([name, value]) => `${name}: ${value}`),
  ];
  const lines = [
    `curl ${doubleQuoted(urlText(baseUrl, { ...presetQuery(preset, baseUrl), ...spec?.query }))}`,
    ...headers.map((header) => `  -H ${doubleQuoted(header)}`),
    `  --data-raw '${body(prepared, request).replaceAll("'", "'\\''")}'`,
  ];
  return lines.join(" \\\n");
}

/** The URL that `chatUrl` makes, with `${ENV}` as it is written. */
function urlText(baseUrl: string, query: Readonly<Record<string, string>>): string {
  const [base = "", own = ""] = baseUrl.split("?", 2);
  const folder = base.replace(/\/+$/, "").replace(/\/chat\/completions$/, "");
  const kept = own
    .split("&")
    .filter((pair) => pair !== "" && !Object.hasOwn(query, pair.replace(/=.*/s, "")));
  const added = Object.entries(query).map(
    ([name, value]) => `${encodeURIComponent(name)}=${value.replace(/\$\{\w+\}|./gsu, encodedButVariables)}`,
  );
  const all = [...kept, ...added].join("&");
  return `${folder}/chat/completions${all === "" ? "" : `?${all}`}`;
}

function encodedButVariables(part: string): string {
  return part.startsWith("${") && part.length > 2 ? part : encodeURIComponent(part);
}

function keyLine(header: string, variable: string): string {
  return header === "authorization" ? `Authorization: Bearer \${${variable}}` : `${header}: \${${variable}}`;
}

/** Double quotes, so that `${ENV}` is filled by the shell, and nothing else is. */
function doubleQuoted(text: string): string {
  return `"${text.replace(/["\\`]/g, "\\$&").replace(/\$(?!\{[A-Za-z_][A-Za-z0-9_]*\})/g, "\\$")}"`;
}
