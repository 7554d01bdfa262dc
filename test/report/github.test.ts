import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Summary } from "../../src/aggregate/summary-shape.ts";
import { annotations } from "../../src/report/github.ts";
import { stepSummary } from "../../src/report/step-summary.ts";
import { answered, choiceOf } from "../aggregate/results.ts";
import { gateOf, gates, judged, regression } from "./gate-sample.ts";
import { hostile, summaryOf } from "./sample.ts";

const plenty = 1_024 * 1_024;
const same = (file: string): string => file;

/** What the runner makes of a line: its command, or null where it is none. */
function read(line: string): {
  readonly command: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly message: string;
} | null {
  const [, command = "", written = "", message = ""] = /^::(\w+)(?: ([^\n]*?))?::(.*)$/s.exec(line) ?? [];
  if (command === "") return null;
  const decode = (text: string): string =>
    text
      .replace(/%0D/g, "\r")
      .replace(/%0A/g, "\n")
      .replace(/%3A/g, ":")
      .replace(/%2C/g, ",")
      .replace(/%25/g, "%");
  const properties = Object.fromEntries(
    written
      .split(",")
      .filter((one) => one !== "")
      .map((one) => {
        const at = one.indexOf("=");
        return [one.slice(0, at), decode(one.slice(at + 1))];
      }),
  );
  return { command, properties, message: decode(message) };
}

describe("annotations", () => {
  test("are errors for what failed or is invalid, warnings for the rest, at the prompt or else the gate", () => {
    expect(
      annotations(judged(gates, {}, ["the baseline is 40 days old"]), (file) => `evals/${file}`),
    ).toEqual([
      "::error file=evals/prompts/100%25%2C really%3A long.md,line=1,title=promptgrid%3A invalid%3A tokens::completion_tokens.mean of prompt=v2 is missing for 9 of 300 requests (3 %25), more than 2 %25",
      "::error file=evals/configs/triage.yaml,line=4,title=promptgrid%3A fail%3A pass_rate max_drop 5.0 points::pass_rate of prompt=v2 fell by 8.0 points [2.9, 13.1] from 0.958 to 0.878, no more than 5.0 points is allowed, p = 0.002",
      "::warning file=evals/configs/triage.yaml,line=12,title=promptgrid%3A inconclusive%3A pass_rate max_drop 5.0 points::pass_rate of prompt=v3, category=math & <logic> fell by 2.8 points [-3.4, 9.0] from 0.958 to 0.930; 40 rows can see a drop of 8.0 points (80 %25 power), the gate asks for 5.0 points; 70 rows more would settle it",
      "::warning title=promptgrid::the baseline is 40 days old",
    ]);
  });

  test("say what stopped a run, and nothing of one that passed", () => {
    expect(annotations(judged([], { status: "failed", reason: "the key\nwas refused" }), same)).toEqual([
      "::error title=promptgrid%3A failed::the run is failed: the key%0Awas refused",
    ]);
    expect(annotations(judged(gates.slice(0, 1)), same)).toEqual([]);
    expect(annotations(judged([]), same)).toEqual([]);
  });

  test("have no place where a gate of the command line judges several prompts", () => {
    const [line] = annotations(judged([gateOf({ place: null, prompt_place: null })]), same);
    expect(line).toMatch(/^::error title=/);
  });

  test("are at most eight, then one line that counts the others and says where they are", () => {
    const many = annotations(judged(Array.from({ length: 30 }, () => gateOf())), same);
    expect(many).toHaveLength(9);
    expect(many.at(-1)).toBe(
      "::error title=promptgrid::22 more: report.md, summary.json and junit.xml of run triage-20261122T080000Z have them all",
    );
    expect(annotations(judged(Array.from({ length: 8 }, () => gateOf())), same)).toHaveLength(8);
  });

  test("are one command each, give back what was said, and are never too long", () => {
    const anyText = fc.oneof(
      fc.string({ unit: "binary", maxLength: 100 }),
      fc.constantFrom(hostile, "\n::error::x", "%0A", "a,b:c%", "::"),
    );
    fc.assert(
      fc.property(anyText, anyText, anyText, fc.nat(5_000), (reason, gate, file, length) => {
        const long = reason + "%".repeat(length);
        const [line = ""] = annotations(
          judged([gateOf({ gate, reason: long, candidate: "v", prompt_place: { file, line: 3 } })]),
          same,
        );
        expect(line).not.toMatch(/[\r\n]/);
        expect(line.length).toBeLessThanOrEqual(4_096);
        const command = read(line);
        expect(command?.command).toBe("error");
        expect(command?.properties).toEqual({ file, line: "3", title: `promptgrid: fail: ${gate}` });
        const whole = long.startsWith("pass_rate ") ? `pass_rate of v${long.slice(9)}` : `v: ${long}`;
        if (command?.message !== whole) {
          expect(line.length).toBeGreaterThan(4_090);
          expect(whole.startsWith(command?.message.slice(0, -1) ?? "")).toBe(true);
        }
      }),
    );
  });
});

