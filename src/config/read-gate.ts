import { compares } from "../compare/default-gate.ts";
import {
  defaultMaxMissing,
  type GateLimit,
  type GateSpec,
  promptFailures,
  type VariantSelector,
} from "../compare/gate.ts";
import { limitWords } from "../compare/gate-words.ts";
import { type Metric, readMetric } from "../compare/metric.ts";
import { parseSelector, selectorText } from "../compare/select-variants.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { readLimit } from "./gate-limit.ts";
import { readShare } from "./gate-value.ts";
import type { GateFile } from "./matrix-file.ts";
import type { Path, YamlSource } from "./yaml-source.ts";

/** One gate with its defaults, its id in words where none is stated; null where it cannot be used, which is reported. */
export function readGate(
  written: GateFile,
  path: Path,
  source: YamlSource,
  scorers: readonly string[],
  diagnostics: Diagnostic[],
): GateSpec | null {
  const before = diagnostics.length;
  const read = readMetric(written.metric, scorers);
  if (!("metric" in read)) {
    diagnostics.push({
      code: "gates/metric",
      severity: "error",
      message: read.problem,
      hint: read.hint,
      place: source.place([...path, "metric"]),
    });
  }
  const metric = "metric" in read ? read.metric : null;
  const limit = readLimit(written, metric, path, source, diagnostics);
  const selectors = (["against", "variants"] as const).map((key) =>
    readSelector(key, written[key], [...path, key], source, diagnostics),
  );
  const missing = readMaxMissing(written, path, source, diagnostics);
  checkKeys(written, limit?.kind ?? null, path, source, diagnostics);
  const failed = diagnostics.slice(before).some(({ severity }) => severity === "error");
  if (failed || metric === null || limit === null) return null;
  const [against = null, variants = null] = selectors;
  const place = source.place(path);
  return completed(written, metric, limit, against, variants, missing, place.line === 0 ? null : place);
}

function completed(
  written: GateFile,
  metric: Metric,
  limit: GateLimit,
  against: VariantSelector | null,
  variants: VariantSelector | null,
  maxMissing: number,
  place: GateSpec["place"],
): GateSpec {
  const per = written.per ?? "variant";
  const by = written.by ?? null;
  const words = [
    limitWords({ metric, limit }),
    ...(against === null ? [] : [`against ${selectorText(against)}`]),
    ...(variants === null ? [] : [`of ${selectorText(variants)}`]),
    ...(by === null ? [] : [`by ${by}`]),
    ...(per === "run" ? ["per run"] : []),
  ];
  const vary = typeof written.vary === "string" ? [written.vary] : (written.vary ?? []);
  return {
    id: written.id ?? words.join(" "),
    metric,
    limit,
    against,
    variants,
    per,
    by,
    maxMissing,
    missing: (written.missing ?? []).filter((kind) => promptFailures.includes(kind)),
    vary,
    place,
  };
}

function readSelector(
  key: "against" | "variants",
  written: GateFile["against"],
  path: Path,
  source: YamlSource,
  diagnostics: Diagnostic[],
): VariantSelector | null {
  if (written === undefined) return null;
  const selector = typeof written === "string" ? parseSelector(written) : written;
  if (selector !== null && Object.keys(selector).length > 0) return selector;
  diagnostics.push({
    code: "gates/selector",
    severity: "error",
    message:
      selector === null
        ? `\`${key}: ${String(written)}\` does not say of what it is the value`
        : `\`${key}\` is empty: it would mean every variant`,
    hint:
      selector === null
        ? `\`${key}: { prompt: ${String(written)} }\`, or another key of a variant`
        : `name what tells them apart, such as \`${key}: { prompt: v1 }\`, or take it out`,
    place: source.place(path),
  });
  return null;
}

function readMaxMissing(
  { max_missing: written }: GateFile,
  path: Path,
  source: YamlSource,
  diagnostics: Diagnostic[],
): number {
  if (written === undefined) return defaultMaxMissing;
  const read = readShare(written);
  if ("value" in read) return read.value;
  diagnostics.push({
    code: "gates/limit",
    severity: "error",
    message: `\`max_missing\`: ${read.problem}`,
    hint: read.hint,
    place: source.place([...path, "max_missing"]),
  });
  return defaultMaxMissing;
}

/** Keys that have nothing to say beside others. */
function checkKeys(
  written: GateFile,
  kind: GateLimit["kind"] | null,
  path: Path,
  source: YamlSource,
  diagnostics: Diagnostic[],
): void {
  const compared = kind !== null && compares({ limit: { kind } });
  if (written.against !== undefined && kind !== null && !compared) {
    diagnostics.push({
      code: "gates/against",
      severity: "error",
      message: `\`${kind}\` compares with nothing, so \`against\` has no meaning`,
      hint: "`against` goes with `max_drop` and `max_increase`; `variants` says which variants are judged",
      place: source.keyPlace([...path, "against"]),
    });
  }
  if (written.vary !== undefined && kind !== null && (!compared || written.against !== undefined)) {
    diagnostics.push({
      code: "gates/vary",
      severity: "warning",
      message: "`vary` has no effect: this gate compares with no baseline",
      hint: "it names keys in which a run and its baseline may differ",
      place: source.keyPlace([...path, "vary"]),
    });
  }
  (written.missing ?? []).forEach((one, i) => {
    if (promptFailures.includes(one)) return;
    diagnostics.push({
      code: "gates/missing",
      severity: "warning",
      message: `\`${one}\` is missing anyway`,
      hint: `\`missing\` is for what a prompt causes itself: ${promptFailures.map((known) => `\`${known}\``).join(", ")}`,
      place: source.place([...path, "missing", i]),
    });
  });
}
