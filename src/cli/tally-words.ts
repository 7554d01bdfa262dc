import { costWords } from "../report/number-words.ts";
import { ofWords } from "../run/budget-words.ts";
import type { RunTally, Speed, TimeLeft } from "./run-tally.ts";

/** `12 req/s`, `3400 tok/s`; none where nothing is known. */
export function speedParts(speed: Speed | null): readonly string[] {
  return speed === null ? [] : [`${perSecond(speed.requests)} req/s`, `${perSecond(speed.tokens)} tok/s`];
}

/** Time left: that of the slowest lane, named when there are several, and what it waits for; empty where not known. */
export function timeLeftWords(times: readonly TimeLeft[], laneCount: number): string {
  const slowest = times.reduce<TimeLeft | null>(
    (worst, one) => (worst === null || one.ms > worst.ms ? one : worst),
    null,
  );
  if (slowest === null) return "";
  const which = [laneCount > 1 ? slowest.lane : "", slowest.why].filter((part) => part !== "").join(": ");
  return `${which === "" ? "" : `${which}, `}${secondsWords(slowest.ms)} left`;
}

/**
 * What the run used so far: `cost so far 0.42 of 2.00 CNY, 812 of 5 000 requests`. An axis of the budget counts all
 * sessions; a cost without one only this. Empty where nothing costs and nothing is limited.
 */
export function spentWords({ costs, isUnpriced, isResumed, status }: RunTally): string {
  const isMoney = (name: string): boolean => name !== "requests" && name !== "tokens";
  const limited = status.budget.filter(({ name }) => isMoney(name));
  const free = costs.filter(({ currency }) => limited.every(({ name }) => name !== currency));
  const money = [
    ...limited.map(({ name, used, limit }) => ofWords(name, used, limit)),
    ...free.map((cost) => costWords({ ...cost, complete: !isUnpriced })),
  ];
  const head = limited.length === 0 && isResumed ? "cost of this session" : "cost so far";
  const others = status.budget.filter(({ name }) => !isMoney(name));
  const parts = [
    ...(money.length === 0 ? [] : [`${head} ${money.join(" + ")}`]),
    ...others.map(({ name, used, limit }) => ofWords(name, used, limit)),
    ...(status.time === null
      ? []
      : [`${secondsWords(status.time.usedMs)} of ${secondsWords(status.time.limitMs)}`]),
  ];
  return parts.length === 0 ? "" : `${money.length === 0 ? "used so far " : ""}${parts.join(", ")}`;
}

/** Whole seconds, rounded up: `12 s`, `2 min 5 s`, `1 h 3 min`. */
export function secondsWords(ms: number): string {
  const whole = Math.ceil(ms / 1_000);
  if (whole < 60) return `${whole} s`;
  if (whole < 3_600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3_600)} h ${Math.floor((whole % 3_600) / 60)} min`;
}

function perSecond(rate: number): string {
  return rate >= 100 ? String(Math.round(rate)) : rate.toFixed(1);
}
