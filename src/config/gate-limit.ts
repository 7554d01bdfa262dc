import type { GateLimit } from "../compare/gate.ts";
import type { Metric } from "../compare/metric.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { readLimitValue } from "./gate-value.ts";
import type { GateFile } from "./matrix-file.ts";
import type { Path, YamlSource } from "./yaml-source.ts";

const limitKinds = ["min", "max", "max_drop", "max_increase"] as const;

/** The one limit of a gate; null where there is none that can be used, which is reported. `metric` is null where it is not known. */
export function readLimit(
  written: GateFile,
  metric: Metric | null,
  path: Path,
  source: YamlSource,
  diagnostics: Diagnostic[],
): GateLimit | null {
  const stated = limitKinds.filter((kind) => written[kind] !== undefined);
  const [kind, second] = stated;
  if (kind === undefined || second !== undefined) {
    diagnostics.push({
      code: "gates/limit",
      severity: "error",
      message:
        kind === undefined
          ? "a gate needs a limit"
          : `a gate has one limit, found ${stated.map((one) => `\`${one}\``).join(" and ")}`,
      hint: kind === undefined ? "one of `min`, `max`, `max_drop`, `max_increase`" : "write a gate for each",
      place: second === undefined ? source.place(path) : source.keyPlace([...path, second]),
    });
    return null;
  }
  if (metric === null) return null;
  const harmless = metric.better === "lower" ? "max_drop" : "max_increase";
  if (kind === harmless && !metric.quantity.startsWith("scores.")) {
    const [good, meant] = metric.better === "lower" ? ["low", "max_increase"] : ["high", "max_drop"];
    diagnostics.push({
      code: "gates/direction",
      severity: "error",
      message: `\`${metric.name}\` is good when it is ${good}: \`${kind}\` would forbid it to get better`,
      hint: `write \`${meant}\``,
      place: source.keyPlace([...path, kind]),
    });
    return null;
  }
  const read = readLimitValue(kind, written[kind] ?? 0, metric);
  const place = source.place([...path, kind]);
  if (!("value" in read)) {
    diagnostics.push({
      code: "gates/limit",
      severity: "error",
      message: `\`${kind}\`: ${read.problem}`,
      hint: read.hint,
      place,
    });
    return null;
  }
  const limit: GateLimit = { kind, value: read.value };
  if (limit.value === 0 && (kind === "max_drop" || kind === "max_increase")) {
    const word = kind === "max_drop" ? "drop" : "increase";
    diagnostics.push({
      code: "gates/no-margin",
      severity: "warning",
      message: `\`${kind}: 0\`: no data can rule out the least ${word}`,
      hint: `state the smallest ${word} that matters, such as \`${kind}: 5%\``,
      place,
    });
  }
  return limit;
}
