import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { Agent, FormData, fetch, type Response } from "undici";
import type { Failure } from "../outcome/failure.ts";
import { type BatchLine, decodeBatchLine } from "./batch-line.ts";
import { chatUrl } from "./chat-url.ts";
import { createConnector } from "./connector.ts";
import { secretsOf } from "./credentials.ts";
import type { Endpoint } from "./endpoint.ts";
import { classifyResponse } from "./failure-classifier.ts";
import { isJsonObject, type JsonObject, parseJson, textOrNull } from "./json-value.ts";
import { readLimitHints } from "./limit-hints.ts";
import { maskFailure, maskOutcome } from "./mask-outcome.ts";
import { classifyConnectionError } from "./network-failure.ts";
import { oneLine } from "./one-line.ts";
import { requestHeaders } from "./request-headers.ts";
import { forbidsRetry } from "./response-headers.ts";
import { createSecretMask } from "./secret-mask.ts";

/** A batch as its provider describes it. */
export interface RemoteBatch {
  readonly id: string;
  /** The provider's word: `in_progress`, `completed` … */
  readonly status: string;
  /** Whether nothing more will come of it. */
  readonly isOver: boolean;
  /** Files of answers and of failures that there are; a file's id, or a URL. */
  readonly files: readonly string[];
  /** Requests done, failed, and in all; null where it does not say. */
  readonly counts: { readonly completed: number; readonly failed: number; readonly total: number } | null;
  /** Why it was refused as a whole; null for no word of that. */
  readonly problem: string | null;
  /** The name that was given to it; null for one of somebody else, and where the provider does not keep it. */
  readonly name: string | null;
  /** The file that it was made of. */
  readonly inputFile: string | null;
}

/** What came of a call, as a value. */
export type Reply<T> =
  | { readonly ok: true; readonly value: T }
  | {
      readonly ok: false;
      readonly failure: Failure;
      /** null when no status line arrived. */
      readonly status: number | null;
      /** What the server asked for, in milliseconds. */
      readonly retryAfterMs: number | null;
    };

/** What is wanted of a batch. */
export interface BatchWish {
  /** Ours, kept in its metadata. */
  readonly name: string;
  /** Within what time, such as `24h`. */
  readonly window: string;
}

/** `/files` and `/batches` of one endpoint. Makes each call once, never rejects, masks keys in whatever a server says. */
export interface BatchClient {
  /** Uploads a JSONL file; gives its id. */
  upload(path: string, name: string): Promise<Reply<string>>;
  create(fileId: string, wish: BatchWish): Promise<Reply<RemoteBatch>>;
  look(id: string): Promise<Reply<RemoteBatch>>;
  /** The newest batch of a name, or of an uploaded file; null where the list has none. */
  find(name: string, fileId: string | null): Promise<Reply<RemoteBatch | null>>;
  /** Reads a file of results line by line. Lines that name no request are left out. */
  results(file: string, visit: (line: BatchLine) => void): Promise<Reply<null>>;
  /** Ends what is under way. */
  close(): Promise<void>;
}

/** How a batch client behaves. */
export interface BatchClientOptions {
  readonly connectMs: number;
  readonly userAgent: string;
  readonly proxy: string | null;
}

/** Statuses after which nothing more comes (OpenAI; SiliconFlow has the same). */
const over: ReadonlySet<string> = new Set(["completed", "failed", "expired", "cancelled"]);
/** The member of a batch's metadata that holds our name for it. */
const nameKey = "promptgrid_batch";
const callMs = 120_000;
const transferMs = 3_600_000;
/** Pages of the list that are looked through, of 100 batches each. */
const mostPages = 20;
const mostRedirects = 3;

/** A client for the batches of an endpoint; OpenAI's shapes and SiliconFlow's, which wraps what an upload gives. */
export function createBatchClient(endpoint: Endpoint, options: BatchClientOptions): BatchClient {
  return new HttpBatchClient(endpoint, options);
}

class HttpBatchClient implements BatchClient {
  readonly #endpoint: Endpoint;
  readonly #agent: Agent;
  readonly #ending = new AbortController();
  readonly #headers: Readonly<Record<string, string>>;
  readonly #mask: ReturnType<typeof createSecretMask>;
  /** Without credentials and query, for messages. */
  readonly #base: string;

