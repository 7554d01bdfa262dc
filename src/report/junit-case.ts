import { byteCount } from "./cut-bytes.ts";
import { legalText, xmlAttribute, xmlAttributes, xmlText } from "./xml.ts";

/** How a test case ended. `failure`: an assertion said no; `error`: it could not be made; `skipped`: it was not. */
export type JunitOutcome = "passed" | "failure" | "error" | "skipped";

export interface JunitCase {
  readonly classname: string;
  /** Unique within its class: GitLab ignores a second case of the same class and name. */
  readonly name: string;
  readonly seconds: number;
  readonly outcome: JunitOutcome;
  /** Verdict or kind of failure; unused for a case that passed. */
  readonly type: string;
  /** One short line; unused for a case that passed. */
  readonly message: string;
  /** Everything there is to say; may be empty. */
  readonly text: string;
}

/** How many cases of a suite ended how. */
export interface JunitCounts {
  readonly tests: number;
  readonly failures: number;
  readonly errors: number;
  readonly skipped: number;
}

/** Bytes that one case may take besides its text: its tags and attributes. */
export const mostCaseBytes = 1_000;
/** Bytes of the text of one case, where there is room for so many. */
export const mostTextBytes = 10_000;

/** Bytes of a name, as it is escaped. */
const nameBytes = 180;
const typeBytes = 80;
const messageBytes = 240;

/** A `testcase` on lines of its own, its text cut to so many bytes. Nothing in it that Jenkins' schema does not have. */
export function renderCase(one: JunitCase, textBytes: number): string {
  const head = `    <testcase classname="${short(one.classname)}" name="${short(one.name)}" time="${one.seconds.toFixed(3)}"`;
  const text = xmlText(one.text, textBytes);
  if (one.outcome === "passed")
    return text === ""
      ? `${head}/>\n`
      : `${head}>\n      <system-out>${text}</system-out>\n    </testcase>\n`;
  const message = xmlAttribute(one.message.replace(/\s+/g, " "), messageBytes);
  const type = xmlAttribute(one.type, typeBytes);
  return `${head}>\n      <${one.outcome} type="${type}" message="${message}">${text}</${one.outcome}>\n    </testcase>\n`;
}

/** Whether a name stands in the file as it is: nothing in it is cut or taken out. */
export function isKept(name: string): boolean {
  return legalText(name) === name && byteCount(xmlAttribute(name)) <= nameBytes;
}

/** The name as the file will have it, with a number where it is taken already; it is then taken, too. */
export function uniqueName(wanted: string, taken: Set<string>): string {
  let base = "";
  let bytes = 0;
  for (const character of legalText(wanted).replace(/\s+/g, " ")) {
    bytes += byteCount(xmlAttribute(character));
    if (bytes > nameBytes - roomForNumber) break;
    base += character;
  }
  let name = base;
  for (let i = 2; taken.has(name); i++) name = `${base} (${i})`;
  taken.add(name);
  return name;
}

/** Bytes of the longest number that a name may get. */
const roomForNumber = 8;

/** The start tag of a suite. Seconds of null are left out. */
export function openSuite(
  name: string,
  { tests, failures, errors, skipped }: JunitCounts,
  times: { readonly seconds: number | null; readonly timestamp: string | null },
): string {
  return `  <testsuite${xmlAttributes({
    name,
    tests,
    failures,
    errors,
    skipped,
    time: times.seconds === null ? null : times.seconds.toFixed(3),
    timestamp: times.timestamp,
  })}>\n`;
}

/** What stands before the first suite. */
export function openSuites(name: string, { tests, failures, errors }: JunitCounts, seconds: number): string {
  const attributes = xmlAttributes({ name, tests, failures, errors, time: seconds.toFixed(3) });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites${attributes}>\n`;
}

/** The counts of some suites together. */
export function sumCounts(suites: readonly JunitCounts[]): JunitCounts {
  const sum = (of: (counts: JunitCounts) => number): number =>
    suites.reduce((total, suite) => total + of(suite), 0);
  return {
    tests: sum(({ tests }) => tests),
    failures: sum(({ failures }) => failures),
    errors: sum(({ errors }) => errors),
    skipped: sum(({ skipped }) => skipped),
  };
}

/** The counts of a list of cases. */
export function countCases(cases: readonly Pick<JunitCase, "outcome">[]): JunitCounts {
  const of = (outcome: JunitOutcome): number => cases.filter((one) => one.outcome === outcome).length;
  return { tests: cases.length, failures: of("failure"), errors: of("error"), skipped: of("skipped") };
}

function short(text: string): string {
  return xmlAttribute(text, nameBytes);
}
