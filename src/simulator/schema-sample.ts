import { sampleMatch } from "./regex-sample.ts";

type Schema = Readonly<Record<string, unknown>>;

const deepest = 12;

const formats: Readonly<Record<string, string>> = {
  date: "2025-01-31",
  time: "12:00:00Z",
  "date-time": "2025-01-31T12:00:00Z",
  email: "someone@example.com",
  uri: "https://example.com/",
  uuid: "00000000-0000-4000-8000-000000000000",
  ipv4: "192.0.2.1",
  duration: "PT1H",
};

/**
 * A small value that fits a JSON Schema: `const`, the first of `enum`, required properties only (all of them at the
 * top, so that there is something to see), lengths, bounds, `pattern`, common formats, the first of `anyOf` and
 * `oneOf`, `allOf` laid together, local `$ref`. `text` is what free strings say. Schemas beyond that may get a value
 * that does not fit.
 */
export function sampleOfSchema(schema: unknown, text: string): unknown {
  return sample(schema, { root: schema, text }, 0);
}

interface Context {
  readonly root: unknown;
  readonly text: string;
}

function sample(node: unknown, context: Context, depth: number): unknown {
  const schema = resolve(node, context.root);
  if (schema === null || depth > deepest) return null;
  if ("const" in schema) return schema.const;
  const { enum: values, default: preset } = schema;
  if (Array.isArray(values) && values.length > 0) return values[0];
  if (preset !== undefined) return preset;
  switch (typeOf(schema)) {
    case "object":
      return sampleObject(schema, context, depth);
    case "array": {
      const fixed = Array.isArray(schema.prefixItems) ? schema.prefixItems : [];
      const length = Math.max(
        number(schema.minItems) ?? Math.min(1, number(schema.maxItems) ?? 1),
        fixed.length,
      );
      return Array.from({ length }, (_, index) =>
        sample(fixed[index] ?? schema.items ?? {}, context, depth + 1),
      );
    }
    case "integer":
    case "number":
      return sampleNumber(schema);
    case "boolean":
      return true;
    case "null":
      return null;
    default:
      return sampleString(schema, context.text);
  }
}

function sampleObject(schema: Schema, context: Context, depth: number): unknown {
  const properties = record(schema.properties) ?? {};
  const required = Array.isArray(schema.required) ? schema.required.map(String) : [];
  const names = depth === 0 ? [...new Set([...Object.keys(properties), ...required])] : required;
  return Object.fromEntries(names.map((name) => [name, sample(properties[name] ?? {}, context, depth + 1)]));
}

function sampleNumber(schema: Schema): number {
  const step = number(schema.multipleOf) ?? 1;
  const above = number(schema.exclusiveMinimum);
  const low =
    number(schema.minimum) ?? (above === null ? null : above + (typeOf(schema) === "integer" ? 1 : 0.5));
  const below = number(schema.exclusiveMaximum);
  const high =
    number(schema.maximum) ?? (below === null ? null : below - (typeOf(schema) === "integer" ? 1 : 0.5));
  const wanted = low !== null && low > 1 ? low : high !== null && high < 1 ? (low ?? high) : 1;
  if (typeOf(schema) !== "integer" && schema.multipleOf === undefined) return wanted;
  return Math.ceil(wanted / step) * step;
}

function sampleString(schema: Schema, text: string): string {
  const pattern = schema.pattern;
  const matched = typeof pattern === "string" ? sampleMatch(pattern, "u") : null;
  if (matched !== null) return matched;
  const format = schema.format;
  if (typeof format === "string" && Object.hasOwn(formats, format)) return formats[format] ?? text;
  const least = number(schema.minLength) ?? 0;
  const most = number(schema.maxLength) ?? Math.max(least, text.length);
  return text.padEnd(least, "a").slice(0, most);
}

function typeOf(schema: Schema): string {
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  if (typeof type === "string") return type;
  if ("properties" in schema) return "object";
  return "items" in schema || "prefixItems" in schema ? "array" : "string";
}

/** Follows local references and combines what stands beside each other. */
function resolve(node: unknown, root: unknown): Schema | null {
  let schema = record(node);
  for (let step = 0; schema !== null && step < deepest; step++) {
    const { $ref, allOf, anyOf, oneOf, ...rest } = schema;
    const alternatives = anyOf ?? oneOf;
    if (typeof $ref === "string") schema = record({ ...record(pointer(root, $ref)), ...rest });
    else if (Array.isArray(allOf)) schema = merge([rest, ...allOf.map((part) => resolve(part, root))]);
    else if (Array.isArray(alternatives)) schema = merge([rest, record(alternatives[0])]);
    else return schema;
  }
  return schema;
}

function merge(parts: readonly (Schema | null)[]): Schema {
  const merged: Record<string, unknown> = {};
  const required: unknown[] = [];
  const properties: Record<string, unknown> = {};
  for (const part of parts) {
    Object.assign(merged, part);
    Object.assign(properties, record(part?.properties));
    if (Array.isArray(part?.required)) required.push(...part.required);
  }
  if (required.length > 0) merged.required = required;
  if (Object.keys(properties).length > 0) merged.properties = properties;
  return merged;
}

/** The place a local reference (`#/$defs/x`) points to; RFC 6901. */
function pointer(root: unknown, reference: string): unknown {
  if (!reference.startsWith("#")) return null;
  const names = reference.slice(1).split("/").slice(1);
  return names.reduce<unknown>(
    (node, name) =>
      Array.isArray(node)
        ? node[Number(name)]
        : record(node)?.[decodeURIComponent(name).replaceAll("~1", "/").replaceAll("~0", "~")],
    root,
  );
}

function record(value: unknown): Schema | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Schema) : null;
}

function number(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}
