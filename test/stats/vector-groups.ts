import {
  benjaminiHochberg,
  benjaminiYekutieli,
  binomialPmf,
  binomialTest,
  bonferroni,
  clopperPearsonInterval,
  fisherExact,
  geometricMean,
  hochberg,
  holm,
  type Interval,
  mannWhitney,
  mcnemar,
  mcnemarChiSquare,
  mcnemarMinimumDiscordant,
  mcnemarPower,
  meanEstimate,
  meanInterval,
  medianInterval,
  minimumDetectableEffect,
  newcombeDifference,
  nonInferiority,
  normalQuantile,
  pairedDifferenceInterval,
  pairedT,
  passAtK,
  passPowK,
  quantile,
  ratioOfMeans,
  sampleSize,
  sampleSizeExact,
  signFlipTest,
  tost,
  tQuantile,
  twoProportionPower,
  twoSamplePower,
  varianceComponents,
  wilcoxonSignedRank,
  wilsonInterval,
} from "../../src/stats/index.ts";

export type Fields = Readonly<Record<string, unknown>>;

type Compute = (input: Fields, expected: Fields) => Fields;

const num = (input: Fields, key: string): number => {
  const value = input[key];
  if (typeof value !== "number") throw new Error(`no number ${key}`);
  return value;
};
const list = (input: Fields, key: string): number[] => input[key] as number[];
const bounds = ({ low, high }: Interval): Fields => ({ lower: low, upper: high });
const ends = ({ low, high }: { low: number | null; high: number | null }): readonly unknown[] => [low, high];
const differences = (input: Fields): number[] => {
  const b = list(input, "b");
  return list(input, "a").map((a, i) => a - (b[i] ?? Number.NaN));
};
/** Standard error with the divisor n instead of n − 1. */
const populationError = (values: readonly number[]): number =>
  (meanEstimate(values).standardError ?? 0) * Math.sqrt((values.length - 1) / values.length);

const chiSquare =
  (continuity: boolean): Compute =>
  (input) => {
    const { statistic, p } = mcnemarChiSquare({ b: num(input, "b"), c: num(input, "c") }, { continuity });
    return { statistic, p_two_sided: p };
  };

const variance = (input: Fields): Parameters<typeof sampleSize>[0] => ({
  effect: Number(input.mde),
  omega2: num(input, "omega2"),
  sigma2A: num(input, "sigma2_a"),
  sigma2B: num(input, "sigma2_b"),
  kA: num(input, "k_a"),
  kB: num(input, "k_b"),
  alpha: num(input, "alpha"),
  power: num(input, "power"),
});

const rankSum: Compute = (input) => {
  const { u, p, exact } = mannWhitney(list(input, "a"), list(input, "b"));
  if (!exact) throw new Error("the exact test is wanted");
  return { U: u, p_two_sided: p.twoSided };
};

