import { assumedLatency } from "../cost/estimate.ts";
import type { CompletionBasis } from "../cost/estimate-evidence.ts";
import type { RunEstimate } from "../cost/estimate-shape.ts";
import { assumedAnswerTokens, assumedThinkingTokens } from "../cost/expected-completion.ts";
import { costWords, countWords, plural } from "./number-words.ts";

/** What the numbers rest on, warnings first, one sentence each. */
export function estimateNotes(estimate: RunEstimate): readonly string[] {
  const { warnings } = estimate;
  const longest = 20;
  const more = warnings.length - longest;
  return [
    ...warnings.slice(0, longest).map((warning) => `warning: ${warning}`),
    ...(more > 0 ? [`${plural(more, "warning")} more`] : []),
    ...judgingNotes(estimate),
    promptNote(estimate),
    ...mediaNotes(estimate),
    ...completionNotes(estimate),
    ...limitNotes(estimate),
    ...priceNotes(estimate),
    ...timeNotes(estimate),
    ...batchNotes(estimate),
    "failed attempts that are charged, and retries, are not in these numbers",
  ];
}

function judgingNotes({ judging }: RunEstimate): readonly string[] {
  return judging.map(({ provider, model, verdicts, prompt_tokens: tokens, cost }) => {
    const price = cost === null ? "at an unknown price" : `about ${costWords({ ...cost, complete: true })}`;
    return `judging comes on top: at most ${plural(verdicts, "verdict")} by ${provider}/${model}, about ${countWords(tokens)} prompt tokens, ${price}`;
  });
}

function promptNote({ variants, assumptions }: RunEstimate): string {
  const sampled = variants.filter((variant) => variant.rows_counted < variant.rows);
  const rows = Math.max(...sampled.map((variant) => variant.rows_counted));
  const most = Math.max(...sampled.map((variant) => variant.rows));
  const how =
    sampled.length === 0
      ? "counted on every row"
      : `counted on a seeded sample of ${countWords(rows)} of ${countWords(most)} rows, and scaled (± ${errorWords(sampled)} %), the worst case as well`;
  const factors = Object.entries(assumptions.calibration)
    .map(([model, factor]) => ({ model, factor: factor.toFixed(3) }))
    .filter(({ factor }) => factor !== "1.000")
    .map(({ model, factor }) => `${model} × ${factor}`);
  return factors.length === 0
    ? `prompt tokens: ${how}`
    : `prompt tokens: ${how}; brought to the counts of ${assumptions.from ?? ""}: ${listed(factors)}`;
}

function errorWords(variants: RunEstimate["variants"]): string {
  return Math.max(0.1, ...variants.map((variant) => 100 * variant.prompt_error)).toFixed(1);
}

const basisWords: Readonly<Record<Exclude<CompletionBasis, "assumed">, string>> = {
  variant: "the mean of the same variant",
  prompt_and_model: "the mean of the same prompt and model",
  model: "the mean of the same model",
  prompt: "the mean of the same prompt",
};

function mediaNotes({ assumptions }: RunEstimate): readonly string[] {
  const { media_prompts: count } = assumptions;
  return count === 0
    ? []
    : [`${plural(count, "prompt")} counted with images or the like, whose tokens are a rough guess`];
}

function completionNotes({ variants, assumptions }: RunEstimate): readonly string[] {
  const from = assumptions.from ?? "";
  const notes = (Object.keys(basisWords) as (keyof typeof basisWords)[]).flatMap((basis) => {
    const count = variants.filter((variant) => variant.completion_basis === basis).length;
    return count === 0
      ? []
      : [
          `completion tokens of ${plural(count, "variant")}: ${basisWords[basis]} in ${from}, ${answersWords(variants.filter((variant) => variant.completion_basis === basis))}`,
        ];
  });
  const assumed = variants.filter((variant) => variant.completion_basis === "assumed").length;
  if (assumed > 0) {
    const way =
      assumptions.from === null
        ? "`--from RUN` takes them from an earlier run"
        : `${from} has neither their model nor their prompt`;
    notes.push(
      `completion tokens of ${plural(assumed, "variant")}: assumed, ${assumedAnswerTokens} an answer and ${countWords(assumedThinkingTokens)} of thinking where the parameters turn it on (a model that thinks by itself answers at many times that length), or \`max_tokens\` where that is less; ${way}`,
    );
  }
  const cut = variants.filter((variant) => (variant.cut_share ?? 0) > cutWorthSaying);
  if (cut.length > 0)
    notes.push(
      `${from} cut answers of ${plural(cut.length, "variant")} off at its limit (up to ${Math.round(100 * Math.max(...cut.map(({ cut_share: share }) => share ?? 0)))} %): with a higher one they are longer`,
    );
  if (assumptions.from_simulated)
    notes.push(`${from} has simulated answers: a real model answers at another length`);
  return notes;
}

