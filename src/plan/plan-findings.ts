import type { Diagnostic, Place } from "../diagnostics/diagnostic.ts";

/** Problems of a plan as they are met. What is found again for another prompt or point is said once. */
export class PlanFindings {
  readonly #found = new Map<string, { readonly first: Diagnostic; again: number }>();

  add(diagnostic: Diagnostic): void {
    const key = `${diagnostic.code}\n${diagnostic.message}\n${placeKey(diagnostic.place)}`;
    if (!this.#found.has(key)) this.#found.set(key, { first: diagnostic, again: 0 });
  }

  /** Adds one of many pairs that may stand at the same two places; the pairs after the first are counted. */
  addPair(diagnostic: Diagnostic): void {
    const key = `${diagnostic.code}\n${placeKey(diagnostic.place)}\n${placeKey(diagnostic.related)}`;
    const known = this.#found.get(key);
    if (known === undefined) this.#found.set(key, { first: diagnostic, again: 0 });
    else known.again++;
  }

  /** The findings in the order they were met. */
  list(): readonly Diagnostic[] {
    return [...this.#found.values()].map(({ first, again }) =>
      again === 0
        ? first
        : { ...first, message: `${first.message} (and ${again} more pair${again === 1 ? "" : "s"})` },
    );
  }
}

function placeKey(place: Place | undefined): string {
  return place === undefined ? "" : `${place.file}:${place.line}:${place.column}`;
}
