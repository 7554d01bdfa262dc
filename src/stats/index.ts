// Published as `promptgrid/stats`.
export {
  type Clusters,
  type IntervalOptions,
  type MeanEstimate,
  type MeanInterval,
  meanEstimate,
  meanInterval,
} from "./mean.ts";
export { normalCdf, normalPdf, normalQuantile } from "./normal.ts";
export { quantile, quantileSorted } from "./quantile.ts";
export { type Interval, type RateInterval, type RateOptions, rateInterval, wilsonInterval } from "./rate.ts";
export { tCdf, tQuantile } from "./student-t.ts";