  constructor(endpoint: Endpoint, { connectMs, userAgent, proxy }: BatchClientOptions) {
    this.#endpoint = endpoint;
    this.#agent = new Agent({
      connect: createConnector(endpoint, connectMs, proxy),
      headersTimeout: transferMs,
      bodyTimeout: callMs,
    });
    const flat = requestHeaders(
      { ...endpoint, sendRequestId: false },
      userAgent,
    )({
      requestId: "",
      body: "",
      stream: false,
    });
    const pairs = flat.flatMap((name, i) => (i % 2 === 0 ? [[name, flat[i + 1] ?? ""] as const] : []));
    this.#headers = Object.fromEntries(pairs.filter(([name]) => name !== "content-type"));
    this.#mask = createSecretMask(secretsOf(endpoint));
    this.#base = chatUrl(endpoint).base;
  }

  async upload(path: string, name: string): Promise<Reply<string>> {
    const form = new FormData();
    form.set("purpose", "batch");
    form.set("file", new Blob([readFileSync(path)], { type: "application/jsonl" }), name);
    const reply = await this.#json("/files", { method: "POST", body: form }, transferMs);
    if (!reply.ok) return reply;
    const id = textOrNull(unwrapped(reply.value).id);
    return id === null ? this.#unreadable("an upload", reply.value) : { ok: true, value: id };
  }

  create(fileId: string, { name, window }: BatchWish): Promise<Reply<RemoteBatch>> {
    return this.#batch("/batches", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        input_file_id: fileId,
        endpoint: "/v1/chat/completions",
        completion_window: window,
        metadata: { [nameKey]: name },
      }),
    });
  }

  look(id: string): Promise<Reply<RemoteBatch>> {
    return this.#batch(`/batches/${encodeURIComponent(id)}`, { method: "GET" });
  }

  async find(name: string, fileId: string | null): Promise<Reply<RemoteBatch | null>> {
    let after = "";
    for (let page = 0; page < mostPages; page++) {
      const reply = await this.#json("/batches", { method: "GET" }, callMs, {
        limit: "100",
        ...(after === "" ? {} : { after }),
      });
      if (!reply.ok) return reply;
      const list = Array.isArray(reply.value.data) ? reply.value.data : unwrapped(reply.value).data;
      if (!Array.isArray(list)) return this.#unreadable("the list of batches", reply.value);
      const batches = list.flatMap((one) => (isJsonObject(one) ? [remoteBatch(one)] : []));
      const found =
        batches.find(
          (one) => one !== null && (one.name === name || (fileId !== null && one.inputFile === fileId)),
        ) ?? null;
      const last = batches.at(-1)?.id ?? "";
      if (found !== null || reply.value.has_more !== true || last === "" || last === after)
        return { ok: true, value: found };
      after = last;
    }
    return { ok: true, value: null };
  }

  async results(file: string, visit: (line: BatchLine) => void): Promise<Reply<null>> {
    const reply = await this.#content(file);
    if (!reply.ok) return reply;
    const { shown } = chatUrl(this.#endpoint);
    const facts = { url: shown, paceCodes: this.#endpoint.dialect.paceCodes };
    try {
      if (reply.value.body === null) return { ok: true, value: null };
      const lines = createInterface({ input: Readable.fromWeb(reply.value.body), crlfDelay: Infinity });
      for await (const text of lines) {
        const line = text.trim() === "" ? null : decodeBatchLine(text, facts);
        if (line !== null) visit({ ...line, outcome: maskOutcome(line.outcome, this.#mask, this.#endpoint) });
      }
      return { ok: true, value: null };
    } catch (error) {
      return this.#broken(error, "answering");
    }
  }

  async close(): Promise<void> {
    this.#ending.abort();
    await this.#agent.destroy();
  }

  /** The bytes of a file: from its own URL, from `/content`, or from the URL that the file's description names. */
  async #content(file: string): Promise<Reply<Response>> {
    if (URL.canParse(file)) return this.#foreign(file);
    const path = `/files/${encodeURIComponent(file)}`;
    const reply = await this.#call(`${path}/content`, { method: "GET" }, transferMs);
    if (reply.ok || (reply.status !== 404 && reply.status !== 405)) return reply;
    const described = await this.#json(path, { method: "GET" }, callMs);
    const facts = described.ok ? unwrapped(described.value) : {};
    const url = textOrNull(facts.url) ?? textOrNull(facts.download_url);
    return url === null ? reply : this.#foreign(url);
  }

  /** Another server's URL is signed by itself: it never gets the key. */
  async #foreign(url: string, redirects = 0): Promise<Reply<Response>> {
    const { protocol, origin } = new URL(url);
    const own = chatUrl(this.#endpoint).origin;
    if (protocol !== "https:" && origin !== own)
      return this.#unreadable("a file of results", { url: `${origin} (not https)` });
    const reply = await this.#fetch(url, {
      method: "GET",
      redirect: "manual",
      headers: origin === own ? this.#headers : {},
      signal: this.#within(transferMs),
    });
    const location = reply.ok ? reply.value.headers.get("location") : null;
    if (reply.ok && reply.value.status >= 300 && reply.value.status < 400 && location !== null) {
      await reply.value.body?.cancel();
      if (redirects < mostRedirects) return this.#foreign(new URL(location, url).href, redirects + 1);
    }
    return reply.ok ? this.#checked(reply.value) : reply;
  }

  async #batch(path: string, init: FetchInit): Promise<Reply<RemoteBatch>> {
    const reply = await this.#json(path, init, callMs);
    if (!reply.ok) return reply;
    const batch = remoteBatch(unwrapped(reply.value));
    return batch === null ? this.#unreadable("a batch", reply.value) : { ok: true, value: batch };
  }

  async #json(
    path: string,
    init: FetchInit,
    ms: number,
    query: Readonly<Record<string, string>> = {},
  ): Promise<Reply<JsonObject>> {
    const reply = await this.#call(path, init, ms, query);
    if (!reply.ok) return reply;
    try {
      const text = await reply.value.text();
      const value = parseJson(text);
      return isJsonObject(value) ? { ok: true, value } : this.#unreadable(`${this.#base}${path}`, text);
    } catch (error) {
      return this.#broken(error, "answering");
    }
  }

  async #call(
    path: string,
    init: FetchInit,
    ms: number,
    query: Readonly<Record<string, string>> = {},
  ): Promise<Reply<Response>> {
    const { origin, path: chat } = chatUrl(this.#endpoint);
    const url = new URL(`${origin}${chat.replace(/\/chat\/completions(?=\?|$)/, path)}`);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    const reply = await this.#fetch(url.href, {
      ...init,
      redirect: "manual",
      headers: { ...this.#headers, ...init.headers },
      signal: this.#within(ms),
    });
    return reply.ok ? this.#checked(reply.value) : reply;
  }

  async #fetch(url: string, init: Parameters<typeof fetch>[1]): Promise<Reply<Response>> {
    try {
      return { ok: true, value: await fetch(url, { ...init, dispatcher: this.#agent }) };
    } catch (error) {
      return this.#broken(error, "waiting");
    }
  }

  /** A reply with a status that is no success is a failure. */
  async #checked(response: Response): Promise<Reply<Response>> {
    if (response.ok) return { ok: true, value: response };
    const headers = Object.fromEntries(response.headers);
    const body = await response.text().catch(() => "");
    const hints = readLimitHints(headers, Date.now(), this.#endpoint.dialect.requestsAre);
    const failure = classifyResponse({
      status: response.status,
      body: body.slice(0, 65_536),
      location: headers.location ?? null,
      waitKnown: hints?.retryAfterMs !== null && hints !== null,
      url: this.#base,
      paceCodes: this.#endpoint.dialect.paceCodes,
      retryForbidden: forbidsRetry(headers),
    });
    return {
      ok: false,
      failure: maskFailure(failure, this.#mask, this.#endpoint),
      status: response.status,
      retryAfterMs: hints?.retryAfterMs ?? null,
    };
  }

  #within(ms: number): AbortSignal {
    return AbortSignal.any([this.#ending.signal, AbortSignal.timeout(ms)]);
  }

  #broken(error: unknown, progress: "waiting" | "answering"): Reply<never> {
    const failure = classifyConnectionError(error, progress, this.#base);
    return {
      ok: false,
      failure: maskFailure(failure, this.#mask, this.#endpoint),
      status: null,
      retryAfterMs: null,
    };
  }

  #unreadable(what: string, value: unknown): Reply<never> {
    const said = oneLine(typeof value === "string" ? value : JSON.stringify(value), 300);
    const failure: Failure = {
      kind: "bad_response",
      message: `${this.#base} answered ${what} with something that cannot be read: ${said}`,
      code: null,
      retryable: false,
      maybeBilled: false,
    };
    return {
      ok: false,
      failure: maskFailure(failure, this.#mask, this.#endpoint),
      status: 200,
      retryAfterMs: null,
    };
  }
}

interface FetchInit {
  readonly method: "GET" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | FormData;
}

/** SiliconFlow puts some answers into `data`. */
function unwrapped(value: JsonObject): JsonObject {
  return isJsonObject(value.data) ? value.data : value;
}

function remoteBatch(value: JsonObject): RemoteBatch | null {
  const id = textOrNull(value.id);
  const status = textOrNull(value.status);
  if (id === null || status === null) return null;
  const files = [value.output_file_id, value.error_file_id].flatMap((file) => textOrNull(file) ?? []);
  const counts = isJsonObject(value.request_counts) ? value.request_counts : null;
  const count = (name: string): number => (typeof counts?.[name] === "number" ? counts[name] : 0);
  const metadata = isJsonObject(value.metadata) ? value.metadata : {};
  return {
    id,
    status,
    isOver: over.has(status),
    files,
    counts:
      counts === null
        ? null
        : { completed: count("completed"), failed: count("failed"), total: count("total") },
    problem: problemOf(value.errors),
    name: textOrNull(metadata[nameKey]),
    inputFile: textOrNull(value.input_file_id),
  };
}

/** The first of the errors for which a file was refused. */
function problemOf(errors: unknown): string | null {
  const list = isJsonObject(errors) && Array.isArray(errors.data) ? errors.data : [];
  const [one] = list as readonly unknown[];
  if (!isJsonObject(one)) return null;
  const line = typeof one.line === "number" ? `line ${one.line}: ` : "";
  return oneLine(`${line}${textOrNull(one.message) ?? textOrNull(one.code) ?? "no reason given"}`, 500);
}
