import type { Diagnostic, Place, Severity } from "../diagnostics/diagnostic.ts";

const most = 20;

/** What is said about a finding besides its code and message. */
export interface FindingDetails {
  readonly hint?: string;
  readonly place?: Place;
  readonly related?: Place;
}

/** Findings of one file as they are met: the first 20 of each severity are kept, the others counted. */
export class Findings {
  readonly #kept: Diagnostic[] = [];
  readonly #left = new Map<Severity, { readonly first: Diagnostic; readonly count: number }>();
  readonly #met = new Map<Severity, number>();

  /** Adds an error. `name` is the second half of the code `dataset/name`. */
  error(name: string, message: string, details: FindingDetails = {}): void {
    this.add({ code: `dataset/${name}`, severity: "error", message, ...details });
  }

  /** Adds a warning. `name` is the second half of the code `dataset/name`. */
  warning(name: string, message: string, details: FindingDetails = {}): void {
    this.add({ code: `dataset/${name}`, severity: "warning", message, ...details });
  }

  add(diagnostic: Diagnostic): void {
    const met = (this.#met.get(diagnostic.severity) ?? 0) + 1;
    this.#met.set(diagnostic.severity, met);
    if (met <= most) this.#kept.push(diagnostic);
    else
      this.#left.set(diagnostic.severity, {
        first: this.#left.get(diagnostic.severity)?.first ?? diagnostic,
        count: met - most,
      });
  }

  /** Whether an error was met. */
  get failed(): boolean {
    return this.#met.has("error");
  }

  /** The findings in the order they were met, then "and N more" (where the first of them stands) for each severity. */
  list(): readonly Diagnostic[] {
    const more = [...this.#left].map(([severity, { first, count }]): Diagnostic => {
      const message = `and ${count} more ${severity}${count === 1 ? "" : "s"} from here on`;
      return {
        code: "dataset/more",
        severity,
        message,
        ...(first.place === undefined ? {} : { place: first.place }),
      };
    });
    return [...this.#kept, ...more];
  }
}
