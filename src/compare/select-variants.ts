import { yamlScalar } from "../dataset/yaml.ts";
import { nearest } from "../diagnostics/nearest.ts";
import { canonicalJson } from "../plan/canonical-json.ts";
import type { VariantSelector } from "./gate.ts";
import { labelParts } from "./label-parts.ts";

/** What a selector looks at: the facts of a variant of a plan or of a side. */
export interface VariantFacts {
  readonly promptId: string;
  readonly provider: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly label: string;
}

/** A value of a selector that was written as text: `0` may be a number, `v1` the name of a long value. */
class WrittenValue {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/**
 * The selector that `prompt=v2,model=X` writes, with values as labels print them; null for a text that is none. Its values
 * are texts until they are compared: `temperature=0` selects the number, `model=4` the name.
 */
export function parseSelector(text: string): VariantSelector | null {
  const parts = labelParts(text);
  if (parts === null) return null;
  return Object.fromEntries(parts.map(({ name, value }) => [name, new WrittenValue(value)]));
}

/** A selector as `parseSelector` reads it: as labels are written, with text in quotes where it could be a number. */
export function selectorText(selector: VariantSelector): string {
  return Object.entries(selector)
    .map(([name, value]) => {
      const bare =
        typeof value !== "string" || (/^[^\s"[{,=][^,=]*$/.test(value) && yamlScalar(value) === value);
      return `${name}=${bare ? valueText(value) : JSON.stringify(value)}`;
    })
    .join(",");
}

function valueText(value: unknown): string {
  if (value instanceof WrittenValue) return value.text;
  if (typeof value !== "string") return canonicalJson(value ?? null);
  return /[,=]/.test(value) ? JSON.stringify(value) : value;
}

/**
 * Whether a variant agrees with a selector in every key. Values are compared with type and case; text may also be the name
 * that the matrix gave to a value (`{ label, value }`), and null stands for a parameter that is not sent.
 */
export function matchesSelector(variant: VariantFacts, selector: VariantSelector): boolean {
  return Object.entries(selector).every(([name, wanted]) => fits(variant, name, wanted));
}

/**
 * Positions of the variants that a selector means. A text is a whole label, else `name=value,…`, else a value that
 * one axis alone takes (`6b-verification`).
 */
export function selectVariants(
  variants: readonly VariantFacts[],
  selector: VariantSelector | string,
): readonly number[] {
  if (typeof selector !== "string")
    return positions(variants, (variant) => matchesSelector(variant, selector));
  const wanted = selector.trim();
  const labelled = positions(variants, ({ label }) => label === wanted);
  if (labelled.length > 0) return labelled;
  const parsed = parseSelector(wanted);
  const parts = parsed === null ? [] : selectVariants(variants, parsed);
  if (parts.length > 0) return parts;
  const [axis, ...others] = axesWith(variants, wanted);
  if (others.length > 0) return [];
  if (axis !== undefined) return selectVariants(variants, { [axis]: new WrittenValue(wanted) });
  return byShortModel(variants, parsed ?? { model: new WrittenValue(wanted) });
}

/** Where nothing else is meant, the last part of a model's name is enough: `Qwen3-8B` for `Qwen/Qwen3-8B`. */
function byShortModel(variants: readonly VariantFacts[], selector: VariantSelector): readonly number[] {
  const { model, ...others } = selector;
  if (!(model instanceof WrittenValue)) return [];
  return positions(
    variants,
    (variant) =>
      String(variant.parameters.model).endsWith(`/${model.text}`) && matchesSelector(variant, others),
  );
}

/**
 * The variant that a candidate is measured against in its own run: the one that agrees with it in everything but the keys
 * of `against`, where it has those values. Null where there is none, or where it is the candidate itself.
 */
export function counterpart(
  variants: readonly VariantFacts[],
  candidate: number,
  against: VariantSelector,
): number | null {
  const own = variants[candidate];
  if (own === undefined) throw new RangeError(`there is no variant ${candidate}`);
  const rest = restOf(own, against);
  const found = variants.findIndex(
    (variant, i) => i !== candidate && restOf(variant, against) === rest && matchesSelector(variant, against),
  );
  return found < 0 ? null : found;
}

/** Why a selector means no variant, and what may be meant. For selectors that `selectVariants` finds nothing for. */
export function unknownSelector(
  variants: readonly VariantFacts[],
  selector: VariantSelector | string,
): { readonly message: string; readonly hint: string } {
  const parsed = typeof selector === "string" ? parseSelector(selector) : selector;
  if (parsed === null) return unknownText(variants, String(selector).trim());
  const names = namesOf(variants);
  for (const [name, wanted] of Object.entries(parsed)) {
    const one = `\`${selectorText({ [name]: wanted })}\``;
    if (!names.includes(name)) {
      const close = nearest(name, names);
      const hint = close === null ? `keys: ${ticked(names)}` : `did you mean \`${close}\`?`;
      return { message: `no variant has a key \`${name}\``, hint };
    }
    if (variants.some((variant) => fits(variant, name, wanted))) continue;
    const values = [...new Set(variants.map((variant) => valueText(factOf(variant, name) ?? null)))];
    const close = nearest(valueText(wanted), values);
    const hint = close === null ? `\`${name}\` is ${ticked(values)}` : `did you mean \`${name}=${close}\`?`;
    return { message: `no variant is ${one}`, hint };
  }
  const hint = `variants: ${ticked(variants.map(({ label }) => label))}`;
  return { message: `no variant is all of \`${selectorText(parsed)}\``, hint };
}

function unknownText(
  variants: readonly VariantFacts[],
  text: string,
): { readonly message: string; readonly hint: string } {
  const axes = axesWith(variants, text);
  if (axes.length > 1) {
    const hint = `say which: ${axes.map((name) => `\`${name}=${text}\``).join(" or ")}`;
    return { message: `\`${text}\` is a value of ${ticked(axes)}`, hint };
  }
  const labels = variants.map(({ label }) => label);
  const values = variants.flatMap((variant) =>
    namesOf([variant]).map((name) => valueText(factOf(variant, name))),
  );
  const close = nearest(text, [...new Set([...labels, ...values])]);
  const hint = close === null ? `variants: ${ticked(labels)}` : `did you mean \`${close}\`?`;
  return { message: `no variant is \`${text}\``, hint };
}

