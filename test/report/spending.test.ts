import { describe, expect, test } from "vitest";
import { LostTally } from "../../src/aggregate/lost-tally.ts";
import type { RequestResult } from "../../src/aggregate/result.ts";
import { createSummary, type SummaryFacts } from "../../src/aggregate/summary.ts";
import type { KeptEstimate, Summary } from "../../src/aggregate/summary-shape.ts";
import { estimateLine } from "../../src/report/kept-estimate-words.ts";
import { renderMarkdown } from "../../src/report/markdown.ts";
import { paidSums, paidWords, spendingNotes } from "../../src/report/spending-words.ts";
import { renderTable } from "../../src/report/table.ts";
import { columnOf } from "../../src/score/score-column.ts";
import {
  type AnsweredFacts,
  answered,
  choiceOf,
  failed,
  pending,
  run,
  scorerOf,
  variantOf,
} from "../aggregate/results.ts";

const variants = ["a", "b", "c"].map((model) => variantOf(model));

function summaryOf(results: readonly RequestResult[], facts: Partial<SummaryFacts> = {}): Summary {
  const builder = createSummary({
    run,
    wallSeconds: 10,
    clustered: false,
    scorers: [columnOf(scorerOf("correct"))],
    variants,
    ...facts,
  });
  for (const result of results) builder.add(result);
  return builder.finish();
}

function paid(variant: number, row: string, amount: number | null, rest: AnsweredFacts = {}): RequestResult {
  const cost = amount === null ? null : { amount, currency: "CNY" };
  return answered(variant, row, [choiceOf(row !== "wrong")], { cost, ...rest });
}

function lostOf(...attempts: readonly (readonly [amount: number | null, stated: boolean])[]): LostTally {
  const tally = new LostTally();
  for (const [amount, stated] of attempts)
    tally.add(amount === null ? null : { amount, currency: "CNY" }, stated);
  return tally;
}

describe("money in words", () => {
  test("says free for a certain 0, at least for an incomplete sum, and shows the smallest amounts", () => {
    const of = (amount: number, complete = true): string => paidWords({ amount, currency: "CNY", complete });
    expect([of(0), of(0, false), of(1.5), of(0.1234567, false), of(0.00000123), of(1e-9)]).toEqual([
      "free",
      "≥ 0.00 CNY",
      "1.50 CNY",
      "≥ 0.1235 CNY",
      "0.00000123 CNY",
      "0.000000001 CNY",
    ]);
    expect(paidWords(null)).toBe("–");
  });

  test("adds nothing across currencies, and leaves out what was free beside what was not", () => {
    const sum = (amount: number, currency: string): { amount: number; currency: string; complete: true } => ({
      amount,
      currency,
      complete: true,
    });
    expect(paidSums([])).toBeNull();
    expect(paidSums([sum(0, "CNY"), sum(0, "USD")])).toBe("free");
    expect(paidSums([sum(1.2, "CNY"), sum(0.31, "USD")])).toBe("1.20 CNY + 0.31 USD");
    expect(paidSums([sum(0, "CNY"), sum(0.31, "USD")])).toBe("0.31 USD");
  });
});

describe("notes on spending", () => {
  test("are none where there is nothing to say", () => {
    expect(spendingNotes(summaryOf([paid(0, "r1", 0.1), paid(1, "r1", null)]))).toEqual([]);
  });

  test("tell what reused answers are worth from what this run paid", () => {
    const results = [paid(0, "r1", 0.1), paid(0, "r2", 0.25, { reused: true })];
    const summary = summaryOf(results);
    expect(summary.totals.spent).toEqual({
      bought: [{ currency: "CNY", amount: 0.1, complete: true }],
      reused: [{ currency: "CNY", amount: 0.25, complete: true }],
      lost: { attempts: 0, known: 0, cost: [] },
    });
    expect(spendingNotes(summary)).toEqual(["reused answers are worth 0.25 CNY; this run paid 0.10 CNY"]);
    expect(spendingNotes(summaryOf(results.slice(1)))).toEqual([
      "reused answers are worth 0.25 CNY, which earlier runs paid",
    ]);
  });

  test.each<[string, LostTally, readonly string[]]>([
    [
      "with part of the cost known",
      lostOf([0.12, true], [null, false], [null, false]),
      ["3 attempts without an answer may have been billed: 0.12 CNY known"],
    ],
    [
      "with all of it known",
      lostOf([0.12, true]),
      ["1 attempt without an answer may have been billed: 0.12 CNY"],
    ],
    [
      "with none of it known",
      lostOf([null, true], [null, false]),
      ["2 attempts without an answer may have been billed; their cost is unknown"],
    ],
    ["of a free model", lostOf([0, false], [0, true]), []],
  ])("count attempts that brought nothing, %s", (_name, tally, expected) => {
    const summary = summaryOf([failed(0, "r1", "truncated_stream", "cut")], {
      lost: new Map([["id-a", tally]]),
    });
    expect(spendingNotes(summary)).toEqual(expected);
    expect(summary.variants.map((one) => one.lost_attempts)).toEqual([tally.attempts, 0, 0]);
  });

  test("do not count attempts on a simulated provider", () => {
    const lost = new Map([["id-a", lostOf([null, false])]]);
    const summary = summaryOf([], { lost, run: { ...run, simulated: ["lab"] } });
    expect(summary.totals.spent.lost.attempts).toBe(1);
    expect(spendingNotes(summary)).toEqual([]);
  });

  test("name cached and reasoning tokens, with a share where all requests told both", () => {
    const told = { promptTokens: 1_000, cachedTokens: 400, completionTokens: 50, reasoningTokens: 49 };
    expect(spendingNotes(summaryOf([paid(0, "r1", 1, { usage: told })]))).toEqual([
      "400 of 1 000 prompt tokens came out of a cache (40 %), 49 of 50 completion tokens were reasoning (98 %)",
    ]);
    const partly = [
      paid(0, "r1", 1, { usage: { ...told, reasoningTokens: 0 } }),
      paid(0, "r2", 1, { usage: { promptTokens: 10 } }),
    ];
    expect(spendingNotes(summaryOf(partly))).toEqual(["400 of 1 010 prompt tokens came out of a cache"]);
  });
});

