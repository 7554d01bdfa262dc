import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { AttemptOutcome } from "../outcome/attempt.ts";
import type { AxisUse } from "../schedule/budget.ts";
import type { LaneChange, LaneSpec, LaneStatus } from "../schedule/lane.ts";
import type { AttemptCost } from "./attempt-cost.ts";

/** How much of a budget's time is used, in milliseconds over all sessions. */
export interface TimeUse {
  readonly usedMs: number;
  readonly limitMs: number;
}

/** What happens during a run, for whoever shows it. Events come in order, from one process. */
export type RunEvent =
  | { readonly kind: "checked"; readonly diagnostics: readonly Diagnostic[] }
  | {
      readonly kind: "planned";
      readonly directory: string;
      /** That are wanted on both sides; what both have in common counts once. */
      readonly requests: number;
      readonly variants: number;
      readonly rows: number;
      /** Answered in earlier sessions, on both sides. */
      readonly answered: number;
      readonly reused: number;
      /** The base that is sent together with the run; null without one. */
      readonly base: {
        readonly ref: string;
        readonly requests: number;
        /** Of those, the ones that the candidate asks for both. */
        readonly shared: number;
      } | null;
      readonly lanes: readonly (LaneSpec & { readonly requests: number; readonly answered: number })[];
    }
  | { readonly kind: "notice"; readonly message: string }
  | ({
      readonly kind: "attempt";
      readonly lane: string;
      readonly final: boolean;
      readonly outcome: AttemptOutcome;
    } & AttemptCost)
  /** How the lanes stand, now and then. */
  | {
      readonly kind: "lanes";
      readonly lanes: readonly (LaneStatus & {
        readonly lane: string;
        readonly left: number;
        /** Where its requests are, in words, for lanes that others ask: `5 000 in a batch, 1 200 done`. */
        readonly elsewhere?: string;
      })[];
      /** What the budget limits but time; empty for nothing. */
      readonly budget: readonly AxisUse[];
      /** Null where the budget says nothing of time. */
      readonly time: TimeUse | null;
    }
  | { readonly kind: "lane"; readonly lane: string; readonly change: LaneChange }
  /** A server refuses a variant as a whole: nothing more of it is sent. */
  | { readonly kind: "refused"; readonly variant: string; readonly reason: string }
  | { readonly kind: "stopping"; readonly reason: string; readonly inFlight: number }
  /** Suspected regressions are asked again: so many more trials of each row. */
  | {
      readonly kind: "confirming";
      /** Labels of the suspected variants. */
      readonly variants: readonly string[];
      readonly trials: number;
      /** Whether what they are compared with is asked again, too. */
      readonly bothSides: boolean;
    }
  /** The answers are there, and judges are asked about them. */
  | {
      readonly kind: "judging";
      readonly requests: number;
      readonly lanes: readonly (LaneSpec & { readonly requests: number })[];
    }
  | { readonly kind: "reporting" };

export type RunListener = (event: RunEvent) => void;
