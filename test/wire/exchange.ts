import type { ServerResponse } from "node:http";
import { expect } from "vitest";
import type { AttemptOutcome } from "../../src/outcome/attempt.ts";
import { type Answer, type Completion, type Usage, unknownUsage } from "../../src/outcome/completion.ts";
import type { Failure } from "../../src/outcome/failure.ts";
import type { Timeouts } from "../../src/provider/endpoint.ts";
import type { ChatRequest } from "../../src/provider/provider.ts";
import { client, endpoint, serve } from "../provider/test-server.ts";
import { asCode, shown, type WireRow } from "./row.ts";

/** What the server of a row sends. */
export interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Text as it is, anything else as JSON. */
  readonly body: unknown;
}

/** What must come of it as an answer: only what differs from nothing is written. */
export interface GivesAnswer {
  readonly completions: readonly Partial<Completion>[];
  readonly usage?: Partial<Usage>;
  readonly id?: string;
  readonly model?: string;
  /** Whether there is a digest of a fingerprint. */
  readonly fingerprint?: boolean;
  readonly traceId?: string;
}

/** What must come of it as a failure. */
export type GivesFailure = Pick<Failure, "kind" | "message"> &
  Partial<Failure> & {
    readonly traceId?: string;
    readonly retryAfterMs?: number;
    readonly usage?: Partial<Usage>;
  };

export type Gives = GivesAnswer | GivesFailure;

/** How a row is asked for. */
export interface Asked {
  readonly stream: boolean;
  readonly n?: number;
  readonly timeouts?: Partial<Timeouts>;
}

/** Variable that every row's key comes from. */
export const keyVariable = "WIRE_KEY";
export const key = "sk-wire-0123456789";
export const sse: Readonly<Record<string, string>> = { "content-type": "text/event-stream" };
export const plainJson: Readonly<Record<string, string>> = { "content-type": "application/json" };

/** A request with `n` choices. */
export function request({ stream, n = 1 }: Asked): ChatRequest {
  return {
    requestId: "r1",
    stream,
    body: JSON.stringify({ model: "m", messages: [], stream, ...(n === 1 ? {} : { n }) }),
  };
}

/** The bytes of a body. */
export function bytesOf(body: unknown): Buffer {
  if (Buffer.isBuffer(body)) return body;
  return Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
}

/** Asks a server that answers as told through the real client. */
export async function exchange(
  respond: (response: ServerResponse) => void,
  asked: Asked,
): Promise<{ readonly outcome: AttemptOutcome; readonly origin: string }> {
  const server = await serve((response) => respond(response));
  return { outcome: await ask(server.origin, asked), origin: server.origin };
}

/** One attempt of the real client. */
export function ask(origin: string, asked: Asked): Promise<AttemptOutcome> {
  const timeouts = { connectMs: 5000, firstTokenMs: null, idleMs: null, totalMs: 20_000, ...asked.timeouts };
  const to = endpoint(origin, { apiKey: key, apiKeyEnv: keyVariable });
  return client(to, { timeouts, connections: 1 }).send(request(asked));
}

/** Writes a reply whole, or cut into pieces that the client gets one by one. */
export function write(response: ServerResponse, reply: Reply, pieces: readonly Buffer[] | null): void {
  response.writeHead(reply.status ?? 200, { ...plainJson, ...reply.headers });
  if (pieces === null) {
    response.end(bytesOf(reply.body));
    return;
  }
  for (const piece of pieces) response.write(piece);
  response.end();
}

const completed: Completion = {
  choice: 0,
  content: "",
  reasoning: "",
  toolCalls: [],
  refusal: null,
  finishReason: "stop",
  finishReasonRaw: "stop",
};

