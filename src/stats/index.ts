// Published as `promptgrid/stats`.
export { benjaminiHochberg, benjaminiYekutieli, bonferroni, hochberg, holm } from "./adjust.ts";
export { incompleteBeta, logBeta, logGamma } from "./beta.ts";
export { binomialCdf, binomialPmf, binomialUpperTail } from "./binomial.ts";
export { binomialTest, clopperPearsonInterval } from "./binomial-test.ts";
export { type BootstrapInterval, type BootstrapOptions, bootstrapInterval } from "./bootstrap.ts";
export { fisherExact } from "./fisher.ts";
export { type MannWhitney, mannWhitney } from "./mann-whitney.ts";
export { type Discordant, type McNemar, mcnemar, mcnemarChiSquare } from "./mcnemar.ts";
export {
  type McNemarPower,
  type McNemarTest,
  mcnemarMinimumDiscordant,
  mcnemarPower,
} from "./mcnemar-power.ts";
export {
  type Clusters,
  type IntervalOptions,
  type MeanEstimate,
  type MeanInterval,
  meanEstimate,
  meanInterval,
} from "./mean.ts";
export { type MedianInterval, medianInterval } from "./median.ts";
export {
  type DifferenceEstimate,
  type Equivalence,
  type NonInferiority,
  nonInferiority,
  tost,
} from "./non-inferiority.ts";
export { normalCdf, normalPdf, normalQuantile } from "./normal.ts";
export type { PValues } from "./p-values.ts";
export {
  type PairedCounts,
  type PairedDifferenceMethod,
  pairedDifferenceInterval,
} from "./paired-difference.ts";
export { type PairedT, pairedT } from "./paired-t.ts";
export { passAtK, passPowK } from "./pass-at-k.ts";
export {
  detectableEffectOf,
  minimumDetectableEffect,
  type PairedVariance,
  type PowerOptions,
  sampleSize,
  sampleSizeExact,
} from "./power.ts";
export { quantile, quantileSorted } from "./quantile.ts";
export { type Interval, type RateInterval, type RateOptions, rateInterval, wilsonInterval } from "./rate.ts";
export { type Count, newcombeDifference, twoProportionPower } from "./rate-difference.ts";
export { geometricMean, ratioOfMeans, type Spread } from "./ratio.ts";
export { type SignFlip, type SignFlipOptions, signFlipTest } from "./sign-flip.ts";
export { tCdf, tQuantile } from "./student-t.ts";
export { twoSamplePower } from "./two-sample-power.ts";
export { type VarianceComponents, varianceComponents } from "./variance-components.ts";
export { type WilcoxonSignedRank, wilcoxonSignedRank } from "./wilcoxon.ts";