const estimate: KeptEstimate = {
  made_at: "2026-11-22T07:59:00.000Z",
  from: "pilot",
  requests: 2,
  prompt_tokens: 1_000,
  completion_tokens: { expected: 200, worst: null },
  cost: [{ currency: "CNY", low: 0.5, expected: 1.2, worst: null, complete: true }],
};

describe("an estimate beside what came", () => {
  const usage = { promptTokens: 498, completionTokens: 120 };
  const whole = [paid(0, "r1", 0.5, { usage }), paid(0, "r2", 0.63, { usage })];

  test("is compared for a complete run", () => {
    expect(estimateLine(summaryOf(whole, { estimate }))).toBe(
      "estimated 1.20 CNY, cost 1.13 CNY (−6 %); prompt tokens −0.4 %, completion tokens +20 %",
    );
    expect(summaryOf(whole, { estimate }).estimate).toEqual(estimate);
  });

  test("is not compared with another plan than it was made for", () => {
    expect(estimateLine(summaryOf([...whole, paid(0, "r3", 1)], { estimate }))).toBe(
      "the estimate was for 2 requests, the run has 3: not compared",
    );
  });

  test("is not compared while requests are pending", () => {
    expect(
      estimateLine(summaryOf([...whole, pending(1, "r3")], { estimate: { ...estimate, requests: 3 } })),
    ).toBe("estimated 1.20 CNY for the whole run: not compared while 1 request of 3 is not asked");
  });

  test("says what is unknown, and which requests failed, instead of a difference that means nothing", () => {
    const results = [...whole, paid(0, "r3", null), failed(1, "r1", "server", "boom")];
    expect(estimateLine(summaryOf(results, { estimate: { ...estimate, requests: 4 } }))).toBe(
      "estimated 1.20 CNY, cost ≥ 1.13 CNY; 1 failed request not in it",
    );
    expect(estimateLine(summaryOf([paid(0, "r1", null)], { estimate: { ...estimate, requests: 1 } }))).toBe(
      "estimated 1.20 CNY, cost unknown",
    );
  });

  test("is no line without an estimate, or where nothing of it can be compared", () => {
    expect(estimateLine(summaryOf(whole))).toBeNull();
    const free = {
      ...estimate,
      requests: 1,
      cost: [{ currency: "CNY", low: 0, expected: 0, worst: 0, complete: true }],
    };
    expect(estimateLine(summaryOf([paid(0, "r1", 0)], { estimate: free }))).toBeNull();
  });
});

describe("the reports", () => {
  const usage = { promptTokens: 1_000, cachedTokens: 250, completionTokens: 80, reasoningTokens: 60 };
  const summary = summaryOf(
    [
      paid(0, "r1", 0.004, { usage }),
      paid(0, "wrong", 0.002, { usage, latencyMs: 200 }),
      paid(1, "r1", 0.0001, { usage, latencyMs: 900 }),
      paid(1, "wrong", 0.0001, { usage, latencyMs: 900 }),
      paid(2, "r1", null, { usage }),
      failed(2, "r2", "truncated_stream", "the stream broke off"),
    ],
    {
      estimate: { ...estimate, requests: 6 },
      lost: new Map([["id-c", lostOf([0.0003, true], [null, false])]]),
    },
  );

  test("show cost per request and per pass, tokens, what was lost, the estimate and the unbeaten variants", async () => {
    await expect(renderTable(summary, { width: null, color: false })).toMatchFileSnapshot(
      "golden/spending.txt",
    );
    await expect(renderTable(summary, { width: 80, color: false })).toMatchFileSnapshot(
      "golden/spending-80.txt",
    );
    await expect(renderMarkdown(summary)).toMatchFileSnapshot("golden/spending.md");
  });
});
