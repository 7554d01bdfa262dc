import type { Transform } from "node:stream";
import type { Dispatcher } from "undici";
import type { AttemptOutcome, LimitHints } from "../outcome/attempt.ts";
import type { Usage } from "../outcome/completion.ts";
import type { Failure } from "../outcome/failure.ts";
import { badResponse, type Decoded } from "./answer-builder.ts";
import { AnswerDecoder, choicesAsked } from "./answer-decoder.ts";
import { bodyInflater } from "./body-inflater.ts";
import type { ChatUrl } from "./chat-url.ts";
import type { Watched } from "./deadline-watch.ts";
import type { Timeouts } from "./endpoint.ts";
import { readErrorBody } from "./error-body.ts";
import { ErrorText } from "./error-text.ts";
import { classifyResponse } from "./failure-classifier.ts";
import type { BytesHolder, HeldBytes } from "./held-bytes.ts";
import { readLimitHints, withTextHints } from "./limit-hints.ts";
import { classifyConnectionError, connectionReason } from "./network-failure.ts";
import { oneLine } from "./one-line.ts";
import { passedLimit, timeoutFailure, type Waiting } from "./passed-limit.ts";
import type { Dialect } from "./presets.ts";
import type { ChatRequest } from "./provider.ts";
import { edgeIdOf, forbidsRetry, headerOf, type ResponseHeaders, traceIdOf } from "./response-headers.ts";

/** What all exchanges of a client share. */
export interface ExchangeSettings {
  readonly url: ChatUrl;
  /** How this server's answers are read. */
  readonly dialect: Dialect;
  readonly timeouts: Timeouts;
  /** Monotonic, in milliseconds. */
  readonly clock: () => number;
  /** What all exchanges of the client hold of unfinished answers. */
  readonly held: HeldBytes;
  /** Called when the connection is free of the exchange; after that nothing more happens. */
  readonly released: (exchange: Exchange) => void;
}

/** Answers smaller than this, in bytes, are not counted in what all of them hold. */
const worthCounting = 1 << 20;

/** How long a server may keep the connection after an answer is complete. */
const lingerMs = 1000;

/**
 * One HTTP exchange: undici's callbacks in, one outcome out. `sent` is the moment undici begins to write the request on a
 * connected socket, so that neither a connection being made nor a queue for one counts; times are taken as data arrives.
 */
export class Exchange implements Dispatcher.DispatchHandler, Watched, BytesHolder {
  readonly #settings: ExchangeSettings;
  readonly #request: ChatRequest;
  /** Called once, with what came of it. */
  readonly #settled: (outcome: AttemptOutcome) => void;
  readonly #startedAt: number;
  previous: Watched | null = null;
  next: Watched | null = null;
  #controller: Dispatcher.DispatchController | null = null;
  #sentAt: number | null = null;
  #firstTokenAt: number | null = null;
  #lastByteAt: number | null = null;
  #status: number | null = null;
  #headers: ResponseHeaders = {};
  #hints: LimitHints | null = null;
  #bodyTraceId: string | null = null;
  #answer: AnswerDecoder | null = null;
  #error: ErrorText | null = null;
  #inflater: Transform | null = null;
  #settledAt: number | null = null;
  #ended = false;
  #released = false;

