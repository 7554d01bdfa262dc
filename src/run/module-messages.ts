/** What the thread of a module is told: a call, by number. */
export interface ToModule {
  readonly call: number;
  readonly input: unknown;
}

/** What the thread of a module tells: that it is ready or cannot be, and what came of a call. */
export type FromModule =
  | { readonly kind: "ready" }
  | { readonly kind: "unusable"; readonly message: string; readonly stack: string | null }
  | { readonly kind: "returned"; readonly call: number; readonly result: unknown }
  | {
      readonly kind: "threw";
      readonly call: number;
      readonly message: string;
      readonly stack: string | null;
    };
