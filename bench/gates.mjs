// How often gates are wrong, by simulation: `npm run bench:gates` (seeded, about a minute).
// Items as in real suites: 70 % nearly sure, 18 % at 0.85, 12 % at 0.45; both sides freshly sampled every time, a drop
// breaks whole items. Prints a table and exits 1 when a figure leaves its bounds.
import { parseArgs } from "node:util";
import { compareSeries } from "../dist/compare/compare-series.js";
import { defaultGate } from "../dist/compare/default-gate.js";
import { allFlips } from "../dist/compare/flips.js";
import { judgeGates } from "../dist/compare/judge-gates.js";
import { passRate } from "../dist/compare/metric.js";
import { wilsonInterval } from "../dist/stats/index.js";
import { seededRandom } from "../dist/system/seeded-random.js";

const { values } = parseArgs({
  options: { pairs: { type: "string", default: "2000" }, seed: { type: "string", default: "1" } },
});
const pairs = Number(values.pairs);

const mix = [
  [0.7, 0.99],
  [0.18, 0.85],
  [0.12, 0.45],
];
const meanRate = mix.reduce((sum, [share, rate]) => sum + share * rate, 0);

/** Items of a suite, drawn from the mix. */
function items(n, random) {
  return Float64Array.from({ length: n }, () => {
    let left = random();
    for (const [share, rate] of mix) {
      left -= share;
      if (left < 0) return rate;
    }
    return mix.at(-1)[1];
  });
}

/** The items with enough of them broken that the pass rate falls by `drop`. */
function broken(rates, drop, random) {
  const changed = rates.slice();
  let left = drop * rates.length;
  const order = Array.from(rates, (_, i) => [random(), i]).sort((a, b) => a[0] - b[0]);
  for (const [, i] of order) {
    if (left <= 0) break;
    const taken = Math.min(left, changed[i]);
    changed[i] -= taken;
    left -= taken;
  }
  return changed;
}

function sampled(rates, trials, random) {
  return rates.map((rate) => {
    let passed = 0;
    for (let k = 0; k < trials; k++) if (random() < rate) passed++;
    return passed / trials;
  });
}

function sideOf(name, means, trials) {
  const n = means.length;
  const counts = new Int32Array(n).fill(trials);
  return {
    name,
    startedAt: null,
    endedAt: null,
    rows: Array.from({ length: n }, (_, i) => ({ id: String(i), cluster: null })),
    rowOfId: new Map(Array.from({ length: n }, (_, i) => [String(i), i])),
    variants: [
      {
        variantId: "v",
        label: "v",
        promptId: "p",
        provider: "x",
        parameters: { model: "m" },
        requests: counts,
        completions: counts,
        series: new Map([["pass", { means, counts, values: null }]]),
        missing: { failed: new Map(), pending: null },
        models: [],
        currencies: [],
      },
    ],
    variables: [],
    digest: () => "",
    column: () => null,
    prompts: new Map(),
    scorers: new Map(),
    required: [],
    clustered: false,
    output: () => null,
    requestId: () => null,
  };
}

/** Verdicts of the default gate over many pairs of runs. */
function gateRates(n, trials, drop) {
  const random = seededRandom(`${values.seed} gate ${n} ${trials} ${drop}`);
  const seen = { pass: 0, fail: 0, inconclusive: 0, invalid: 0, none: 0 };
  for (let i = 0; i < pairs; i++) {
    const rates = items(n, random);
    const base = sideOf("base", sampled(rates, trials, random), trials);
    const candidate = sideOf("run", sampled(broken(rates, drop, random), trials, random), trials);
    const { verdict } = judgeGates({
      gates: [defaultGate()],
      candidate,
      base,
      shared: false,
      confirm: false,
      confirmed: new Set(),
      promptPlace: () => null,
      flips: { ...allFlips, listed: 0 },
    });
    seen[verdict]++;
  }
  return Object.fromEntries(Object.entries(seen).map(([verdict, count]) => [verdict, count / pairs]));
}

/** Share of Wilson intervals that hold the rate of the population the items are drawn from. */
function wilsonCoverage(n) {
  const random = seededRandom(`${values.seed} wilson ${n}`);
  let held = 0;
  for (let i = 0; i < pairs; i++) {
    const passed = sampled(items(n, random), 1, random).reduce((sum, value) => sum + value, 0);
    const { low, high } = wilsonInterval(passed, n);
    if (low <= meanRate && meanRate <= high) held++;
  }
  return held / pairs;
}

/** Share of paired intervals that hold the true difference: each item breaks with a probability. */
function pairedCoverage(n, trials, share) {
  const random = seededRandom(`${values.seed} paired ${n} ${trials} ${share}`);
  let held = 0;
  for (let i = 0; i < pairs; i++) {
    const rates = items(n, random);
    const base = sampled(rates, trials, random);
    const candidate = sampled(
      rates.map((rate) => (random() < share ? 0 : rate)),
      trials,
      random,
    );
    const { low, high } = compareSeries(
      {
        base,
        candidate,
        clusters: null,
        single: trials === 1,
        counts: () => ({ base: trials, candidate: trials }),
        values: () => ({ base: [], candidate: [] }),
      },
      passRate,
    );
    if (low <= -share * meanRate && -share * meanRate <= high) held++;
  }
  return held / pairs;
}

let failed = false;
function line(what, value, low, high) {
  const good = value >= low && value <= high;
  if (!good) failed = true;
  process.stdout.write(
    `${what.padEnd(58)} ${value.toFixed(4).padStart(8)}   ${good ? "ok" : "OUT OF BOUNDS"} (${low} to ${high})\n`,
  );
}

for (const [n, trials] of [
  [100, 1],
  [300, 3],
  [30, 1],
]) {
  const clean = gateRates(n, trials, 0);
  line(`false alarms, n = ${n}, K = ${trials}`, clean.fail, 0, 0.06);
  process.stdout.write(`  clean pairs: pass ${clean.pass}, inconclusive ${clean.inconclusive}\n`);
}
for (const [n, trials, drop, least] of [
  [100, 3, 0.1, 0.9],
  [300, 3, 0.1, 0.99],
  [100, 1, 0.1, 0.6],
]) {
  const worse = gateRates(n, trials, drop);
  line(`found, ${drop * 100} points dropped, n = ${n}, K = ${trials}`, worse.fail, least, 1);
  process.stdout.write(`  passed wrongly: ${worse.pass}, inconclusive ${worse.inconclusive}\n`);
}
// 30 rows have 31 rates: coverage jumps, and Wilson errs on the safe side.
for (const [n, most] of [
  [30, 0.99],
  [100, 0.965],
  [300, 0.965],
])
  line(`Wilson covers, n = ${n}`, wilsonCoverage(n), 0.935, most);
for (const [n, trials, share] of [
  [100, 1, 0],
  [100, 1, 0.1],
  [100, 3, 0],
  [100, 3, 0.1],
  [300, 3, 0.05],
])
  line(
    `paired interval covers, n = ${n}, K = ${trials}, ${share * 100} % broken`,
    pairedCoverage(n, trials, share),
    0.935,
    0.965,
  );
process.exitCode = failed ? 1 : 0;
