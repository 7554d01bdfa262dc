import { createParser } from "eventsource-parser";
import { Agent, request } from "undici";
import { afterAll, afterEach } from "vitest";
import type { Simulator, SimulatorOptions } from "../../src/simulator/options.ts";
import { startSimulator } from "../../src/simulator/server.ts";

const agent = new Agent({ connections: 64, keepAliveTimeout: 30_000 });
const open: Simulator[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((simulator) => simulator.close()));
});
afterAll(() => agent.close());

/** A simulator that is closed after the test. */
export async function simulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const started = await startSimulator(options);
  open.push(started);
  return started;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** One HTTP exchange; a string body goes out as it is. */
export async function http(
  url: string,
  body: unknown = null,
  headers: Readonly<Record<string, string>> = {},
): Promise<HttpAnswer> {
  const response = await request(url, {
    method: body === null ? "GET" : "POST",
    headers: { "content-type": "application/json", ...headers },
    ...(body === null ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    dispatcher: agent,
  });
  return { status: response.statusCode, headers: response.headers, text: await response.body.text() };
}

/** Posts a chat request; `id` is the request id a run would send. */
export function chat(simulator: Pick<Simulator, "baseUrl">, body: unknown, id?: string): Promise<HttpAnswer> {
  return http(
    `${simulator.baseUrl}/chat/completions`,
    body,
    id === undefined ? {} : { "x-promptgrid-request": id },
  );
}

/** Posts a chat request of a client that goes away when it is told to. */
export function abandon(
  { baseUrl }: Pick<Simulator, "baseUrl">,
  body: unknown,
): { readonly leave: () => void; readonly gone: Promise<unknown> } {
  const leaving = new AbortController();
  const gone = request(`${baseUrl}/chat/completions`, {
    method: "POST",
    body: JSON.stringify(body),
    signal: leaving.signal,
    dispatcher: agent,
  })
    .then(({ body: answer }) => answer.text())
    .catch((error: unknown) => error);
  return { leave: () => leaving.abort(), gone };
}

/** Waits until something holds, turn by turn of the event loop. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}

export interface WireCall {
  readonly index?: number;
  readonly id: string | null;
  readonly type: string | null;
  readonly function: { readonly name: string | null; readonly arguments: string };
}
export interface WireMessage {
  readonly role?: string;
  readonly content: string | null;
  readonly reasoning_content?: string | null;
  readonly tool_calls?: readonly WireCall[];
}
export interface WireUsage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
  readonly completion_tokens_details?: { readonly reasoning_tokens: number };
}
export interface WireAnswer {
  readonly id: string;
  readonly object: string;
  readonly model: string;
  readonly choices: readonly {
    readonly index: number;
    readonly message: WireMessage;
    readonly finish_reason: string;
  }[];
  readonly usage: WireUsage;
}
export interface WireChunk {
  readonly id: string;
  readonly object: string;
  readonly created: number;
  readonly model: string;
  readonly choices: readonly {
    readonly index: number;
    readonly delta: WireMessage;
    readonly finish_reason: string | null;
  }[];
  readonly usage: WireUsage;
}

/** The body of a 200. */
export async function answer(
  simulator: Pick<Simulator, "baseUrl">,
  body: object,
  id?: string,
): Promise<WireAnswer> {
  const { status, text } = await chat(simulator, body, id);
  if (status !== 200) throw new Error(`status ${status}: ${text}`);
  return JSON.parse(text) as WireAnswer;
}

/** The text of the first choice. */
export async function said(
  simulator: Pick<Simulator, "baseUrl">,
  body: object,
  id?: string,
): Promise<string> {
  return (await answer(simulator, body, id)).choices[0]?.message.content ?? "";
}

/** The data of every event in an SSE text. */
export function events(text: string): string[] {
  const found: string[] = [];
  const parser = createParser({ onEvent: (event) => found.push(event.data) });
  parser.feed(text);
  return found;
}

/** The chunks of a stream; throws unless it ends with `[DONE]`. */
export function chunks(text: string): WireChunk[] {
  const all = events(text);
  if (all.at(-1) !== "[DONE]") throw new Error("the stream does not end with [DONE]");
  return all.slice(0, -1).map((data) => JSON.parse(data) as WireChunk);
}

/** The text one choice of a stream adds up to. */
export function streamed(
  all: readonly WireChunk[],
  index = 0,
  field: "content" | "reasoning_content" = "content",
): string {
  return all
    .flatMap((chunk) => chunk.choices)
    .filter((choice) => choice.index === index)
    .map((choice) => choice.delta[field] ?? "")
    .join("");
}

/** A request with one user message. */
export function ask(content: string, rest: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return { model: "sim/strong", messages: [{ role: "user", content }], ...rest };
}