/** `20 answers each`, `3 to 20 answers each`. */
function answersWords(variants: RunEstimate["variants"]): string {
  const counts = variants.map((variant) => variant.evidence_requests);
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  return least === most
    ? `${plural(most, "answer")} each`
    : `${countWords(least)} to ${plural(most, "answer")} each`;
}

function limitNotes({ variants }: RunEstimate): readonly string[] {
  const unlimited = variants.filter((variant) => variant.completion_tokens.worst === null).length;
  return unlimited === 0
    ? []
    : [
        `no worst case for ${plural(unlimited, "variant")}: without \`max_tokens\`, with thinking that no \`thinking_budget\` limits, or with earlier answers beyond both`,
      ];
}

function priceNotes({ prices, assumptions, variants }: RunEstimate): readonly string[] {
  const { unpriced, simulated } = assumptions;
  const isOf = (name: string, provider: string): boolean => name.startsWith(`${provider}/`);
  const dates = [...new Set(prices.flatMap(({ as_of }) => as_of ?? []))].sort();
  const undated = [...new Set(prices.flatMap(({ as_of, source }) => (as_of === null ? [source] : [])))];
  const notes: string[] = [];
  if (prices.length > 0) notes.push(`a million tokens in and out: ${listed(prices.map(rateWords))}`);
  if (dates.length > 0)
    notes.push(`prices as of ${dates.length === 1 ? dates[0] : `${dates[0]} to ${dates.at(-1)}`}`);
  if (undated.length > 0) notes.push(`prices without a date, from ${listed(undated)}`);
  const real = unpriced.filter((name) => !simulated.some((provider) => isOf(name, provider)));
  if (real.length > 0)
    notes.push(
      `no price is known for ${listed(real)}: not counted as 0; \`prices\` of the matrix states one`,
    );
  if (simulated.length > 0) {
    const all = variants.every(({ provider }) => simulated.includes(provider));
    notes.push(`simulated answers (provider ${listed(simulated)})${all ? ": no real model is asked" : ""}`);
  }
  const mixed = variants.filter(
    ({ cost, provider }) => cost === null && !unpriced.some((name) => isOf(name, provider)),
  );
  if (mixed.length > 0)
    notes.push(
      `the requests of ${plural(mixed.length, "variant")} have prices in several currencies, which are never converted`,
    );
  return notes;
}

/** `Qwen/Qwen3-32B 1 and 4 CNY`; of prices by the length of the prompt the first. */
function rateWords({ model, currency, tiers }: RunEstimate["prices"][number]): string {
  const [first] = tiers;
  const longer = tiers.length > 1 ? `, more above ${countWords(first?.up_to ?? null)}` : "";
  return `${model} ${first?.input ?? 0} and ${first?.output ?? 0} ${currency}${longer}`;
}

function batchNotes({ assumptions }: RunEstimate): readonly string[] {
  return assumptions.batch
    ? [
        "in batches, at the prices of the batch API; the time is that of asking directly, and theirs is up to a day",
      ]
    : [];
}

function timeNotes({ assumptions }: RunEstimate): readonly string[] {
  if (!assumptions.assumed_latency) return [];
  const { firstSeconds, secondsPerToken } = assumedLatency;
  return [
    `times of requests are assumed: ${firstSeconds} s and ${secondsPerToken * 1_000} ms a token of the answer`,
  ];
}

/** Share of cut answers that makes the mean of the others' length doubtful. */
const cutWorthSaying = 0.05;
const mostNamed = 5;

function listed(names: readonly string[]): string {
  const more = names.length - mostNamed;
  return `${names.slice(0, mostNamed).join(", ")}${more > 0 ? ` and ${countWords(more)} more` : ""}`;
}
