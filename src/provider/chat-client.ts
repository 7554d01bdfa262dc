import { Pool } from "undici";
import type { AttemptOutcome } from "../outcome/attempt.ts";
import { chatUrl } from "./chat-url.ts";
import { createConnector } from "./connector.ts";
import { secretsOf } from "./credentials.ts";
import { DeadlineWatch } from "./deadline-watch.ts";
import type { Endpoint, Timeouts } from "./endpoint.ts";
import { Exchange, type ExchangeSettings } from "./exchange.ts";
import { HeldBytes } from "./held-bytes.ts";
import { maskOutcome } from "./mask-outcome.ts";
import type { ChatRequest, Provider } from "./provider.ts";
import { requestHeaders } from "./request-headers.ts";
import { createSecretMask } from "./secret-mask.ts";

/** How a client behaves. */
export interface ChatClientOptions {
  readonly timeouts: Timeouts;
  /** The most connections at once. At least as many as requests in flight, else requests wait for one before they are sent. */
  readonly connections: number;
  readonly userAgent: string;
  /** URL of the HTTP proxy to go through; null or left out for none. */
  readonly proxy?: string | null;
  /** Monotonic clock in milliseconds; `performance.now` unless given. */
  readonly clock?: () => number;
}

const keepAliveMs = 60_000;

/**
 * A client of one OpenAI-compatible endpoint over kept-alive HTTP/1.1 connections. Makes one attempt a request, never
 * retries, follows no redirects and never rejects. Keys are masked in whatever a server says.
 */
export function createChatClient(endpoint: Endpoint, options: ChatClientOptions): Provider {
  const url = chatUrl(endpoint);
  const clock = options.clock ?? ((): number => performance.now());
  const mask = createSecretMask(secretsOf(endpoint));
  const watch = new DeadlineWatch(options.timeouts, clock);
  const headersFor = requestHeaders(endpoint, options.userAgent);
  let closing: Promise<void> | null = null;

  const pool = new Pool(url.origin, {
    connect: createConnector(endpoint, options.timeouts.connectMs, options.proxy ?? null),
    connections: options.connections,
    pipelining: 1,
    keepAliveTimeout: keepAliveMs,
    // Our own limits rule.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  const settings: ExchangeSettings = {
    url,
    dialect: endpoint.dialect,
    timeouts: options.timeouts,
    clock,
    held: new HeldBytes(),
    released: (exchange) => watch.delete(exchange),
  };

  const send = (request: ChatRequest): Promise<AttemptOutcome> =>
    new Promise((resolve) => {
      const exchange = new Exchange(settings, request, (outcome) =>
        resolve(maskOutcome(outcome, mask, endpoint)),
      );
      watch.add(exchange);
      if (closing !== null) {
        exchange.cancel();
        return;
      }
      const headers = headersFor(request);
      pool.dispatch({ method: "POST", path: url.path, headers, body: request.body }, exchange);
    });
  const cancel = (): void => {
    for (const exchange of watch.all()) exchange.cancel();
  };
  const shut = async (): Promise<void> => {
    cancel();
    watch.stop();
    await pool.destroy();
  };
  return {
    send,
    cancel,
    close: () => {
      closing ??= shut();
      return closing;
    },
  };
}
