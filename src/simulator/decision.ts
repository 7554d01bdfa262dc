import { Capacity, type Place } from "./capacity.ts";
import { type ChatRequest, decodeChatRequest } from "./chat-request.ts";
import { Draw } from "./draw.ts";
import { isRefusalFault, isSilentFault } from "./fault-forms.ts";
import { faultRefusals } from "./fault-refusals.ts";
import { type FaultKind, type FormFault, faultOf, type SilentFault, shapeOf } from "./faults.ts";
import type { LatencyModel } from "./latency.ts";
import type { LessonBook } from "./lesson-book.ts";
import { limitHeaders, rateRefusal } from "./limit-refusal.ts";
import { RateLimiter, type Refused, tokensCharged } from "./limits.ts";
import { modelAbility } from "./models.ts";
import type { SimulatorOptions } from "./options.ts";
import { Playback } from "./recordings.ts";
import { bareRefusal, overloadRefusal, type Refusal, refusal } from "./refusal.ts";
import { composeReply, countPrompt, type Reply, replayReply } from "./reply.ts";
import type { Tokenizer } from "./tokens.ts";
import { completionBody, usedTokens } from "./wire.ts";

/** One arrival, as far as it matters for the answer. */
export interface Arrival {
  /** Arrivals before this one. */
  readonly index: number;
  readonly authorization: string | null;
  /** `x-promptgrid-request` */
  readonly requestId: string | null;
  readonly body: string;
}

/** What is to be done with an arrival. */
export type Decision =
  | { readonly kind: "refuse"; readonly refusal: Refusal; readonly fault: FaultKind | null }
  | { readonly kind: "silence"; readonly fault: SilentFault }
  | {
      readonly kind: "reply";
      readonly reply: Reply;
      readonly stream: boolean;
      readonly admission: Admission;
      readonly latency: LatencyModel;
      readonly fault: FormFault | null;
      /** Chooses among the shapes of a fault that has several. */
      readonly shape: number;
    };

/** What an arrival that gets an answer holds until the answer is over. */
export interface Admission {
  readonly place: Place;
  /** Puts its charge right with the tokens that were used. */
  readonly settle: (tokens: number) => void;
  /** Headers that tell the state of the limits. */
  readonly headers: Readonly<Record<string, string>>;
}

/** The place of an endpoint that has room for all. */
const freePlace: Place = { turn: null, leave: () => {} };

type Answer = Pick<Extract<Decision, { kind: "reply" }>, "reply" | "stream" | "admission">;

/** Enough to choose evenly between two and between three. */
const shapes = [0, 1, 2, 3, 4, 5] as const;

/** Decides what an arrival gets: key, fault, checks of the request, limits, recording or simulated answer. */
export class Decider {
  readonly #options: SimulatorOptions;
  readonly #tokenizer: Tokenizer;
  readonly #lessons: LessonBook;
  readonly #limiter: RateLimiter | null;
  readonly #capacity: Capacity | null;
  readonly #playback: Playback | null;
  readonly #now: () => number;

  /** `now` gives milliseconds since the epoch and never runs backwards. */
  constructor(options: SimulatorOptions, tokenizer: Tokenizer, lessons: LessonBook, now: () => number) {
    this.#options = options;
    this.#tokenizer = tokenizer;
    this.#lessons = lessons;
    this.#limiter = options.limits === undefined ? null : new RateLimiter(options.limits);
    this.#capacity = options.capacity === undefined ? null : new Capacity(options.capacity);
    this.#playback = options.replay === undefined ? null : new Playback(options.replay);
    this.#now = now;
  }

  async decide(arrival: Arrival): Promise<Decision> {
    const denied = this.denies(arrival.authorization);
    if (denied !== null) return { kind: "refuse", refusal: denied, fault: null };
    const { faults = [], seed = 1 } = this.#options;
    const fault = faultOf(faults, seed, arrival.index);
    if (fault !== null && isSilentFault(fault)) return { kind: "silence", fault };
    if (fault !== null && isRefusalFault(fault)) {
      const refused = shapeOf(faultRefusals[fault].answers, seed, arrival.index);
      return { kind: "refuse", refusal: refused, fault };
    }
    const decision = await this.#answer(arrival);
    if ("body" in decision) return { kind: "refuse", refusal: decision, fault: null };
    const latency = this.#latencyOf(decision.reply.model, fault === "slow");
    const shape = fault === null ? 0 : shapeOf(shapes, seed, arrival.index);
    return { kind: "reply", ...decision, latency, fault, shape };
  }

