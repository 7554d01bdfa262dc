import { randomBytes } from "node:crypto";
import type { TimeoutSpec } from "../config/run-config.ts";
import { type JudgeRecord, journalVersion, outcomeFields, round } from "../journal/record.ts";
import { JournalWriter } from "../journal/writer.ts";
import type { AttemptOutcome } from "../outcome/attempt.ts";
import { contentId } from "../plan/canonical-json.ts";
import { requestBody } from "../plan/request-body.ts";
import { createChatClient } from "../provider/chat-client.ts";
import type { Endpoint } from "../provider/endpoint.ts";
import type { Provider } from "../provider/provider.ts";
import type { LaneSpec } from "../schedule/lane.ts";
import { type EndedAttempt, Scheduler } from "../schedule/scheduler.ts";
import type { Demand } from "../schedule/token-learner.ts";
import { attemptCost } from "./attempt-cost.ts";
import type { JudgeBudget } from "./judge-budget.ts";
import type { JudgeModel } from "./judge-calls.ts";
import { type JudgedPart, type WantedVote, wantedVotes } from "./judge-queue.ts";
import { demandOf } from "./request-demand.ts";
import type { RunContext } from "./run-context.ts";
import type { SessionEnd } from "./session.ts";
import { sessionShard } from "./shard-share.ts";
import type { Simulators } from "./simulators.ts";
import { tellStatus } from "./tell-status.ts";

/** A side whose judges are asked, and where they are. */
export interface AskingPart extends JudgedPart {
  readonly endpoints: ReadonlyMap<string, Endpoint>;
  readonly simulators: Simulators;
}

/** What a session of judging needs. */
export interface JudgeSessionOptions {
  readonly parts: readonly AskingPart[];
  /** Each with the models that it holds: several names may lead to one. */
  readonly lanes: readonly { readonly spec: LaneSpec; readonly models: readonly JudgeModel[] }[];
  readonly concurrency: number;
  readonly maxAttempts: number;
  readonly timeouts: TimeoutSpec;
  readonly stream: boolean;
  /** Null limits nothing but, maybe, time. */
  readonly budget: ((call: (index: number) => Asked) => JudgeBudget) | null;
  readonly timeLeftMs: number | null;
  readonly version: string;
  readonly proxyFor: (baseUrl: string) => string | null;
  readonly graceMs: number;
  /** What is said where the budget, or its time, is used up. */
  readonly exhausted: string;
}

type Asked = Pick<WantedVote, "call"> & { readonly prepared: AskingPart["prepared"] };

/** Asks the judges for the verdicts that are wanted, journals every attempt, and says how it ended. */
export async function runJudges(options: JudgeSessionOptions, context: RunContext): Promise<SessionEnd> {
  return new JudgeSession(options, context).run();
}

/** One process at work on verdicts: like the session that asks for answers, with votes in the place of requests. */
class JudgeSession {
  readonly #options: JudgeSessionOptions;
  readonly #context: RunContext;
  readonly #journals: readonly JournalWriter[];
  readonly #clients = new Map<string, Provider>();
  /** Votes that are next in their lane, in flight, or waiting for a retry. */
  readonly #votes = new Map<number, WantedVote>();
  readonly #scheduler: Scheduler;
  readonly #budget: JudgeBudget | null;
  #count = 0;
  #diskError: Error | null = null;
  #lost = 0;
  #interruptedBy: string | null = null;
  #timeUp = false;

