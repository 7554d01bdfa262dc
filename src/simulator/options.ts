import type { AnswerKey } from "./answer-key.ts";
import type { BatchOptions } from "./batches/batch-options.ts";
import type { CapacityOptions } from "./capacity.ts";
import type { Fault } from "./faults.ts";
import type { LatencySetting } from "./latency.ts";
import type { Lesson } from "./lesson.ts";
import type { LimitOptions } from "./limits.ts";
import type { ModelAbility } from "./models.ts";
import type { Recordings } from "./recordings.ts";

/** How the local endpoint behaves. Plain data (maps included), so that it can be sent to a worker thread. */
export interface SimulatorOptions {
  /** Port on 127.0.0.1; 0, the default, takes a free one. */
  readonly port?: number;
  /** Start of every draw; default 1. Equal seeds and equal requests give equal answers. */
  readonly seed?: number;
  /** Right answers by the last user message. */
  readonly answers?: AnswerKey;
  /** Recorded answers. When present nothing else is served: a request without a recording gets a 404. */
  readonly replay?: Recordings;
  /** How long answers take; `"model"` uses each model's own figures. Default: at once. */
  readonly latency?: LatencySetting;
  readonly limits?: LimitOptions;
  /** How many requests it works on at once; default any number. */
  readonly capacity?: CapacityOptions;
  readonly batches?: BatchOptions;
  /** What goes wrong and how often; at most one fault strikes an arrival. */
  readonly faults?: readonly Fault[];
  /** Milliseconds that the fault `slow` adds before the first token; default 2 000. */
  readonly slowMs?: number;
  /** The only key that is accepted; null or absent accepts every request. */
  readonly apiKey?: string | null;
  /** Further models, or other abilities for known ones. */
  readonly modelAbilities?: Readonly<Record<string, ModelAbility>>;
  /**
   * Whether a request that carries `x-promptgrid-request` waits (up to 2 s) for a lesson that has not arrived yet.
   * Default: only once a first lesson was taught.
   */
  readonly awaitLessons?: boolean;
  /** Whether arrivals are counted by `x-promptgrid-request`; memory grows with the number of ids. Default false. */
  readonly countRequestIds?: boolean;
}

/** What the endpoint has seen so far. All counts but those of batches are of `POST /v1/chat/completions`. */
export interface SimulatorStats {
  /** Arrivals with a complete body. */
  readonly requests: number;
  /** Complete answers with status 200, handed to the socket to the last byte. */
  readonly answered: number;
  /** Answers with an error status, by status: `{ "429": 3 }`. */
  readonly rejected: Readonly<Record<string, number>>;
  /** Faults that struck, by kind. */
  readonly faults: Readonly<Record<string, number>>;
  /** Clients that went away before their answer was complete, faults that cut an answer aside. */
  readonly abandoned: number;
  /** Arrivals being answered now, or waiting for their turn. */
  readonly concurrent: number;
  readonly peakConcurrent: number;
  /** Tokens of the answered requests. */
  readonly promptTokens: number;
  readonly completionTokens: number;
  /** Batches that were created. */
  readonly batches: number;
  /** Lines of batches that were worked on, those that failed on purpose included. */
  readonly batchLines: number;
  /** Arrivals by `x-promptgrid-request`, and lines of batches by `custom_id`; null unless `countRequestIds`. */
  readonly byRequestId: Readonly<Record<string, number>> | null;
}

/** A running local endpoint. */
export interface Simulator {
  readonly port: number;
  /** `http://127.0.0.1:PORT/v1` */
  readonly baseUrl: string;
  stats(): SimulatorStats;
  /**
   * Says what the right answer to a coming request is; null says that there is none to know, so that nobody waits.
   * The lesson is dropped once the request is answered, or after 10 minutes.
   */
  teach(requestId: string, lesson: Lesson | null): void;
  /** Ends everything in flight and frees the port. */
  close(): Promise<void>;
}