/** How to compute the expected fields of each group of vectors. */
export const vectorGroups: Readonly<Record<string, Compute>> = {
  mcnemar_exact: (input) => {
    const [b, c] = [num(input, "b"), num(input, "c")];
    return { statistic: Math.min(b, c), p_two_sided: mcnemar({ b, c }).exact.twoSided };
  },
  mcnemar_chi2_cc: chiSquare(true),
  mcnemar_chi2: chiSquare(false),
  mcnemar_variants: (input) => {
    const { exact, midP } = mcnemar({ b: num(input, "regressions_b"), c: num(input, "improvements_c") });
    return {
      p_exact_two_sided: exact.twoSided,
      p_mid_two_sided: midP.twoSided,
      p_exact_one_sided_regression: exact.oneSided,
    };
  },
  rule: (input) => {
    const alpha = num(input, "alpha");
    const one = mcnemarMinimumDiscordant(alpha, { test: "exact", sides: 1 });
    const two = mcnemarMinimumDiscordant(alpha, { test: "exact", sides: 2 });
    return {
      min_discordant_one_sided: one,
      [`p_one_sided_${one}_0`]: mcnemar({ b: one, c: 0 }).exact.oneSided,
      min_discordant_two_sided: two,
      [`p_two_sided_${two}_0`]: mcnemar({ b: two, c: 0 }).exact.twoSided,
    };
  },
  mcnemar_exact_power: (input) => {
    const test = String(input.test);
    return {
      rejection_probability: mcnemarPower({
        n: num(input, "n"),
        pRegress: num(input, "p_regress"),
        pImprove: num(input, "p_improve"),
        alpha: num(input, "alpha"),
        test: test.includes("exact") ? "exact" : "mid-p",
        sides: test.startsWith("two_sided") ? 2 : 1,
      }),
    };
  },
  wilson: (input) => bounds(wilsonInterval(num(input, "successes"), num(input, "n"), num(input, "level"))),
  clopper_pearson: (input) =>
    bounds(clopperPearsonInterval(num(input, "successes"), num(input, "n"), num(input, "level"))),
  binomial_test: (input) => ({
    p_two_sided: binomialTest(num(input, "x"), num(input, "n"), num(input, "p0")),
  }),
  newcombe_independent_difference: (input) =>
    bounds(
      newcombeDifference(
        { successes: num(input, "x1"), n: num(input, "n1") },
        { successes: num(input, "x2"), n: num(input, "n2") },
        num(input, "level"),
      ),
    ),
  // p_a − p_b: a stands for the candidate.
  paired_proportion_difference: (input) => {
    const bothPass = num(input, "both_pass");
    const [c, b] = [num(input, "only_a"), num(input, "only_b")];
    const n = bothPass + b + c + num(input, "both_fail");
    const level = num(input, "level");
    const changes = Array.from({ length: n }, (_, i) => (i < c ? 1 : i < b + c ? -1 : 0));
    const estimate = (c - b) / n;
    const wald = normalQuantile((1 + level) / 2) * populationError(changes);
    return {
      estimate,
      bonett_price: ends(pairedDifferenceInterval({ n, b, c }, level)),
      tango_score: ends(pairedDifferenceInterval({ n, b, c }, level, "tango")),
      newcombe_method10: ends(pairedDifferenceInterval({ n, b, c, bothPass }, level, "newcombe")),
      wald: [estimate - wald, estimate + wald],
    };
  },
  p_adjust: (input) => {
    const p = list(input, "p");
    const rejected = (adjusted: readonly number[]): number =>
      adjusted.filter((value) => value <= 0.05).length;
    return {
      bh: benjaminiHochberg(p),
      holm: holm(p),
      bonferroni: bonferroni(p),
      hochberg: hochberg(p),
      by: benjaminiYekutieli(p),
      reject_at_0_05: {
        bonferroni: rejected(bonferroni(p)),
        holm: rejected(holm(p)),
        bh: rejected(benjaminiHochberg(p)),
      },
    };
  },
  paired_t: (input) => {
    const result = pairedT(differences(input), { confidence: num(input, "level") });
    return {
      mean_diff: result.mean,
      sd_diff: (result.standardError ?? Number.NaN) * Math.sqrt(result.n),
      se: result.standardError,
      t: result.t,
      df: result.df,
      p_two_sided: result.p?.twoSided,
      p_one_sided: Math.min(result.p?.less ?? 1, result.p?.greater ?? 1),
      ci: ends(result),
      fallback: result.t === null ? "sign_flip_exact" : null,
    };
  },
  paired_se: (input) => {
    const [a, b] = [meanEstimate(list(input, "a")), meanEstimate(list(input, "b"))];
    const d = meanEstimate(differences(input));
    const [seA, seB, seD] = [a, b, d].map(({ standardError }) => standardError ?? Number.NaN) as [
      number,
      number,
      number,
    ];
    return {
      mean_a: a.mean,
      mean_b: b.mean,
      diff: d.mean,
      se_paired: seD,
      se_unpaired: Math.hypot(seA, seB),
      correlation: (seA ** 2 + seB ** 2 - seD ** 2) / (2 * seA * seB),
    };
  },
  paired_permutation_exact: (input) => ({
    p_two_sided: signFlipTest(list(input, "differences")).p.twoSided,
  }),
  wilcoxon_signed_rank: (input) => {
    const { v, p } = wilcoxonSignedRank(differences(input));
    const alternative = String(input.alternative ?? "two-sided");
    return { V: v, p: alternative === "greater" ? p.greater : alternative === "less" ? p.less : p.twoSided };
  },
  t_quantile: (input) => ({ t: tQuantile(num(input, "p"), num(input, "df")) }),
  normal_quantile: (input) => ({ z: normalQuantile(num(input, "p")) }),
  clt_se: (input) => {
    const scores = list(input, "scores");
    const interval = meanInterval(scores);
    return {
      mean: interval.mean,
      se_sample: interval.standardError,
      se_bernoulli_n: populationError(scores),
      t_ci95: ends(interval),
    };
  },
  clustered_se: (input) => {
    const groups = (input.clusters ?? list(input, "scores").map((score) => [score])) as Record<
      string,
      number[]
    >;
    const scores = Object.values(groups).flat();
    const clusters = Object.entries(groups).flatMap(([name, members]) => members.map(() => name));
    const interval = meanInterval(scores, { clusters });
    const { mean, n, df } = interval;
    const error = interval.standardError ?? Number.NaN;
    const naive = meanEstimate(scores).standardError ?? Number.NaN;
    return {
      mean,
      n,
      clusters_count: df + 1,
      se_cr0_paper: error * Math.sqrt(df / (df + 1)),
      se_cr1_inspect: error,
      naive_se: naive,
      design_effect_cr1: (error / naive) ** 2,
      df,
      t_ci95_cr1: ends(interval),
    };
  },
  paired_sample_size: (input) => ({
    n_exact: sampleSizeExact(variance(input)),
    n: sampleSize(variance(input)),
  }),
  paired_mde: (input) => ({ mde: minimumDetectableEffect({ ...variance(input), n: num(input, "n") }) }),
  power_t_two_sample: (input) => ({
    power: twoSamplePower({
      nPerGroup: num(input, "n_per_group"),
      effect: num(input, "delta"),
      deviation: num(input, "sd"),
      alpha: num(input, "alpha"),
    }),
  }),
  power_two_proportions: (input) => ({
    power: twoProportionPower({
      nPerGroup: num(input, "n_per_group"),
      p1: num(input, "p1"),
      p2: num(input, "p2"),
      alpha: num(input, "alpha"),
    }),
  }),
  tost_paired: (input) => {
    const result = tost({
      difference: num(input, "mean_diff"),
      standardError: num(input, "se_diff"),
      df: num(input, "df"),
      margins: { low: num(input, "low"), high: num(input, "high") },
      alpha: num(input, "alpha"),
    });
    return { p_tost: result.p, ci90: ends(result), equivalent: result.equivalent };
  },
  noninferiority_paired_t: (input) => {
    const result = nonInferiority({
      difference: num(input, "mean_diff_new_minus_old"),
      standardError: num(input, "se_diff"),
      df: num(input, "df"),
      margin: num(input, "margin"),
      alpha: num(input, "alpha"),
    });
    return {
      p_noninferior: result.p,
      lower95_one_sided: result.low,
      upper95_one_sided: result.high,
      verdict: result.verdict,
      p_worse_than_zero: result.pWorse,
    };
  },
  pass_at_k: (input) => {
    const [n, c, k] = [num(input, "n"), num(input, "correct"), num(input, "k")];
    return { pass_at_k: passAtK(n, c, k), pass_hat_k: passPowK(n, c, k) };
  },
  mann_whitney_exact_ties: rankSum,
  mann_whitney_exact: rankSum,
  fisher_exact: (input) => ({
    p_two_sided: fisherExact(input.table as [[number, number], [number, number]]).twoSided,
  }),
  median_order_statistic_ci: (input) => {
    const ranks = Array.from({ length: num(input, "n") }, (_, i) => i + 1);
    const { low, high, coverage } = medianInterval(ranks, num(input, "level"));
    return { lo_rank: low, hi_rank: high, actual_coverage: coverage };
  },
  percentile: (input) => ({
    type7_linear: list(input, "q").map((q) => quantile(list(input, "values"), q)),
  }),
  // Of scores of 0 and 1, the sum of a resample is binomial; all n^n resamples are equally likely.
  bootstrap_exact: (input, expected) => {
    const scores = list(input, "scores");
    const n = scores.length;
    const rate = scores.reduce((sum, score) => sum + score, 0) / n;
    const count = (mean: string): number => {
      const [top = 0, bottom = 1] = mean.split("/").map(Number);
      return n ** n * binomialPmf(Math.round((top / bottom) * n), n, rate);
    };
    const means = Object.keys(expected.distribution as Fields);
    return {
      distribution: Object.fromEntries(means.map((mean) => [mean, count(mean)])),
      of: means.reduce((sum, mean) => sum + count(mean), 0),
      bootstrap_se: populationError(scores),
    };
  },
  // Halves drawn without replacement, n₂ = ⌊n / 2⌋: variance s² / n₂ × (1 − n₂ / n).
  half_sampling: (input) => {
    const scores = list(input, "scores");
    const n = scores.length;
    const half = Math.floor(n / 2);
    const error = meanEstimate(scores).standardError ?? Number.NaN;
    const ofHalves = error * Math.sqrt((n / half) * (1 - half / n));
    return { sd_of_half_sample_means: ofHalves, clt_se: error, equal: Math.abs(ofHalves - error) < 1e-12 };
  },
  variance_decomposition: (input, expected) => {
    const result = varianceComponents(input.scores_by_item as number[][]);
    const trials = Object.keys(expected.se_at_K as Fields);
    const k = (input.scores_by_item as number[][])[0]?.length ?? 0;
    return {
      mean: result.mean,
      within_sigma2: result.within,
      var_item_means: result.varianceOfRowMeans,
      between_omega2_unbiased: result.between,
      se_of_mean: result.standardErrorAt(k),
      se_at_K: Object.fromEntries(trials.map((trial) => [trial, result.standardErrorAt(Number(trial))])),
    };
  },
  ratio_error_propagation: (input) => {
    const { ratio, deviation } = ratioOfMeans(
      { mean: num(input, "mean_a"), deviation: num(input, "sd_a") },
      { mean: num(input, "mean_b"), deviation: num(input, "sd_b") },
    );
    return { ratio, ratio_sd: deviation };
  },
  geometric_mean: (input) => ({ geomean: geometricMean(list(input, "values")) }),
};