describe("the step summary", () => {
  const withFlips = (count: number): Summary =>
    judged(
      [
        gateOf({
          flipped: Array.from({ length: count }, (_, i) =>
            regression(`q${i}`, `before ${i} ${"word ".repeat(100)}`, `after ${i} ${hostile}`),
          ),
        }),
        ...gates,
      ],
      {},
      ["the baseline is 40 days old"],
    );

  test("byte for byte", async () => {
    await expect(stepSummary(judged(gates, {}, ["the baseline is 40 days old"]), plenty)).toMatchFileSnapshot(
      "golden/step-summary.md",
    );
  });

  test("says the verdict first, in one line", () => {
    const [title, , verdict] = stepSummary(judged(), plenty).split("\n");
    expect(title).toBe("## triage");
    expect(verdict).toMatch(/^\*\*invalid\*\*: completion\\_tokens\.mean of prompt=v2 is missing/);
  });

  test("has no verdict without gates", () => {
    expect(stepSummary(judged([]), plenty)).toMatch(/^## triage\n\n\| variant \|/);
  });

  test("shows the rows of gates that differ only in their limit once", () => {
    const flipped = [regression("q1", "yes", "no")];
    const twice = judged([
      gateOf({ flipped }),
      gateOf({ flipped, gate: "other", limit: { kind: "max_drop", value: 0.1 } }),
    ]);
    expect(stepSummary(twice, plenty).match(/<details>/g)).toHaveLength(1);
  });

  test("is never above its room, and closes what it opens", () => {
    const summary = withFlips(200);
    const whole = stepSummary(summary, plenty);
    fc.assert(
      fc.property(fc.integer({ min: -10, max: Buffer.byteLength(whole) + 10 }), (room) => {
        const text = stepSummary(summary, room);
        expect(Buffer.byteLength(text)).toBeLessThanOrEqual(Math.max(0, room));
        expect(text.match(/<details>/g)?.length).toBe(text.match(/<\/details>/g)?.length);
        if (text !== whole && text !== "") expect(text).toMatch(/left out| more /);
      }),
      { numRuns: 300 },
    );
  });

  test("of very many variants and gates stays short enough to be read", () => {
    const list = Array.from({ length: 400 }, (_, i) => gateOf({ candidate: `prompt=v${i}` }));
    const text = stepSummary(judged(list), plenty);
    expect(text).toContain("200 more gates");
    expect(Buffer.byteLength(text)).toBeLessThan(400_000);
  });

  test("makes no markup, mention, link or row of what models write", () => {
    const anyText = fc.oneof(fc.string({ unit: "binary", maxLength: 100 }), fc.constant(hostile));
    fc.assert(
      fc.property(anyText, anyText, (text, other) => {
        const make = (name: string, answer: string): string =>
          stepSummary(
            {
              ...summaryOf([answered(0, "r1", [choiceOf(true)])], { name }),
              gates: [gateOf({ reason: answer, candidate: name, flipped: [regression(name, answer, name)] })],
              verdict: "fail",
              warnings: [answer],
            },
            plenty,
          );
        const written = make(text, other);
        expect(written.split("\n")).toHaveLength(make("x", "y").split("\n").length);
        const own = written
          .replace(/<\/?details>|<\/?summary>|<br>/g, "")
          .replace(/\*not kept\*|\*empty\*/g, "");
        expect(own).not.toMatch(/(?<!\\)<|:\/\/|@\w|#\d/);
      }),
    );
  });
});
