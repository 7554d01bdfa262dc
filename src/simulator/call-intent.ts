import type { Draw } from "./draw.ts";
import type { Tool } from "./request-parameters.ts";
import { sampleOfSchema } from "./schema-sample.ts";
import { otherValue } from "./wrong-answer.ts";

/** A call the model means to make. */
export interface CallIntent {
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

/**
 * The calls that satisfy an expected list of `{ name, arguments }` (or `{ name: arguments }`). A list of accepted
 * values stands for its first; `""` in it means "may be left out". Whether a list is such a list or the value itself
 * is decided by the tool's schema. Null when this is no list of calls.
 */
export function expectedCalls(expected: unknown, tools: readonly Tool[]): readonly CallIntent[] | null {
  const items = Array.isArray(expected) ? expected : [expected];
  const calls: CallIntent[] = [];
  for (const item of items) {
    const call = callOf(item);
    if (call === null) return null;
    const plain = call.name.replace(/[^A-Za-z0-9_-]/g, "_");
    const tool = tools.find(({ name }) => name === call.name) ?? tools.find(({ name }) => name === plain);
    const chosen = chooseFields(call.arguments, tool?.parameters ?? null);
    calls.push({ name: tool?.name ?? call.name, arguments: chosen });
  }
  return calls;
}

function callOf(item: unknown): CallIntent | null {
  const call = asRecord(item);
  if (call === null) return null;
  if (typeof call.name === "string") {
    const given = call.arguments ?? {};
    const fields = asRecord(typeof given === "string" ? parsed(given) : given);
    return fields === null ? null : { name: call.name, arguments: fields };
  }
  const [entry, ...others] = Object.entries(call);
  const fields = asRecord(entry?.[1]);
  return entry === undefined || others.length > 0 || fields === null
    ? null
    : { name: entry[0], arguments: fields };
}

function chooseFields(
  fields: Readonly<Record<string, unknown>>,
  schema: unknown,
): Readonly<Record<string, unknown>> {
  const properties = asRecord(asRecord(schema)?.properties);
  const chosen = Object.entries(fields).map(
    ([name, value]) => [name, choose(value, properties?.[name])] as const,
  );
  return Object.fromEntries(chosen.filter(([, value]) => value !== undefined));
}

/** The value to send for a field; undefined leaves it out. */
function choose(value: unknown, schema: unknown): unknown {
  if (!Array.isArray(value)) return nested(value, schema);
  const isList = asRecord(schema)?.type === "array";
  const accepted: readonly unknown[] = value.filter((item) => item !== "");
  if (isList && !accepted.some((item) => Array.isArray(item))) return value;
  return value.length === 0 ? value : nested(accepted[0], schema);
}

function nested(value: unknown, schema: unknown): unknown {
  const fields = asRecord(value);
  return fields === null ? value : chooseFields(fields, schema);
}

/** The same calls with one argument changed; null when there is nothing to change. */
export function otherCalls(calls: readonly CallIntent[], draw: Draw): readonly CallIntent[] | null {
  const open = calls.filter((call) => Object.keys(call.arguments).length > 0);
  if (open.length === 0) return null;
  const target = draw.pick(open);
  return calls.map((call) =>
    call === target
      ? { ...call, arguments: otherValue(call.arguments, draw) as CallIntent["arguments"] }
      : call,
  );
}

/** A call nobody asked for in particular: the named tool, or the one whose name shares most words with the prompt. */
export function anyCall(tools: readonly Tool[], choice: string, prompt: string): CallIntent | null {
  const text = prompt.toLowerCase();
  const shared = (tool: Tool): number =>
    tool.name.split(/[_-]/).filter((word) => word.length > 2 && text.includes(word.toLowerCase())).length;
  const best = tools.reduce<Tool | null>((chosen, tool) => {
    if (tool.name === choice) return tool;
    return chosen === null || (chosen.name !== choice && shared(tool) > shared(chosen)) ? tool : chosen;
  }, null);
  if (best === null) return null;
  const sample = asRecord(sampleOfSchema({ type: "object", ...best.parameters }, "simulated"));
  return { name: best.name, arguments: sample ?? {} };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> | null {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : null;
}
