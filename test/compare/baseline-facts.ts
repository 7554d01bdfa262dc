import type { BaselineFacts } from "../../src/compare/baseline-facts.ts";

/** What a complete run on an endpoint says of itself. */
export const runFacts: BaselineFacts = {
  runId: "run-1",
  runName: "triage",
  status: "complete",
  gitRevision: "0123456789abcdef0123456789abcdef01234567",
  promptgridVersion: "0.3.1",
  simulated: [],
  matrix: { file: "configs/triage.yaml", sha256: "a".repeat(64) },
  dataset: { file: "datasets/tickets.csv", sha256: "b".repeat(64) },
  pricesDate: null,
};
