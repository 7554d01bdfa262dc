import type { Summary } from "../aggregate/summary-shape.ts";
import {
  countCases,
  type JunitCase,
  type JunitCounts,
  mostCaseBytes,
  mostTextBytes,
  openSuite,
  openSuites,
  renderCase,
} from "./junit-case.ts";
import { gateSuiteName, gatesLeftOut, type JunitOptions, junitGateCases } from "./junit-gates.ts";
import { xmlText } from "./xml.ts";

/** Bytes of the suite of gates: a third of the 30 MB that GitLab reads of a file. */
const mostGateBytes = 9_000_000;

/**
 * `junit.xml`: one case for the run as a whole and one for each gate, so that the file is green exactly where the gates
 * are: rows that fail under a gate that allows for them are no failures. Only what Jenkins' strict schema (junit-10.xsd),
 * GitLab and the common GitHub readers all understand.
 */
export function renderJunit(summary: Summary, options: JunitOptions): string {
  const suite = gateSuite(summary, options);
  return `${openSuites(summary.run.name, suite.counts, summary.totals.wall_seconds)}${suite.text}</testsuites>\n`;
}

/** The suite of gates with its counts. */
export interface GateSuite {
  readonly counts: JunitCounts;
  readonly text: string;
}

/** The suite that both forms of the file begin with. */
export function gateSuite(summary: Summary, options: JunitOptions): GateSuite {
  const cases = junitGateCases(summary, options);
  const counts = countCases(cases);
  const left = gatesLeftOut(summary);
  const text = [
    openSuite(gateSuiteName(summary), counts, {
      seconds: summary.totals.wall_seconds,
      timestamp: summary.run.started_at,
    }),
    ...renderCases(cases),
    ...(left === null ? [] : [`    <system-out>${xmlText(left)}</system-out>\n`]),
    "  </testsuite>\n",
  ];
  return { counts, text: text.join("") };
}

function renderCases(cases: readonly JunitCase[]): readonly string[] {
  const share = Math.floor(mostGateBytes / cases.length) - mostCaseBytes;
  return cases.map((one) => renderCase(one, Math.min(mostTextBytes, share)));
}
