import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { noOverrides } from "../../src/config/overrides.ts";
import { matrixJsonSchema } from "../../src/config/schema.ts";
import { prepare } from "../../src/run/prepare.ts";
import { scorerTypes } from "../../src/score/registry.ts";
import { DiskFiles } from "../../src/system/input-files.ts";
import { tempFolder } from "../support/temp-folder.ts";

const page = readFileSync(join(import.meta.dirname, "../../docs/matrix.md"), "utf8");

/** The fenced blocks of the page: what stands behind the fence, and the text. */
const blocks = [...page.matchAll(/^```(.*)\n([\s\S]*?)^```$/gm)].map(([, info = "", text = ""]) => ({
  info,
  text,
}));

const files = Object.fromEntries(
  blocks.flatMap(({ info, text }) => {
    const name = / file=(\S+)$/.exec(info)?.[1];
    return name === undefined ? [] : [[name, text]];
  }),
);

function checked(text: string): ReturnType<typeof prepare> {
  return prepare("matrix.yaml", noOverrides, new DiskFiles(tempFolder({ ...files, "matrix.yaml": text })));
}

describe("docs/matrix.md", () => {
  const matrices = blocks.filter(({ info }) => info.startsWith("yaml matrix"));

  it.each(matrices.map(({ text }, i) => [i + 1, text] as const))(
    "matrix %i is checked in silence",
    (_, text) => {
      const { prepared, diagnostics } = checked(text);
      // What two rows can see is always said.
      expect(diagnostics.filter(({ code }) => !/^gates\/(power|too-small)$/.test(code))).toEqual([]);
      expect(prepared?.plan.length).toBeGreaterThan(0);
    },
  );

  it("shows every limit, every key and every kind of metric of a gate", () => {
    const gates = matrices
      .filter(({ info }) => info.endsWith(" gates"))
      .flatMap(({ text }) => checked(text).prepared?.config.gates ?? []);
    expect(new Set(gates.map(({ limit }) => limit.kind))).toEqual(
      new Set(["min", "max", "max_drop", "max_increase"]),
    );
    expect(new Set(gates.map(({ metric }) => metric.scale))).toEqual(new Set(["points", "relative"]));
    for (const key of ["against", "variants", "by"] as const)
      expect(gates.some((gate) => gate[key] !== null)).toBe(true);
    for (const key of ["missing", "vary"] as const)
      expect(gates.some((gate) => gate[key].length > 0)).toBe(true);
  });

  it("says how many requests the first matrix makes", () => {
    expect(checked(matrices[0]?.text ?? "").prepared?.plan.length).toBe(16);
    expect(page).toContain("= 16 requests");
  });

  it("lists the points of its worked grids", () => {
    const worked = blocks.flatMap(({ info, text }, i) =>
      info === "yaml matrix points" ? [{ text, listed: blocks[i + 1]?.text }] : [],
    );
    expect(worked).toHaveLength(2);
    for (const { text, listed } of worked) {
      const { prepared } = checked(text);
      const several = (prepared?.config.prompts.length ?? 0) > 1;
      const points = prepared?.plan.variants.map(({ promptId, parameters }) => {
        const shown = { ...(several ? { prompt: promptId } : {}), ...parameters };
        const words = Object.entries(shown).map(([name, value]) => `${name}: ${String(value)}`);
        return `${words.join(", ")}\n`;
      });
      expect(points?.join("")).toBe(listed);
    }
  });

  it("describes every key of the schema and every scorer", () => {
    const mentioned = new Set(
      [...page.matchAll(/`([a-z_.]+)/g)].flatMap(([, names = ""]) => names.split(".")),
    );
    const keys = [...keysOf(matrixJsonSchema()), ...Object.keys(scorerTypes)];
    expect(keys.length).toBeGreaterThan(40);
    expect(keys.filter((key) => !mentioned.has(key))).toEqual([]);
  });
});

/** The names of all properties in a JSON Schema. */
function keysOf(schema: unknown): readonly string[] {
  if (typeof schema !== "object" || schema === null) return [];
  const { properties } = schema as { readonly properties?: Readonly<Record<string, unknown>> };
  return [...Object.keys(properties ?? {}), ...Object.values(schema).flatMap(keysOf)].filter(
    (key, i, all) => all.indexOf(key) === i,
  );
}
