// Prints the count of the last `npm test`, in the form CI reads: `tests: N passed, N failed`.
import { readFileSync } from "node:fs";

const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(
  readFileSync("coverage/tests.json", "utf8"),
);
const skipped = numPendingTests > 0 ? `, ${numPendingTests} skipped` : "";
console.log(`tests: ${numPassedTests} passed, ${numFailedTests} failed${skipped}`);
