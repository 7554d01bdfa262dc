/** The p values of one test against its three alternatives. */
export interface PValues {
  /** That there is a difference, whichever way. */
  readonly twoSided: number;
  /** That the true value is below 0, or the first sample below the second. */
  readonly less: number;
  /** That it is above. */
  readonly greater: number;
}
