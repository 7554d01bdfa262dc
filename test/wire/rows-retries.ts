import type { ServerResponse } from "node:http";
import { expect } from "vitest";
import type { Clock } from "../../src/system/clock.ts";
import { event, helloBody, helloStream, json, serve } from "../provider/test-server.ts";
import { keyVariable, sse } from "./exchange.ts";
import { asCode, type WireGroup, type WireRow } from "./row.ts";
import { type Json, runWritten } from "./run-written.ts";

type Respond = (response: ServerResponse) => void;

const hurry = 1000;

/** A clock on which a minute takes 60 ms. */
const hurried: Clock = {
  now: () => performance.now() * hurry,
  wall: () => new Date().toISOString(),
  after: (ms, work) => {
    const timer = setTimeout(work, ms / hurry);
    return () => clearTimeout(timer);
  },
};

interface Expected {
  /** The attempts in their order: the kind of failure, or `ok`. */
  readonly attempts: readonly string[];
  readonly exitCode: number;
  /** What the run says of its end; null where it says nothing. */
  readonly reason: string | null;
}

/** A run of one request after the other, in which the server answers as the replies say, and after the last `ok`. */
function retryRow(
  name: string,
  from: string,
  wire: string,
  replies: readonly Respond[],
  expected: Expected,
  matrix: Json = {},
): WireRow {
  const { attempts, exitCode, reason } = expected;
  const said = reason === null ? "" : `: ${asCode(reason)}`;
  return {
    name,
    wire,
    becomes: `${attempts.map(asCode).join(", ")}; exit code ${exitCode}${said}`,
    from,
    check: async () => {
      const server = await serve((response, _seen, nth) => (replies[nth - 1] ?? ok)(response));
      const written = { prompts, parameters, limits: { concurrency: 1 }, ...matrix };
      const ran = await runWritten(server.origin, written, {
        clock: hurried,
        entry: { api_key_env: keyVariable },
      });
      const kinds = ran.attempts.map((one) => (one.status === "ok" ? "ok" : one.failure.kind));
      expect({
        attempts: kinds,
        exitCode: ran.outcome.exitCode,
        reason: ran.outcome.reason?.replaceAll(server.origin, "{origin}") ?? null,
      }).toEqual(expected);
      expect(server.seen).toHaveLength(attempts.length);
    },
  };
}

const prompts = [{ user: "hi" }];
const parameters = { model: "m" };
const ok: Respond = (response) => {
  response.writeHead(200, sse);
  response.end(helloStream);
};
const status =
  (code: number, body: unknown = { message: `no ${code}` }, headers: Record<string, string> = {}): Respond =>
  (response) =>
    json(response, code, body, headers);
const good = { exitCode: 0, reason: null } as const;

const passing: readonly (readonly [code: number, kind: string])[] = [
  [408, "timeout"],
  [409, "server"],
  [425, "server"],
  [429, "rate_limited"],
  [500, "server"],
  [502, "server"],
  [503, "overloaded"],
  [504, "server"],
  [520, "server"],
  [529, "overloaded"],
];
const lasting: readonly (readonly [code: number, kind: string])[] = [
  [400, "invalid_request"],
  [404, "invalid_request"],
  [413, "invalid_request"],
  [422, "invalid_request"],
  [451, "content_filtered"],
];

const once: readonly WireRow[] = [
  ...passing.map(([code, kind]) =>
    retryRow(`HTTP ${code}, then an answer`, "dialects §3", `HTTP ${code}, HTTP 200`, [status(code)], {
      attempts: [kind, "ok"],
      ...good,
    }),
  ),
  retryRow(
    "500, 502, 503 and then an answer",
    "defects seen elsewhere",
    "HTTP 500, 502, 503, 200",
    [status(500), status(502), status(503)],
    { attempts: ["server", "server", "overloaded", "ok"], ...good },
  ),
  retryRow(
    "a connection that breaks, then an answer",
    "dialects §6",
    "nothing, HTTP 200",
    [(response) => response.destroy()],
    { attempts: ["network", "ok"], ...good },
  ),
  retryRow(
    "a stream cut short, then an answer",
    "dialects §5.8",
    "HTTP 200, HTTP 200",
    [
      (response) => {
        response.writeHead(200, sse);
        response.end(event({ choices: [{ index: 0, delta: { content: "hel" } }] }));
      },
    ],
    { attempts: ["truncated_stream", "ok"], ...good },
  ),
  retryRow(
    "an error in a 200, then an answer",
    "dialects §2",
    "HTTP 200, HTTP 200",
    [status(200, { error: { code: 503, message: "down" } })],
    { attempts: ["overloaded", "ok"], ...good },
  ),
  retryRow(
    "an answer that says that none are left, and to wait",
    "defects seen elsewhere",
    "HTTP 200, `x-ratelimit-remaining-requests: 0`, `retry-after: 20`",
    [status(200, helloBody, { "x-ratelimit-remaining-requests": "0", "retry-after": "20" })],
    { attempts: ["ok"], ...good },
  ),
];

