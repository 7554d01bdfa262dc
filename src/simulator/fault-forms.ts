import type { FailureKind } from "../outcome/failure.ts";
import { faultRefusals } from "./fault-refusals.ts";
import type { FaultKind, FormFault, RefusalFault, SilentFault } from "./faults.ts";
import { plainForm, type WireForm } from "./wire-form.ts";

/** What a client must make of a struck exchange: `ok` for an answer, else the kind of the failure. */
export type FaultOutcome = FailureKind | "ok";

/** What a fault that concerns the answer's form comes to. */
export interface FormRow {
  readonly streamed: FaultOutcome;
  readonly unstreamed: FaultOutcome;
  /** How the answer is written; the usual way unless stated. */
  readonly form?: WireForm;
}

const good = { streamed: "ok", unstreamed: "ok" } as const;
const bad = { streamed: "bad_response", unstreamed: "bad_response" } as const;

/** The faults of the answer's form. */
export const faultForms: Readonly<Record<FormFault, FormRow>> = {
  truncate: { streamed: "truncated_stream", unstreamed: "network" },
  "reset-stream": { streamed: "truncated_stream", unstreamed: "network" },
  "error-stream": { streamed: "overloaded", unstreamed: "overloaded" },
  malformed: bad,
  empty: bad,
  huge: bad,
  slow: good,
  drip: good,
  crlf: good,
  gzip: good,
  "no-content-type": { ...good, form: { ...plainForm, contentType: false } },
  "json-for-stream": good,
  "stream-for-json": good,
  "no-done": { ...good, form: { ...plainForm, done: false } },
  "no-usage": { ...good, form: { ...plainForm, usage: "none" } },
  "last-usage": { ...good, form: { ...plainForm, usage: "last" } },
  "thinking-only": good,
  eos: { ...good, form: { ...plainForm, unfinished: "" } },
};

const silences: Readonly<Record<SilentFault, FailureKind>> = { reset: "network", hang: "timeout" };

/** Whether a fault is a whole answer of its own. */
export function isRefusalFault(kind: FaultKind): kind is RefusalFault {
  return Object.hasOwn(faultRefusals, kind);
}

/** Whether a fault is the absence of an answer. */
export function isSilentFault(kind: FaultKind): kind is SilentFault {
  return Object.hasOwn(silences, kind);
}

/**
 * What promptgrid reports for a request that a fault strikes, retries aside; `stream` says whether the request asks for
 * a stream. `hang` is a time-out only for a client that has a limit.
 */
export function faultOutcome(kind: FaultKind, stream: boolean): FaultOutcome {
  if (isRefusalFault(kind)) return faultRefusals[kind].expect;
  if (isSilentFault(kind)) return silences[kind];
  return stream ? faultForms[kind].streamed : faultForms[kind].unstreamed;
}
