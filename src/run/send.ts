import { randomBytes } from "node:crypto";
import { isFree } from "../cost/cost-of.ts";
import { pilotOrder } from "../plan/pilot-order.ts";
import { partAt, type SendPart, sendParts, variantAt } from "../plan/send-order.ts";
import type { LaneSpec } from "../schedule/lane.ts";
import { packageVersion } from "../system/package-version.ts";
import type { BatchOptions } from "./batch-options.ts";
import { runBatchSession } from "./batch-session.ts";
import { usedWords } from "./budget-words.ts";
import type { Environment } from "./environment.ts";
import type { KnownAnswers } from "./known-answers.ts";
import { planLanes } from "./lanes.ts";
import type { Part } from "./part.ts";
import { pastUse } from "./past-use.ts";
import { priceOf } from "./price-of.ts";
import { proxyFrom } from "./proxy.ts";
import { runQueueSession } from "./queue-session.ts";
import { openBudget } from "./run-budget.ts";
import type { RunContext, RunOptions } from "./run-context.ts";
import { runSession, type SessionEnd, type SessionOptions } from "./session.ts";
import { withSharedLimits } from "./shared-lanes.ts";
import type { SharedRequests } from "./shared-requests.ts";
import { wallSeconds } from "./wall-seconds.ts";

/** Everything that a session is about. */
export interface Work {
  readonly candidate: Part;
  readonly base: Part | null;
  /** What the base is called; null without one. */
  readonly ref: string | null;
  readonly shared: SharedRequests | null;
  readonly known: KnownAnswers;
  /** How the requests go through the batch API; null for directly. */
  readonly batch: BatchOptions | null;
  readonly environment: Environment;
}

/** Sends what has no answer on both sides, and says how that ended. */
export async function send(work: Work, options: RunOptions, context: RunContext): Promise<SessionEnd> {
  const { candidate, base, known } = work;
  const parts = base === null ? [candidate] : [candidate, base];
  const plans = parts.map(({ prepared, endpoints }) => ({ plan: prepared.plan, endpoints }));
  const { lanes, concurrency } = planLanes(plans, candidate.prepared.config.limits);
  const order = sendParts(plans.map(({ plan }) => plan));
  const loads = lanes.map((lane) => ({
    lane,
    ...(options.perVariant === null
      ? loadOf(lane, order, parts, work.shared)
      : pilotLoad(pilotOrder(order, lane.variants, options.perVariant), order, parts)),
  }));
  const spec = candidate.prepared.config.budget;
  const budget = await openBudget(
    spec,
    parts.map(({ prepared, directory }, i) => ({ prepared, directory, offset: order[i]?.offset ?? 0 })),
    { batch: work.batch !== null },
  );
  const past = pastUse(lanes, order, parts, context.clock);
  announce(work, loads, context);
  const last = candidate.index.sessions.at(-1);
  if (budget !== null && last !== undefined && last.event !== "end")
    context.listener({
      kind: "notice",
      message:
        "the last session was killed: what was in flight then is not known, and not counted in the budget",
    });
  const session: SessionOptions = {
    perVariant: options.perVariant,
    budget,
    timeLeftMs: spec.timeMs === null ? null : Math.max(0, spec.timeMs - 1_000 * wallSeconds(candidate.index)),
    order,
    parts: parts.map((part, i) => ({ ...part, known: i === 0 ? known.candidate : known.base })),
    shared: work.shared,
    runId: candidate.id,
    lanes: loads.map(({ lane, requests, answered }) => ({
      ...withSharedLimits(
        lane,
        work.batch === null && options.queue === null ? context.sharedLimits : null,
        candidate.prepared.limitShare,
      ),
      proven: answered > 0,
      left: requests - answered,
      past: past.get(lane.key) ?? [],
    })),
    concurrency,
    session: randomBytes(8).toString("hex"),
    version: packageVersion(),
    nodeVersion: context.nodeVersion,
    proxyFor: (baseUrl) => proxyFrom(work.environment, baseUrl),
    graceMs: options.graceMs,
    stop: context.stop,
    kill: context.kill,
    clock: context.clock,
    random: context.random,
    listener: context.listener,
  };
  if (work.batch !== null) tellDiscounts(candidate, context);
  const end = await runIn(session, work.batch, options.queue);
  if (budget !== null && end.status === "complete")
    context.listener({ kind: "notice", message: `budget used: ${usedWords(budget)}` });
  return end;
}

/** A price without a discount is the whole price: that is worth a word where batches are meant to be cheaper. */
function tellDiscounts({ prepared }: Part, context: RunContext): void {
  const models = new Map(
    prepared.plan.variants.map(({ provider, parameters }) => [
      `${provider}/${String(parameters.model)}`,
      priceOf(prepared, provider, { model: String(parameters.model) }),
    ]),
  );
  for (const [lane, price] of models)
    if (price !== null && price.batchDiscount === null && !isFree(price))
      context.listener({
        kind: "notice",
        message: `no batch discount is known for ${lane}: it is reckoned at its full price (\`batch_discount\` of \`prices\` states one)`,
      });
}

/** Through the batch API, through the workers of a queue, or from here. */
function runIn(
  session: SessionOptions,
  batch: BatchOptions | null,
  queue: string | null,
): Promise<SessionEnd> {
  if (batch !== null) return runBatchSession(session, batch);
  return queue === null ? runSession(session) : runQueueSession(session, queue);
}

/** How many requests a lane is wanted for, and how many of those are answered. */
interface Load {
  readonly requests: number;
  readonly answered: number;
}

function announce(
  { candidate, base, ref, shared, known }: Work,
  loads: readonly (Load & { readonly lane: LaneSpec })[],
  context: RunContext,
): void {
  const { plan } = candidate.prepared;
  const sum = (pick: (load: Load) => number): number => loads.reduce((total, load) => total + pick(load), 0);
  context.listener({
    kind: "planned",
    directory: candidate.directory,
    requests: sum(({ requests }) => requests),
    variants: plan.variants.length,
    rows: plan.rows.length,
    answered: sum(({ answered }) => answered) - known.reused,
    reused: known.reused,
    base:
      base === null || ref === null
        ? null
        : { ref, requests: base.prepared.plan.length, shared: shared?.count ?? 0 },
    lanes: loads.map(({ lane, requests, answered }) => ({ ...lane, requests, answered })),
  });
}

function pilotLoad(positions: readonly number[], order: readonly SendPart[], parts: readonly Part[]): Load {
  const answered = positions.filter((position) => {
    const part = partAt(order, position);
    return parts[order.indexOf(part)]?.index.isAnswered(position - part.offset) === true;
  });
  return { requests: positions.length, answered: answered.length };
}

/** What the candidate asks for both counts on its side alone. */
function loadOf(
  lane: LaneSpec,
  order: readonly SendPart[],
  parts: readonly Part[],
  shared: SharedRequests | null,
): Load {
  let requests = 0;
  let answered = 0;
  for (const number of lane.variants) {
    const { part, variantIndex } = variantAt(order, number);
    const which = order.indexOf(part);
    const variant = part.plan.variant(variantIndex);
    const elsewhere = which === 1 ? shared?.inBase : undefined;
    for (let i = variant.offset; i < variant.offset + variant.requests; i++) {
      if (elsewhere?.[i] === 1 || parts[which]?.prepared.shard?.has(i) === false) continue;
      requests++;
      if (parts[which]?.index.isAnswered(i) === true) answered++;
    }
  }
  return { requests, answered };
}