  constructor(options: JudgeSessionOptions, context: RunContext) {
    this.#options = options;
    this.#context = context;
    const { clock, random, listener } = context;
    this.#journals = options.parts.map(
      ({ journal, cutAt }) => new JournalWriter(journal, (error) => this.#onDiskError(error), cutAt ?? null),
    );
    this.#budget =
      options.budget?.((index) => {
        const { part, call } = this.#vote(index);
        return { call, prepared: this.#part(part).prepared };
      }) ?? null;
    const asked = new Set<string>();
    this.#scheduler = new Scheduler({
      lanes: options.lanes.map(({ spec, models }) => ({ spec, work: this.#work(models, asked) })),
      concurrency: options.concurrency,
      maxAttempts: options.maxAttempts,
      admission: this.#budget,
      clock,
      random,
      demandOf: (index) => this.#demand(index),
      send: (index) => this.#send(index),
      onAttempt: (ended) => this.#record(ended),
      onLaneChange: (lane, change) => {
        for (const journal of this.#journals)
          journal.append({
            v: journalVersion,
            kind: "lane",
            at: clock.wall(),
            lane: lane.spec.key,
            event: change.event,
            reason: change.reason,
            concurrency: change.concurrency,
            ...(change.pauseMs === null ? {} : { pause_ms: Math.round(change.pauseMs) }),
            ...(change.limit === undefined
              ? {}
              : { axis: change.limit.axis, limit: Math.round(change.limit.value) }),
          });
        listener({ kind: "lane", lane: lane.spec.key, change });
      },
    });
  }

  async run(): Promise<SessionEnd> {
    const { clock, stop, kill, nodeVersion } = this.#context;
    const startedAt = clock.now();
    const common = {
      v: journalVersion,
      kind: "session",
      work: "score",
      ...sessionShard(this.#part(0).prepared),
      session: randomBytes(8).toString("hex"),
      promptgrid_version: this.#options.version,
      node_version: nodeVersion,
    } as const;
    for (const journal of this.#journals) journal.append({ ...common, event: "start", at: clock.wall() });
    let offGrace: () => void = () => undefined;
    const onStop = (): void => {
      this.#interruptedBy ??= String(stop.reason);
      const { inFlight } = this.#scheduler;
      this.#context.listener({ kind: "stopping", reason: this.#interruptedBy, inFlight });
      offGrace = clock.after(this.#options.graceMs, () => this.#cancelAll());
      this.#scheduler.stop();
    };
    const onKill = (): void => this.#cancelAll();
    stop.addEventListener("abort", onStop, { once: true });
    kill.addEventListener("abort", onKill, { once: true });
    if (stop.aborted) onStop();
    const offTimer = this.#watchTime();
    const offStatus = tellStatus({
      ...this.#context,
      scheduler: this.#scheduler,
      budget: this.#budget,
      timeMs: this.#part(0).prepared.config.budget.timeMs,
      timeLeftMs: this.#options.timeLeftMs,
    });
    try {
      await this.#scheduler.run();
      const end = this.#end();
      const wall = round((clock.now() - startedAt) / 1_000);
      for (const journal of this.#journals)
        journal.append({
          ...common,
          event: "end",
          at: clock.wall(),
          wall_seconds: wall,
          status: end.status,
          reason: end.reason,
        });
      this.#close();
      return { ...end, diskError: this.#diskError, lost: this.#lost };
    } finally {
      offTimer();
      offStatus();
      offGrace();
      stop.removeEventListener("abort", onStop);
      kill.removeEventListener("abort", onKill);
      this.#close();
      await Promise.all([...this.#clients.values()].map((client) => client.close()));
    }
  }

  #close(): void {
    for (const journal of this.#journals) this.#lost += journal.close();
  }

  #part(number: number): AskingPart {
    const part = this.#options.parts[number];
    if (part === undefined) throw new Error(`there is no side ${number}`);
    return part;
  }

  #vote(index: number): WantedVote {
    const vote = this.#votes.get(index);
    if (vote === undefined) throw new Error(`vote ${index} is not wanted`);
    return vote;
  }

  #work(models: readonly JudgeModel[], asked: Set<string>): { next(): number } {
    const wants = (one: JudgeModel): boolean =>
      models.some(({ provider, model }) => provider === one.provider && model === one.model);
    const votes = wantedVotes(this.#options.parts, wants, asked);
    return {
      next: () => {
        const { value, done } = votes.next();
        if (done === true) return -1;
        this.#votes.set(this.#count, value);
        return this.#count++;
      },
    };
  }

  #demand(index: number): Demand {
    return demandOf(this.#vote(index).call, 0);
  }

  async #send(index: number): Promise<AttemptOutcome> {
    const { call, part, key, position } = this.#vote(index);
    const { endpoints, simulators } = this.#part(part);
    const endpoint = endpoints.get(call.provider);
    if (endpoint === undefined) throw new Error(`no endpoint for provider ${call.provider}`);
    const requestId = contentId({ key }, 32);
    simulators.teachJudge(requestId, call, position);
    return this.#client(part, call.provider, endpoint).send({
      requestId,
      body: JSON.stringify(requestBody({ ...call, stream: this.#options.stream }, endpoint)),
      stream: this.#options.stream,
    });
  }

  #client(part: number, provider: string, endpoint: Endpoint): Provider {
    const name = `${part}:${provider}`;
    const known = this.#clients.get(name);
    if (known !== undefined) return known;
    const { timeouts, concurrency, version, proxyFor } = this.#options;
    const client = createChatClient(endpoint, {
      timeouts,
      connections: concurrency + 4,
      userAgent: `promptgrid/${version}`,
      proxy: proxyFor(endpoint.baseUrl),
    });
    this.#clients.set(name, client);
    return client;
  }

  #record(ended: EndedAttempt): void {
    const wanted = this.#vote(ended.index);
    const { call, part } = wanted;
    const record: JudgeRecord = {
      v: journalVersion,
      kind: "score",
      source: "judge",
      key: wanted.key,
      scorer: call.spec.id,
      variant_id: wanted.variantId,
      row_id: wanted.rowId,
      trial: wanted.trial,
      choice: wanted.choice,
      vote: wanted.vote,
      provider: call.provider,
      model: call.model,
      attempt: ended.attempt,
      started_at: ended.startedAt,
      queued_ms: round(ended.queuedMs),
      total_ms: round(ended.totalMs),
      ...outcomeFields(ended.outcome),
    };
    this.#journals[part]?.append(record);
    this.#budget?.end(ended.index, record);
    this.#context.listener({
      kind: "attempt",
      lane: ended.lane.spec.key,
      final: ended.final,
      outcome: ended.outcome,
      ...attemptCost(this.#part(part).prepared, call.provider, { model: call.model }, ended.outcome),
    });
    if (ended.final) this.#votes.delete(ended.index);
  }

  #end(): SessionEnd {
    const stopped = this.#scheduler.lanes.filter((lane) => lane.stopped !== null);
    const base = { interruptedBy: this.#interruptedBy, diskError: this.#diskError, lost: 0 };
    if (this.#interruptedBy !== null)
      return { ...base, status: "interrupted", reason: `interrupted by ${this.#interruptedBy}` };
    if (stopped.length > 0) {
      const reason = stopped.map((lane) => `${lane.spec.key}: ${lane.stopped?.reason ?? ""}`).join("; ");
      return { ...base, status: "failed", reason: `judging: ${reason}` };
    }
    if (this.#scheduler.exhausted || (this.#timeUp && this.#scheduler.hasWork))
      return { ...base, status: "incomplete", reason: this.#options.exhausted };
    return { ...base, status: "complete", reason: null };
  }

  #watchTime(): () => void {
    const { timeLeftMs } = this.#options;
    const { clock, listener } = this.#context;
    if (timeLeftMs === null) return () => undefined;
    return clock.after(Math.max(0, timeLeftMs), () => {
      this.#timeUp = true;
      const { inFlight } = this.#scheduler;
      listener({ kind: "stopping", reason: "the time of the budget is up", inFlight });
      this.#scheduler.stop();
    });
  }

  #cancelAll(): void {
    this.#scheduler.stop();
    for (const client of this.#clients.values()) client.cancel();
  }

  #onDiskError(error: Error): void {
    this.#diskError = error;
    this.#cancelAll();
  }
}
