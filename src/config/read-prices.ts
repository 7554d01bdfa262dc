import { z } from "zod";
import { anyProvider, type Price } from "../cost/price.ts";
import { type Diagnostic, hasErrors, type Place } from "../diagnostics/diagnostic.ts";
import { type InputFiles, referredName } from "../system/input-files.ts";
import { type Placed, placedPrice } from "./price-entry.ts";
import { exportedPrices } from "./price-exports.ts";
import { type PriceFile, priceFileSchema } from "./price-file.ts";
import { priceRows } from "./price-rows.ts";
import { decodeUtf8, nearestFile } from "./read-text.ts";
import { tryRead } from "./references.ts";
import { type Path, parseYaml, type YamlSource } from "./yaml-source.ts";
import { zodDiagnostics } from "./zod-diagnostics.ts";

/** Prices that the user states, or what is wrong with them. */
export interface ReadPrices {
  /** The entries that the user wrote. */
  readonly prices: readonly Price[];
  /** Those of exports, which come after all entries. */
  readonly exported: readonly Price[];
  /** The providers that entries name, and where each is named first. */
  readonly providers: ReadonlyMap<string, Place>;
  readonly diagnostics: readonly Diagnostic[];
}

/** What stands under `prices`: a file, or a list of entries and files. */
export type PricesFile = string | readonly (string | PriceFile)[];

/** Reads the prices of a matrix: its own entries, and the files that it names. Every problem at once. */
export function readPrices(
  written: PricesFile | undefined,
  source: YamlSource,
  files: InputFiles,
): ReadPrices {
  const diagnostics: Diagnostic[] = [];
  const exported: Price[] = [];
  const items = written === undefined ? [] : typeof written === "string" ? [written] : written;
  const placed = items.flatMap((item, i): readonly Placed[] => {
    const path: Path = typeof written === "string" ? ["prices"] : ["prices", i];
    if (typeof item === "string") return fromFile(item, source, path, files, { diagnostics, exported });
    return placedPrice(item, path, source, source.file, diagnostics);
  });
  diagnostics.push(...conflicts(placed));
  return { prices: placed.map(({ price }) => price), exported, providers: providersOf(placed), diagnostics };
}

function providersOf(placed: readonly Placed[]): ReadonlyMap<string, Place> {
  const named = new Map<string, Place>();
  for (const { price, providerPlace } of placed)
    if (price.provider !== anyProvider && !named.has(price.provider))
      named.set(price.provider, providerPlace);
  return named;
}

/** What a file adds to beside its entries. */
interface Found {
  readonly diagnostics: Diagnostic[];
  readonly exported: Price[];
}

function fromFile(
  written: string,
  source: YamlSource,
  path: Path,
  files: InputFiles,
  { diagnostics, exported }: Found,
): readonly Placed[] {
  const file = referredName(source.file, written);
  const bytes = tryRead(files, file);
  if (bytes === null) {
    diagnostics.push({
      code: "prices/missing-file",
      severity: "error",
      message: `there is no price file \`${file}\``,
      hint: nearestFile(file, files) ?? "paths are relative to the matrix",
      place: source.place(path),
    });
    return [];
  }
  if (/\.(csv|tsv)$/i.test(file)) return fromTable(priceRows(bytes, file), file, diagnostics);
  const text = decodeUtf8(bytes, file);
  if (typeof text !== "string") {
    diagnostics.push(text);
    return [];
  }
  const whole = /\.json$/i.test(file) ? exportedPrices(text, file) : null;
  if (whole === null) return fromList(parseYaml(text, file), file, diagnostics);
  for (const price of whole) exported.push(price);
  return [];
}

function fromTable(
  { source, diagnostics: found }: ReturnType<typeof priceRows>,
  file: string,
  diagnostics: Diagnostic[],
): readonly Placed[] {
  diagnostics.push(...found);
  return source === null ? [] : fromList(source, file, diagnostics);
}

/** A file of the own format: a list of entries, or a map with one under `prices`. */
function fromList(source: YamlSource, file: string, diagnostics: Diagnostic[]): readonly Placed[] {
  diagnostics.push(...source.diagnostics);
  if (hasErrors(source.diagnostics)) return [];
  const { value } = source;
  const inside = typeof value === "object" && value !== null && !Array.isArray(value) && "prices" in value;
  const list: unknown = inside ? (value as { prices: unknown }).prices : value;
  const base: Path = inside ? ["prices"] : [];
  if (!Array.isArray(list)) {
    diagnostics.push({
      code: "prices/shape",
      severity: "error",
      message: `\`${file}\` is no list of prices`,
      hint: "`- { model: NAME, currency: CNY, input: 2, output: 8 }`; exports of models.dev and LiteLLM end in `.json`",
      place: source.place(base),
    });
    return [];
  }
  return list.flatMap((entry: unknown, i) => {
    const checked = priceFileSchema.safeParse(entry);
    if (checked.success) return placedPrice(checked.data, [...base, i], source, file, diagnostics);
    const issues = checked.error.issues.map((issue) => ({ ...issue, path: ["prices", i, ...issue.path] }));
    diagnostics.push(...zodDiagnostics(new z.ZodError(issues), asInMatrix(source, list, base)));
    return [];
  });
}

/** A file of prices as if its list stood in a matrix, so that its problems have the same words. */
function asInMatrix(source: YamlSource, list: readonly unknown[], base: Path): YamlSource {
  const inFile = (path: Path): Path => [...base, ...path.slice(1)];
  return {
    ...source,
    value: { prices: list },
    place: (path) => source.place(inFile(path)),
    keyPlace: (path) => source.keyPlace(inFile(path)),
    excerpt: (path) => source.excerpt(inFile(path)),
  };
}

/** One price for a model at a provider: two would leave open which is meant. */
function conflicts(placed: readonly Placed[]): readonly Diagnostic[] {
  const first = new Map<string, Placed>();
  return placed.flatMap((one): readonly Diagnostic[] => {
    const { provider, model, currency } = one.price;
    const name = `${provider}\n${model}`;
    const other = first.get(name);
    if (other === undefined) {
      first.set(name, one);
      return [];
    }
    const at = provider === anyProvider ? "" : ` at \`${provider}\``;
    const differ = other.price.currency !== currency;
    return [
      {
        code: "prices/duplicate",
        severity: "error",
        message: differ
          ? `\`${model}\`${at} has prices in two currencies, ${other.price.currency} and ${currency}`
          : `\`${model}\`${at} has two prices`,
        hint: differ
          ? "a model is paid in one currency; name the `provider` where they are two endpoints"
          : "leave one out",
        place: one.place,
        related: other.place,
      },
    ];
  });
}