const mostListed = 6;

function ticked(list: readonly string[]): string {
  const shown = list.slice(0, mostListed).map((one) => `\`${one}\``);
  return [...shown, ...(list.length > mostListed ? [`${list.length - mostListed} more`] : [])].join(", ");
}

/** The keys in which some variants, not all, have a value that is written so; where there is none, those in which all do. */
function axesWith(variants: readonly VariantFacts[], text: string): readonly string[] {
  const wanted = new WrittenValue(text);
  const counts = namesOf(variants).map((name) => {
    const known = variants.filter(
      (variant) => factOf(variant, name) !== undefined && fits(variant, name, wanted),
    );
    return { name, count: known.length };
  });
  const found = counts.filter(({ count }) => count > 0);
  const telling = found.filter(({ count }) => count < variants.length);
  return (telling.length > 0 ? telling : found).map(({ name }) => name);
}

function fits(variant: VariantFacts, name: string, wanted: unknown): boolean {
  const value = factOf(variant, name);
  if (wanted instanceof WrittenValue) return textFits(variant, name, value, wanted.text);
  if (wanted === null || wanted === undefined) return value === undefined;
  if (value === undefined) return false;
  if (canonicalJson(value) === canonicalJson(wanted)) return true;
  if (typeof wanted !== "string") return false;
  const shown = labelValue(variant, name);
  // The label of a number is its digits: text is that number only where it was written as text.
  return shown !== canonicalJson(value) && (shown === wanted || shown === JSON.stringify(wanted));
}

function textFits(variant: VariantFacts, name: string, value: unknown, text: string): boolean {
  if (labelValue(variant, name) === text) return true;
  const read = readValue(text);
  if (value === undefined) return read === null;
  if (typeof value === "string") return value === text || (text.startsWith('"') && value === read);
  return canonicalJson(value) === canonicalJson(read);
}

function readValue(text: string): unknown {
  if (/^["[{]/.test(text)) {
    try {
      return JSON.parse(text);
    } catch {
      return text;
    }
  }
  return yamlScalar(text);
}

/** What a variant's label says of a key, as written; undefined where it does not name it. */
function labelValue({ label }: VariantFacts, name: string): string | undefined {
  return labelParts(label)?.find((part) => part.name === name)?.value;
}

function factOf({ promptId, provider, parameters }: VariantFacts, name: string): unknown {
  if (name === "prompt") return promptId;
  if (name === "provider") return provider;
  return Object.hasOwn(parameters, name) ? (parameters[name] ?? undefined) : undefined;
}

function namesOf(variants: readonly VariantFacts[]): readonly string[] {
  return [
    ...new Set(["prompt", "provider", ...variants.flatMap(({ parameters }) => Object.keys(parameters))]),
  ];
}

function restOf(variant: VariantFacts, against: VariantSelector): string {
  const facts = { ...variant.parameters, prompt: variant.promptId, provider: variant.provider };
  return canonicalJson(
    Object.fromEntries(Object.entries(facts).filter(([name]) => !Object.hasOwn(against, name))),
  );
}

function positions(
  variants: readonly VariantFacts[],
  test: (variant: VariantFacts) => boolean,
): readonly number[] {
  return variants.flatMap((variant, i) => (test(variant) ? [i] : []));
}
