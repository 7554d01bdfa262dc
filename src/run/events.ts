import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { AttemptOutcome } from "../outcome/attempt.ts";
import type { LaneChange, LaneSpec } from "../schedule/lane.ts";

/** What happens during a run, for whoever shows it. Events come in order, from one process. */
export type RunEvent =
  | { readonly kind: "checked"; readonly diagnostics: readonly Diagnostic[] }
  | {
      readonly kind: "planned";
      readonly directory: string;
      readonly requests: number;
      readonly variants: number;
      readonly rows: number;
      /** Answered in earlier sessions. */
      readonly answered: number;
      readonly reused: number;
      readonly lanes: readonly (LaneSpec & { readonly requests: number; readonly answered: number })[];
    }
  | { readonly kind: "notice"; readonly message: string }
  | {
      readonly kind: "attempt";
      readonly lane: string;
      readonly final: boolean;
      readonly outcome: AttemptOutcome;
    }
  | { readonly kind: "lane"; readonly lane: string; readonly change: LaneChange }
  | { readonly kind: "stopping"; readonly reason: string; readonly inFlight: number }
  | { readonly kind: "reporting" };

export type RunListener = (event: RunEvent) => void;