const allLost = "1 of 1 requests failed, more than `max_failed` (2%)";
const named = `(key from \`${keyVariable}\`)`;
const five = { prompts: [1, 2, 3, 4, 5].map((i) => ({ id: `p${i}`, user: `hi ${i}` })) };
const always = (one: Respond): readonly Respond[] => Array.from({ length: 60 }, () => one);
const incomplete = (reason: string): Pick<Expected, "exitCode" | "reason"> => ({ exitCode: 3, reason });

const never: readonly WireRow[] = [
  ...lasting.map(([code, kind]) =>
    retryRow(`HTTP ${code}`, "dialects §3", `HTTP ${code} always`, always(status(code)), {
      attempts: [kind],
      ...incomplete(allLost),
    }),
  ),
  retryRow(
    "a bad key",
    "defects seen elsewhere",
    "HTTP 401 always, to five prompts",
    always(status(401, "Api key is invalid")),
    { attempts: ["auth"], ...incomplete(`p/m: Api key is invalid ${named}`) },
    five,
  ),
  retryRow(
    "no money",
    "SiliconFlow §8",
    "HTTP 403 always, to five prompts",
    always(status(403, { code: 30001, message: "Sorry, your account balance is insufficient" })),
    { attempts: ["quota"], ...incomplete(`p/m: Sorry, your account balance is insufficient ${named}`) },
    five,
  ),
  retryRow(
    "no money, said by 429",
    "dialects §3",
    "HTTP 429 always, to five prompts",
    always(
      status(429, { error: { message: "You exceeded your current quota", code: "insufficient_quota" } }),
    ),
    { attempts: ["quota"], ...incomplete(`p/m: You exceeded your current quota ${named}`) },
    five,
  ),
  retryRow(
    "the limit of the day",
    "SiliconFlow §9",
    "HTTP 429 always, to five prompts",
    always(
      status(429, { message: "Request was rejected due to rate limiting. Details: RPD limit reached." }),
    ),
    {
      attempts: ["quota"],
      ...incomplete(`p/m: Request was rejected due to rate limiting. Details: RPD limit reached. ${named}`),
    },
    five,
  ),
];

const capped: readonly WireRow[] = [
  retryRow(
    "429 always: one layer of retries",
    "defects seen elsewhere",
    "HTTP 429 always, `retry: { attempts: 4 }`",
    always(status(429)),
    { attempts: Array.from({ length: 4 }, () => "rate_limited"), ...incomplete(allLost) },
    { retry: { attempts: 4 } },
  ),
  retryRow("500 always", "defects seen elsewhere", "HTTP 500 always", always(status(500)), {
    attempts: Array.from({ length: 6 }, () => "server"),
    ...incomplete(allLost),
  }),
  retryRow(
    "a wait of a day is cut to five minutes",
    "defects seen elsewhere",
    "HTTP 429, `retry-after: 86400`, HTTP 200",
    [status(429, undefined, { "retry-after": "86400" })],
    { attempts: ["rate_limited", "ok"], ...good },
  ),
];

const refused = "Value error, current model does not support parameter `enable_thinking`.";

/** One of two variants of a model has a parameter that the model does not know. */
const unsupported: WireRow = {
  name: "a parameter that the model does not support, in one of two variants",
  wire: "HTTP 400 to every request with `enable_thinking`, of 2 × 20",
  becomes: "the other variant is answered whole; few requests are lost on the refused one",
  from: "issue 5",
  check: async () => {
    const server = await serve((response, { body }) => {
      (body.includes("enable_thinking") ? status(400, { code: 20015, message: refused }) : ok)(response);
    });
    const grid = { enable_thinking: [true, null] };
    const written = { prompts, parameters, grid, trials: 20, limits: { concurrency: 4 }, max_failed: "100%" };
    const { attempts } = await runWritten(server.origin, written, { clock: hurried });
    expect(attempts.filter((one) => one.status === "ok")).toHaveLength(20);
    expect(attempts.filter((one) => one.status === "failed").length).toBeLessThan(12);
  },
};

const text =
  "A matrix is run with one prompt, or five; its attempts and its exit code are compared, and that the server saw no request more. The clock of the run goes a thousand times faster.";
const heads = ["the server answers", "attempts"] as const;

/** What is asked again, and how often. */
export const retries: readonly WireGroup[] = [
  { title: "Asked again", text, heads, rows: once },
  { title: "Asked again, with an end", text, heads, rows: capped },
  { title: "Not asked again", text, heads, rows: [...never, unsupported] },
];