  constructor(settings: ExchangeSettings, request: ChatRequest, settled: (outcome: AttemptOutcome) => void) {
    this.#settings = settings;
    this.#request = request;
    this.#settled = settled;
    this.#startedAt = settings.clock();
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#settledAt !== null) controller.abort(new Error("the exchange was ended before it was sent"));
    else this.#sentAt = this.#settings.clock();
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: ResponseHeaders,
  ): void {
    if (status < 200 || this.#settledAt !== null) return;
    this.#status = status;
    this.#headers = headers;
    this.#lastByteAt = this.#settings.clock();
    this.#hints = readLimitHints(headers, Date.now(), this.#settings.dialect.requestsAre);
    if (status >= 300) this.#error = new ErrorText();
    else
      this.#answer = new AnswerDecoder(
        headerOf(headers, "content-type") ?? "",
        this.#settings.url.shown,
        () => choicesAsked(this.#request.body),
        this.#settings.dialect.paceCodes,
      );
    const encoding = headerOf(headers, "content-encoding");
    const inflater = bodyInflater(encoding);
    if (inflater === undefined) this.#cannotRead(encoding ?? "");
    else if (inflater !== null) this.#inflate(inflater);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#settledAt !== null) return;
    this.#lastByteAt = this.#settings.clock();
    if (this.#inflater === null) this.#take(chunk);
    else if (!this.#inflater.write(chunk)) controller.pause();
  }

  onResponseEnd(): void {
    if (this.#settledAt === null) {
      if (this.#inflater === null) this.#end(null);
      else this.#inflater.end();
    }
    this.#ended = true;
    this.#release();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#settledAt === null) {
      if (this.#status !== null) this.#end(connectionReason(error));
      else {
        const progress = this.#sentAt === null ? "connecting" : "waiting";
        this.fail(classifyConnectionError(error, progress, this.#settings.url.base));
      }
    }
    this.#ended = true;
    this.#release();
  }

  /** Ends the exchange when one of its limits has passed. */
  check(now: number): void {
    if (this.#settledAt !== null) {
      if (now - this.#settledAt >= lingerMs) this.#abort();
      return;
    }
    const passed = passedLimit(this.#waiting(), this.#settings.timeouts, now);
    if (passed === null) return;
    // The status of an error says more than that its body never ended.
    if (this.#error !== null) this.#end(passed);
    else this.fail(timeoutFailure(passed, this.#sentAt !== null, this.#settings.url.base));
  }

  /** Ends the exchange because nobody wants its answer any more. Not to be retried by itself. */
  cancel(): void {
    const maybeBilled = this.#sentAt !== null;
    this.fail({
      kind: "cancelled",
      message: "the run was stopped",
      code: null,
      retryable: false,
      maybeBilled,
    });
  }

  /** Ends the exchange with a failure and gives up its connection; keeps what the server had said of its use. */
  fail(failure: Failure, usage: Usage | undefined = this.#answer?.stated.usage): void {
    if (this.#settledAt !== null) return;
    const now = this.#settings.clock();
    this.#settle(now, {
      status: "failed",
      failure,
      ...(usage === undefined ? {} : { usage }),
      times: { latencyMs: now - (this.#sentAt ?? this.#startedAt), ttftMs: this.#ttft() },
      ...this.#exchangeFacts(),
    });
    this.#abort();
  }

  /** Ends the exchange because all answers together are too large, and its own is the largest. */
  giveUp(message: string): void {
    this.#complete(badResponse(`the answer of ${this.#settings.url.shown} is too large (${message})`, false));
  }

  #cannotRead(encoding: string): void {
    // An error still has its status.
    if (this.#error !== null) this.#end(null);
    else
      this.#complete(
        badResponse(`${this.#settings.url.shown} answered in the encoding \`${encoding}\``, false),
      );
  }

  #inflate(inflater: Transform): void {
    this.#inflater = inflater;
    inflater.on("data", (chunk: Buffer) => this.#take(chunk));
    inflater.on("drain", () => this.#controller?.resume());
    inflater.on("end", () => this.#end(null));
    inflater.on("error", (error) => this.#end(`it cannot be decompressed: ${error.message}`));
  }

  #take(chunk: Buffer): void {
    if (this.#settledAt !== null) return;
    if (this.#error !== null) {
      this.#error.write(chunk);
      if (this.#error.isFull) this.#end(null);
      return;
    }
    const decoded = this.#read((answer) => answer.write(chunk));
    if (this.#firstTokenAt === null && this.#answer?.begun === true) this.#firstTokenAt = this.#lastByteAt;
    if (decoded !== null) this.#complete(decoded);
    else if (this.#answer !== null && this.#answer.held >= worthCounting)
      this.#settings.held.grew(this, this.#answer.held);
  }

  #end(cut: string | null): void {
    if (this.#settledAt !== null) return;
    if (this.#error !== null) {
      this.fail(this.#refused(this.#error.text()));
      return;
    }
    const decoded = this.#read((answer) => answer.end(cut));
    if (decoded !== null) this.#complete(decoded);
  }

  /** Whatever a body does to its decoder is the body's fault, and never ends more than its own exchange. */
  #read(step: (answer: AnswerDecoder) => Decoded | null): Decoded | null {
    try {
      return this.#answer === null ? null : step(this.#answer);
    } catch (error) {
      const reason = oneLine((error as Error).message, 200);
      return badResponse(`the answer of ${this.#settings.url.shown} cannot be read (${reason})`, false);
    }
  }

  #complete(decoded: Decoded): void {
    this.#bodyTraceId = decoded.traceId ?? null;
    if (decoded.status === "failed") {
      this.fail(decoded.failure, decoded.usage);
      return;
    }
    const now = this.#settings.clock();
    const from = this.#sentAt ?? this.#startedAt;
    this.#settle(now, {
      status: "ok",
      answer: decoded.answer,
      times: { latencyMs: (this.#lastByteAt ?? now) - from, ttftMs: this.#ttft() },
      ...this.#exchangeFacts(),
    });
  }

  #refused(body: string): Failure {
    this.#bodyTraceId = readErrorBody(body).requestId;
    const failure = classifyResponse({
      status: this.#status ?? 0,
      body,
      location: headerOf(this.#headers, "location"),
      waitKnown: this.#hints !== null && this.#hints.retryAfterMs !== null,
      url: this.#settings.url.shown,
      paceCodes: this.#settings.dialect.paceCodes,
      retryForbidden: forbidsRetry(this.#headers),
    });
    this.#hints = withTextHints(this.#hints, failure);
    return failure;
  }

  #waiting(): Waiting {
    const answering = this.#answer?.streamed;
    return {
      startedAt: this.#startedAt,
      sentAt: this.#sentAt,
      lastByteAt: this.#lastByteAt,
      forFirstToken:
        this.#request.stream && this.#firstTokenAt === null && answering !== false && this.#error === null,
    };
  }

  #ttft(): number | null {
    return this.#firstTokenAt === null || this.#sentAt === null ? null : this.#firstTokenAt - this.#sentAt;
  }

  #exchangeFacts(): { httpStatus: number | null; traceId: string | null; hints: LimitHints | null } {
    const traceId =
      traceIdOf(this.#headers, this.#settings.dialect.traceHeaders) ??
      this.#bodyTraceId ??
      this.#answer?.stated.traceId ??
      edgeIdOf(this.#headers);
    return { httpStatus: this.#status, traceId, hints: this.#hints };
  }

  #settle(now: number, outcome: AttemptOutcome): void {
    this.#settledAt = now;
    this.#settings.held.release(this);
    this.#settled(outcome);
    if (this.#ended) this.#release();
  }

  #abort(): void {
    this.#inflater?.destroy();
    this.#controller?.abort(new Error("the exchange has ended"));
    this.#release();
  }

  #release(): void {
    if (this.#released || this.#settledAt === null) return;
    this.#released = true;
    this.#settings.released(this);
  }
}
