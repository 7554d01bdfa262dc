import { type Element, parseXml } from "./strict-xml.ts";

interface Shape {
  readonly required: readonly string[];
  readonly optional: readonly string[];
  readonly children: readonly string[];
}

/** What junit-10.xsd of Jenkins' xUnit plugin allows of the elements that we write. */
const shapes: Readonly<Record<string, Shape>> = {
  testsuites: {
    required: [],
    optional: ["name", "time", "tests", "failures", "errors"],
    children: ["testsuite"],
  },
  testsuite: {
    required: ["name", "tests", "failures", "errors"],
    optional: [
      "group",
      "time",
      "skipped",
      "timestamp",
      "hostname",
      "id",
      "package",
      "file",
      "log",
      "url",
      "version",
    ],
    children: ["testsuite", "properties", "testcase", "system-out", "system-err"],
  },
  testcase: {
    required: ["name"],
    optional: ["time", "classname", "group"],
    children: ["skipped", "error", "failure", "system-out", "system-err"],
  },
  failure: { required: [], optional: ["type", "message"], children: [] },
  error: { required: [], optional: ["type", "message"], children: [] },
  skipped: { required: [], optional: ["type", "message"], children: [] },
  "system-out": { required: [], optional: [], children: [] },
};
const time = /^(([0-9]{0,3},)*[0-9]{3}|[0-9]{0,3})*(\.[0-9]{0,3})?$/;

/**
 * Everything that some reader would not take, in words: Jenkins' schema, GitLab (a second case of the same class and name
 * is ignored; 30 MB), dorny/test-reporter (names must exist, one failure a case), and counts that are not those of the cases.
 */
export function junitProblems(document: string): readonly string[] {
  const problems: string[] = [];
  if (Buffer.byteLength(document) >= 30_000_000) problems.push("30 MB or more");
  const root = parseXml(document);
  if (root.name !== "testsuites") problems.push(`root ${root.name}`);
  const seen = new Set<string>();
  const visit = (element: Element): void => {
    const shape = shapes[element.name];
    if (shape === undefined) return void problems.push(`element ${element.name}`);
    const names = Object.keys(element.attributes);
    for (const name of shape.required)
      if (!names.includes(name)) problems.push(`${element.name} without ${name}`);
    for (const name of names)
      if (![...shape.required, ...shape.optional].includes(name))
        problems.push(`${element.name} with ${name}`);
    for (const child of element.children)
      if (!shape.children.includes(child.name)) problems.push(`${child.name} in ${element.name}`);
    if (element.attributes.time !== undefined && !time.test(element.attributes.time))
      problems.push(`time ${element.attributes.time}`);
    if (shape.children.length > 0 && element.text.trim() !== "") problems.push(`text in ${element.name}`);
    if (element.name === "testcase") problems.push(...caseProblems(element, seen));
    if (element.name !== "testcase" && shape.children.length > 0) problems.push(...countProblems(element));
    element.children.forEach(visit);
  };
  visit(root);
  return problems;
}

function caseProblems({ attributes, children }: Element, seen: Set<string>): readonly string[] {
  const key = JSON.stringify([attributes.classname, attributes.name]);
  const ends = children.filter(({ name }) => name !== "system-out");
  const problems = [
    ...(seen.has(key) ? [`twice: ${key}`] : []),
    ...((attributes.name ?? "").trim() === "" ? ["a case without a name"] : []),
    ...(ends.length > 1 ? [`more than one end: ${key}`] : []),
  ];
  seen.add(key);
  return problems;
}

function countProblems(element: Element): readonly string[] {
  const cases = casesOf(element);
  const counts: Readonly<Record<string, number>> = {
    tests: cases.length,
    failures: cases.filter((one) => outcomeOf(one) === "failure").length,
    errors: cases.filter((one) => outcomeOf(one) === "error").length,
    skipped: cases.filter((one) => outcomeOf(one) === "skipped").length,
  };
  return Object.entries(counts).flatMap(([name, count]) => {
    const stated = element.attributes[name];
    return stated === undefined || stated === String(count) ? [] : [`${name} is ${stated}, not ${count}`];
  });
}

/** The cases of a suite, or of all. */
export function casesOf(element: Element): readonly Element[] {
  return element.children.flatMap((child) => (child.name === "testcase" ? [child] : casesOf(child)));
}

/** How a case ended: `passed`, `failure`, `error` or `skipped`. */
export function outcomeOf(testcase: Element): string {
  return testcase.children.find(({ name }) => name !== "system-out")?.name ?? "passed";
}
