import { join } from "node:path";
import { mediaTokens } from "../cost/chat-overhead.ts";
import type { LaneSpec } from "../schedule/lane.ts";
import { roughChatTokens } from "../schedule/rough-tokens.ts";
import { packageVersion } from "../system/package-version.ts";
import type { Environment } from "./environment.ts";
import { indexJournal, type JournalIndex } from "./journal-index.ts";
import { type JudgeModel, judgeModels } from "./judge-calls.ts";
import { wantedVotes } from "./judge-queue.ts";
import { type AskingPart, runJudges } from "./judge-session.ts";
import { planLanes } from "./lanes.ts";
import type { Part } from "./part.ts";
import type { Prepared } from "./prepare.ts";
import { proxyFrom } from "./proxy.ts";
import { openJudgeBudget } from "./run-budget.ts";
import type { RunContext } from "./run-context.ts";
import { runFiles } from "./run-directory.ts";
import type { SessionEnd } from "./session.ts";
import { withSharedLimits } from "./shared-lanes.ts";
import { verdictsCost } from "./verdict-cost.ts";
import { wallSeconds } from "./wall-seconds.ts";

/** A side whose answers stand in its journal, with the scorers that judge them. */
export type ScoredPart = Pick<Part, "directory" | "endpoints" | "simulators" | "setAside"> & {
  readonly prepared: Prepared;
  readonly index: JournalIndex;
  /** As in `Part`. */
  readonly cutAt?: number | null;
};

/** What is wanted of one model that judges. */
export interface WantedOf extends JudgeModel {
  readonly votes: number;
  /** About, by the length of what is sent. */
  readonly promptTokens: number;
  /** About, with an answer of `expectedVerdict` tokens; null where the price is not known. */
  readonly cost: { readonly amount: number; readonly currency: string } | null;
}

/** What is wanted of the judges of some sides, by model; none where all is judged. */
export function wantedOfJudges(parts: readonly ScoredPart[]): readonly WantedOf[] {
  const found = new Map<string, { model: JudgeModel; votes: number; promptTokens: number }>();
  for (const { call } of wantedVotes(asking(parts), () => true, new Set())) {
    const key = `${call.provider}\n${call.model}`;
    const sum = found.get(key) ?? { model: call, votes: 0, promptTokens: 0 };
    found.set(key, sum);
    sum.votes++;
    sum.promptTokens += roughChatTokens(call.messages, undefined, mediaTokens);
  }
  const [first] = parts;
  return [...found.values()].map(({ model: { provider, model }, votes, promptTokens }) => {
    const cost =
      first === undefined ? null : verdictsCost(first.prepared, { provider, model }, votes, promptTokens);
    return { provider, model, votes, promptTokens, cost };
  });
}

/**
 * Asks the judges of some sides for the verdicts that their answers lack, through lanes, limits, journal and budget as the
 * answers were asked for; null where nothing is wanted.
 */
export async function judgeParts(
  parts: readonly ScoredPart[],
  environment: Environment,
  graceMs: number,
  context: RunContext,
): Promise<SessionEnd | null> {
  const wanted = wantedOfJudges(parts);
  const [first] = parts;
  if (first === undefined || wanted.length === 0) return null;
  const { config } = first.prepared;
  const { lanes, concurrency } = judgeLanes(parts, wanted);
  const requests = wanted.reduce((sum, { votes }) => sum + votes, 0);
  context.listener({ kind: "judging", requests, lanes });
  const spec = config.budget;
  return runJudges(
    {
      parts: asking(parts),
      lanes: lanes.map(({ requests: left, models, ...lane }) => ({
        spec: { ...withSharedLimits(lane, context.sharedLimits, first.prepared.limitShare), left },
        models,
      })),
      concurrency,
      maxAttempts: config.retryAttempts,
      timeouts: config.timeouts,
      stream: config.stream,
      budget: await openJudgeBudget(spec, parts),
      timeLeftMs: spec.timeMs === null ? null : spec.timeMs - 1_000 * wallSeconds(first.index),
      version: packageVersion(),
      proxyFor: (baseUrl) => proxyFrom(environment, baseUrl),
      graceMs,
      exhausted: "the budget is used up: not all answers are judged",
    },
    context,
  );
}

/** The part with what its journal holds by now. */
export function readAgain<T extends ScoredPart>(part: T): T {
  const { index, scan } = indexJournal(journalOf(part), part.prepared.plan, part.setAside > 0);
  return { ...part, index, cutAt: scan.tornBytes > 0 ? scan.goodBytes : null };
}

/** Path of the journal of a side. */
export function journalOf({ directory }: Pick<Part, "directory">): string {
  return join(directory, runFiles.journal);
}

function asking(parts: readonly ScoredPart[]): readonly AskingPart[] {
  return parts.map((part) => ({ ...part, journal: journalOf(part) }));
}

type JudgeLane = LaneSpec & { readonly requests: number; readonly models: readonly JudgeModel[] };

/** Lanes of the judges: by endpoint, account and model, with the limits that the matrix states for them. */
function judgeLanes(
  parts: readonly ScoredPart[],
  wanted: readonly WantedOf[],
): { readonly lanes: readonly JudgeLane[]; readonly concurrency: number } {
  const plans = parts.map(({ prepared, endpoints }) => ({
    endpoints,
    plan: {
      variants: judgeModels(prepared).map(({ provider, model }) => ({
        id: `${provider}/${model}`,
        provider,
        parameters: { model },
      })),
    },
  }));
  const all = plans.flatMap(({ plan }) => plan.variants);
  const limits = parts[0]?.prepared.config.limits;
  if (limits === undefined) throw new Error("nothing is judged");
  const { lanes, concurrency } = planLanes(plans, limits);
  return {
    concurrency,
    lanes: lanes.map((lane) => {
      const models = lane.variants.flatMap((number) => {
        const variant = all[number];
        return variant === undefined ? [] : [{ provider: variant.provider, model: variant.parameters.model }];
      });
      const requests = wanted
        .filter((one) =>
          models.some(({ provider, model }) => provider === one.provider && model === one.model),
        )
        .reduce((sum, { votes }) => sum + votes, 0);
      return { ...lane, requests, models };
    }),
  };
}