/** Compares an outcome, whole but for its times. `{url}` in a message stands for the server's, `{base}` for its base, `{any}` for a library's words. */
export function compare(outcome: AttemptOutcome, gives: Gives, status: number | null, origin: string): void {
  const { times, hints, ...rest } = outcome;
  expect(times.latencyMs).toBeGreaterThanOrEqual(0);
  if ("completions" in gives) {
    expect(hints).toBeNull();
    expect(rest).toEqual({
      status: "ok",
      answer: answer(gives),
      httpStatus: status,
      traceId: gives.traceId ?? null,
    });
    return;
  }
  const { traceId = null, retryAfterMs = null, usage, message, ...failure } = gives;
  expect(hints?.retryAfterMs ?? null).toBe(retryAfterMs);
  expect(rest).toEqual({
    status: "failed",
    failure: {
      code: null,
      retryable: false,
      maybeBilled: false,
      ...failure,
      message: said(message, origin),
    },
    httpStatus: status,
    traceId,
    ...(usage === undefined ? {} : { usage: { ...unknownUsage, ...usage } }),
  });
}

function said(message: string, origin: string): unknown {
  const text = message
    .replaceAll("{url}", `${origin}/v1/chat/completions`)
    .replaceAll("{base}", `${origin}/v1`);
  if (!text.includes("{any}")) return text;
  const parts = text.split("{any}").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return expect.stringMatching(new RegExp(`^${parts.join(".+")}$`));
}

function answer(gives: GivesAnswer): Answer {
  return {
    completions: gives.completions.map((one, choice) => ({ ...completed, choice, ...one })),
    usage: { ...unknownUsage, ...gives.usage },
    responseId: gives.id ?? null,
    responseModel: gives.model ?? null,
    ...(gives.fingerprint === true ? { systemFingerprint: expect.stringMatching(/^[0-9a-f]{12}$/) } : {}),
  };
}

/** What a row gives, as the table shows it. */
export function givesText(gives: Gives): string {
  if (!("completions" in gives)) {
    const { kind, message, code, retryable, maybeBilled, traceId, retryAfterMs, usage } = gives;
    const words = [
      `**${kind}**, ${retryable === true ? "asked again" : "for good"}`,
      ...(code === undefined || code === null ? [] : [`code ${asCode(code)}`]),
      ...(maybeBilled === true ? ["maybe billed"] : []),
      ...(retryAfterMs === undefined ? [] : [`wait ${retryAfterMs} ms`]),
      ...(traceId === undefined ? [] : [`trace id ${asCode(traceId)}`]),
      ...(usage === undefined ? [] : [`usage ${asCode(shown(usage))}`]),
    ];
    return `${words.join(", ")}: ${asCode(shown(message))}`;
  }
  const { completions, usage, id, model, fingerprint, traceId } = gives;
  const facts = {
    ...(usage === undefined ? {} : { usage }),
    ...(id === undefined ? {} : { id }),
    ...(model === undefined ? {} : { model }),
    ...(fingerprint === undefined ? {} : { fingerprint }),
    ...(traceId === undefined ? {} : { traceId }),
  };
  const said = completions.length === 1 ? completions[0] : completions;
  return asCode(shown({ ...(Array.isArray(said) ? { completions: said } : said), ...facts }));
}

/** A row in which a server sends one body, whole. */
export function replyRow(
  name: string,
  from: string,
  reply: Reply,
  gives: Gives,
  asked: Asked = { stream: false },
): WireRow {
  const { status = 200, headers = {}, body } = reply;
  const heads = Object.entries(headers).map(([header, value]) => `${header}: ${value}`);
  const told = [...(status === 200 ? [] : [`HTTP ${status}`]), ...heads].join(", ");
  const sent = body === "" ? "no body" : asCode(shown(body));
  return {
    name,
    wire: told === "" ? sent : `${told}: ${sent}`,
    becomes: givesText(gives),
    from,
    check: async () => {
      const { outcome, origin } = await exchange((response) => write(response, reply, null), asked);
      compare(outcome, gives, status, origin);
    },
  };
}
