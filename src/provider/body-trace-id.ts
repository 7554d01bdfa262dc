import { isJsonObject, type JsonObject, textOrNull } from "./json-value.ts";
import { presets } from "./presets.ts";

/** Every place that a preset knows; read in all bodies, because gateways pass them on. */
const places: readonly (readonly string[])[] = [
  ...new Map(
    Object.values(presets).flatMap(({ traceIdInBody: place }) =>
      place === null ? [] : [[place.join("\n"), place] as const],
    ),
  ).values(),
];

/** The server's id of the exchange inside a body or a chunk of a stream; null without one. */
export function bodyTraceId(value: JsonObject): string | null {
  for (const place of places) {
    let found: unknown = value;
    for (const key of place) found = isJsonObject(found) ? found[key] : undefined;
    const id = textOrNull(found);
    if (id !== null) return id.slice(0, 200);
  }
  return null;
}
