import { createRequire } from "node:module";
import type { Ajv, Options, ValidateFunction } from "ajv";
import { patternOf } from "./pattern.ts";

const require = createRequire(import.meta.url);

/**
 * Compiles a JSON Schema by its own dialect (draft 2020-12 where it names none), with formats asserted and patterns that
 * end. Throws for a schema that does not compile; nothing is fetched, so a reference to elsewhere does not.
 */
export function compileSchema(schema: object | boolean): ValidateFunction {
  const options: Options = {
    strict: false,
    allErrors: true,
    logger: false,
    code: { regExp: Object.assign(boundedRegExp, { code: "boundedRegExp" }) },
  };
  const dialect = typeof schema === "object" ? String((schema as { $schema?: unknown }).$schema ?? "") : "";
  const ajv = newAjv(dialect, options);
  // Loaded when a schema is, which few runs have.
  (require("ajv-formats") as { readonly default: (ajv: Ajv) => void }).default(ajv);
  return ajv.compile(schema);
}

function newAjv(dialect: string, options: Options): Ajv {
  const load = (name: string): Ajv => {
    const { default: Class } = require(name) as { readonly default: new (options: Options) => Ajv };
    return new Class(options);
  };
  if (dialect === "" || dialect.includes("2020-12")) return load("ajv/dist/2020");
  if (dialect.includes("2019-09")) return load("ajv/dist/2019");
  if (/draft-0[67]/.test(dialect)) return load("ajv");
  throw new Error(`the dialect ${dialect} is not known: 2020-12, 2019-09 and draft-07 are`);
}

/** What the validator takes for a regular expression. */
function boundedRegExp(pattern: string, flags: string): { test(text: string): boolean } {
  return patternOf(pattern, flags);
}