  /** The 401 for a request without the right key; null when it may pass. */
  denies(authorization: string | null): Refusal | null {
    const { apiKey = null } = this.#options;
    if (apiKey === null) return null;
    if (authorization === null) return bareRefusal(401, "Invalid token");
    return authorization === `Bearer ${apiKey}` ? null : bareRefusal(401, "Api key is invalid");
  }

  /** What the line of a batch comes to: no limits, capacity or faults of requests hold for it. */
  async answerLine(body: string, customId: string): Promise<{ status: number; body: string }> {
    const request = decodeChatRequest(body);
    const composed = "status" in request ? request : await this.#reply(request, customId);
    if ("status" in composed) return { status: composed.status, body: composed.body };
    this.#lessons.drop(customId);
    const { seed = 1 } = this.#options;
    const { id } = new Draw(["line", seed, customId]);
    return {
      status: 200,
      body: completionBody(composed, { id, created: Math.floor(this.#now() / 1000) }),
    };
  }

  async #answer(arrival: Arrival): Promise<Answer | Refusal> {
    const request = decodeChatRequest(arrival.body);
    if ("status" in request) return request;
    const now = this.#now();
    const reply = await this.#reply(request, arrival.requestId, () => {
      const early = this.#limiter?.refuses(request.model, now) ?? null;
      return early === null ? null : this.#refusal(request.model, early, now);
    });
    if ("status" in reply) return reply;
    const admission = this.#admit(request, reply);
    if ("body" in admission) return admission;
    if (arrival.requestId !== null) this.#lessons.drop(arrival.requestId);
    return { reply, stream: request.stream, admission };
  }

  /** What a request is answered, or why it is not: `refuses` is asked once the request itself is found good. */
  async #reply(
    request: ChatRequest,
    requestId: string | null,
    refuses: () => Refusal | null = () => null,
  ): Promise<Reply | Refusal> {
    const { seed = 1 } = this.#options;
    const ability = modelAbility(request.model, this.#options.modelAbilities);
    if (ability.thinks === "never" && request.enableThinking !== null && this.#playback === null) {
      const message = "Value error, current model does not support parameter `enable_thinking`.";
      return refusal(400, 20015, message);
    }
    const promptTokens = countPrompt(request, this.#tokenizer);
    if (promptTokens > ability.contextTokens) {
      const message = `number of input tokens (${promptTokens}) has exceeded max_prompt_tokens (${ability.contextTokens}) limit.`;
      return refusal(400, 20015, message);
    }
    const refused = refuses();
    if (refused !== null) return refused;

    const context = {
      tokenizer: this.#tokenizer,
      seed,
      abilities: this.#options.modelAbilities ?? {},
      promptTokens,
    };
    if (this.#playback !== null) {
      const recordings = this.#playback.take(request, requestId, request.n);
      return recordings === null
        ? refusal(404, 20012, `no recording for model \`${request.model}\` and this prompt`)
        : replayReply(request, recordings, context);
    }
    const taught = requestId === null ? null : await this.#lessons.find(requestId);
    const lesson = taught ?? this.#options.answers?.get(request.prompt) ?? null;
    return composeReply(request, lesson, requestId, context);
  }

  /** A place and a charge, or neither. */
  #admit(request: ChatRequest, reply: Reply): Admission | Refusal {
    const { model } = request;
    const place = this.#capacity === null ? freePlace : this.#capacity.enter();
    if (place === null) return overloadRefusal();
    const limiter = this.#limiter;
    if (limiter === null) return { place, settle: () => {}, headers: {} };
    const { charge: kind = "usage", headers } = this.#options.limits ?? {};
    const tokens = tokensCharged(kind, { ...usedTokens(reply), maxTokens: request.maxTokens, n: request.n });
    const now = this.#now();
    const admitted = limiter.admit(model, tokens, now);
    if (admitted.kind === "refused") {
      place.leave();
      return this.#refusal(model, admitted, now);
    }
    return {
      place,
      settle: (used) => limiter.settle(admitted.charge, used, this.#now()),
      headers: headers === "openai" ? limitHeaders(limiter.states(model, now)) : {},
    };
  }

  #refusal(model: string, refused: Refused, now: number): Refusal {
    const told = this.#options.limits?.headers === "openai" ? this.#limiter : null;
    return rateRefusal(model, refused, told?.states(model, now) ?? null);
  }

  #latencyOf(model: string, late: boolean): LatencyModel {
    const { latency = { firstMs: 0, perTokenMs: 0 }, slowMs = 2_000, modelAbilities } = this.#options;
    const { firstMs, perTokenMs } = latency === "model" ? modelAbility(model, modelAbilities) : latency;
    return { firstMs: firstMs + (late ? slowMs : 0), perTokenMs };
  }
}
