import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { faultOutcome } from "../../src/simulator/fault-forms.ts";
import { faultRefusals } from "../../src/simulator/fault-refusals.ts";
import { formFaults, refusalFaults, silentFaults } from "../../src/simulator/faults.ts";
import type { Refusal } from "../../src/simulator/refusal.ts";

const docs = readFileSync(new URL("../../docs/simulator.md", import.meta.url), "utf8");

/** The rows of the table below a heading, as cells; without its head. */
function rowsBelow(heading: string): string[][] {
  const section = docs.split(/^(?=#)/m).find((part) => part.startsWith(`${heading}\n`)) ?? "";
  return section
    .split("\n")
    .filter((line) => line.startsWith("| `"))
    .map((line) => line.slice(2, -2).split(" | "));
}

function code(text: string): string {
  return text.includes("`") ? `\`\` ${text} \`\`` : `\`${text}\``;
}

function bodyCell({ body, contentType, headers = {} }: Refusal): string {
  const title = contentType === "text/html" ? /<title>(.*?)<\/title>/.exec(body)?.[1] : undefined;
  const written = title === undefined ? code(body) : `HTML page ${code(title)}`;
  const named = Object.entries(headers).map(([name, value]) => code(`${name}: ${value}`));
  return [written, ...named].join("<br>");
}

describe("docs/simulator.md", () => {
  it("lists every refusal with its status, bodies, headers and what promptgrid reports", () => {
    const expected = refusalFaults.map((kind) => {
      const { answers, expect: reported } = faultRefusals[kind];
      const bodies = answers.map(bodyCell).join("<br>or ");
      return [code(kind), String(answers[0].status), bodies, code(reported)];
    });
    expect(rowsBelow("### Refusals")).toEqual(expected);
  });

  it("lists every other fault with what promptgrid reports", () => {
    const rows = (kinds: readonly (typeof silentFaults | typeof formFaults)[number][]): string[][] =>
      kinds.map((kind) => [code(kind), code(faultOutcome(kind, true)), code(faultOutcome(kind, false))]);
    const isAnswer = (kind: (typeof formFaults)[number]): boolean =>
      faultOutcome(kind, true) === "ok" && faultOutcome(kind, false) === "ok";
    const broken = rowsBelow("### Broken exchanges");
    expect(broken.map(([kind, , streamed, unstreamed]) => [kind, streamed, unstreamed])).toEqual(
      rows([...silentFaults, ...formFaults.filter((kind) => !isAnswer(kind))]),
    );
    const answers = rowsBelow("### Answers in another form");
    expect(answers.map(([kind]) => kind)).toEqual(formFaults.filter(isAnswer).map(code));
    for (const [kind, what] of [...broken, ...answers]) expect(`${kind} ${what}`.length).toBeGreaterThan(25);
  });
});
