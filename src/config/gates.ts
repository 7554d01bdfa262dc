import { defaultMaxMissing, type GateSpec, type VariantSelector } from "../compare/gate.ts";
import { limitWords } from "../compare/gate-words.ts";
import { passRate } from "../compare/metric.ts";
import { selectorText } from "../compare/select-variants.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { canonicalJson } from "../plan/canonical-json.ts";
import type { MatrixFile } from "./matrix-file.ts";
import { readGate } from "./read-gate.ts";
import type { YamlSource } from "./yaml-source.ts";

/**
 * The gates of a matrix, and that of `--fail-under`, with their defaults and ids. `scorers` are the ids of all scorers.
 * What needs the plan (variants, columns) is checked later, by `checkGates`.
 */
export function readGates(
  matrix: MatrixFile,
  source: YamlSource,
  scorers: readonly string[],
  failUnder: number | null,
): { readonly gates: readonly GateSpec[]; readonly diagnostics: readonly Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const seen = new Map<string, number>();
  const read = (matrix.gates ?? []).flatMap((written, i): readonly Named[] => {
    const gate = readGate(written, ["gates", i], source, scorers, diagnostics);
    if (gate === null) return [];
    const twin = seen.get(contentOf(gate)) ?? seen.get(`id ${written.id}`);
    if (twin !== undefined) {
      const same = seen.has(contentOf(gate));
      diagnostics.push({
        code: "gates/duplicate",
        severity: "error",
        message: same ? `two gates are equal: \`${gate.id}\`` : `two gates have the id \`${gate.id}\``,
        hint: same ? "take one of them out" : "an id names a gate in reports: give each its own",
        place: source.place(["gates", i]),
        related: source.place(["gates", twin]),
      });
    }
    seen.set(contentOf(gate), i);
    if (written.id !== undefined) seen.set(`id ${written.id}`, i);
    return [{ gate, stated: written.id !== undefined }];
  });
  const flag = failUnder === null ? null : failUnderGate(failUnder);
  const all = flag === null || seen.has(contentOf(flag)) ? read : [...read, { gate: flag, stated: false }];
  return { gates: withOwnIds(all), diagnostics };
}

interface Named {
  readonly gate: GateSpec;
  /** Whether the id is the user's own. */
  readonly stated: boolean;
}

/** The gate in full but for its id and place: equal text judges the same. */
function contentOf({ id: _id, place: _place, against, variants, ...rest }: GateSpec): string {
  const text = (selector: VariantSelector | null): string | null =>
    selector === null ? null : selectorText(selector);
  return canonicalJson({ ...rest, against: text(against), variants: text(variants) });
}

function withOwnIds(all: readonly Named[]): readonly GateSpec[] {
  const taken = new Set(all.flatMap(({ gate, stated }) => (stated ? [gate.id] : [])));
  return all.map(({ gate, stated }) => {
    if (stated) return gate;
    let id = gate.id;
    for (let n = 2; taken.has(id); n++) id = `${gate.id} #${n}`;
    taken.add(id);
    return { ...gate, id };
  });
}

function failUnderGate(value: number): GateSpec {
  const limit = { kind: "min", value } as const;
  return {
    id: limitWords({ metric: passRate, limit }),
    metric: passRate,
    limit,
    against: null,
    variants: null,
    per: "variant",
    by: null,
    maxMissing: defaultMaxMissing,
    missing: [],
    vary: [],
    place: null,
  };
}
