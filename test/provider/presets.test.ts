import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadMatrix } from "../../src/config/load.ts";
import { noOverrides } from "../../src/config/overrides.ts";
import type { ProviderSpec } from "../../src/config/run-config.ts";
import { noDataset } from "../../src/dataset/dataset.ts";
import type { Diagnostic } from "../../src/diagnostics/diagnostic.ts";
import { buildPlan } from "../../src/plan/build-plan.ts";
import { requestBody } from "../../src/plan/request-body.ts";
import type { Endpoint } from "../../src/provider/endpoint.ts";
import { type Preset, plainPreset, presetOfAlias, presets } from "../../src/provider/presets.ts";
import type { ChatRequest } from "../../src/provider/provider.ts";
import { resolveEndpoint } from "../../src/run/endpoints.ts";
import { prepare } from "../../src/run/prepare.ts";
import { DiskFiles } from "../../src/system/input-files.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { type DialectSeen, dialectsSeen, streams } from "./preset-dialects.ts";
import { client, helloAnswer, helloBody, json, serve, type TestServer } from "./test-server.ts";

const key = "sk-0123456789abcdef";
const sse = { "content-type": "text/event-stream" };

function spec(preset: string, changes: Partial<ProviderSpec> = {}): ProviderSpec {
  return {
    key: "p",
    preset,
    baseUrl: null,
    apiKeyEnv: undefined,
    headers: {},
    query: {},
    models: {},
    caFile: null,
    replay: null,
    answers: null,
    place: null,
    ...changes,
  };
}

function resolved(
  of: ProviderSpec,
  environment: Readonly<Record<string, string>> = {},
  table?: Readonly<Record<string, Preset>>,
): { endpoint: Endpoint; diagnostics: readonly Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const endpoint = resolveEndpoint(of, environment, new DiskFiles("."), diagnostics, table);
  return { endpoint, diagnostics };
}

/** The endpoint of a preset's row, its host replaced by a server of ours. */
function standIn({ preset, path }: DialectSeen, server: TestServer, table = presets): Endpoint {
  const row = table[preset] ?? plainPreset;
  const folder = path.replace(/\/chat\/completions.*$/, "");
  const apiKeyEnv = row.apiKeyEnv ?? "LOCAL_KEY";
  const of = spec(preset, {
    baseUrl: server.origin + folder,
    ...(row.apiKeyEnv === null ? { apiKeyEnv } : {}),
  });
  const { endpoint, diagnostics } = resolved(of, { [apiKeyEnv]: key }, table);
  expect(diagnostics).toEqual([]);
  return endpoint;
}

/** The request of a matrix with one, as an endpoint wants it. */
function planned(stream: string, endpoint: Endpoint, parameters = ""): ChatRequest {
  const matrix = `prompts: [{ user: hi }]\n${stream}\nparameters: { model: m, max_tokens: 5${parameters} }\n`;
  const files = new DiskFiles(tempFolder({ "m.yaml": matrix }));
  const { config, diagnostics } = loadMatrix("m.yaml", files, noOverrides);
  const plan = config === null ? null : buildPlan(config, noDataset.rows).plan;
  if (plan === null) throw new Error(JSON.stringify(diagnostics));
  const request = plan.request(0);
  return { requestId: "r1", body: JSON.stringify(requestBody(request, endpoint)), stream: request.stream };
}

/** One streamed and one unstreamed exchange and an error, as a dialect has them, through a socket. */
async function exchange(seen: DialectSeen, table = presets): Promise<void> {
  const server = await serve((response, { body }, nth) => {
    const [status, said] = seen.error;
    if (nth === 3) json(response, status, said);
    else if (body.includes('"stream":true')) {
      response.writeHead(200, { ...sse, ...seen.headers });
      response.end(streams[seen.usage].join(""));
    } else json(response, 200, helloBody, seen.headers);
  });
  const endpoint = standIn(seen, server, table);
  const provider = client(endpoint);
  const request = planned("stream: true", endpoint);
  const unstreamed = planned("stream: false", endpoint);
  const streamed = await provider.send(request);
  const plain = await provider.send(unstreamed);
  const refused = await provider.send(request);

  const traced = seen.usage === "in `x_groq`" ? "req_groq" : seen.traceId;
  expect(streamed).toMatchObject({ status: "ok", answer: helloAnswer, traceId: traced });
  expect(plain).toMatchObject({ status: "ok", answer: helloAnswer, traceId: seen.traceId });
  expect(streamed.hints?.axes.find(({ axis }) => axis === "rpm")?.limit ?? null).toBe(seen.limitRequests);
  const [, , kind, retryable] = seen.error;
  expect(refused).toMatchObject({ status: "failed", failure: { kind, retryable } });
  const written = ({ stream }: ChatRequest, body: object): object => ({
    method: "POST",
    path: seen.path,
    headers: {
      host: server.origin.slice("http://".length),
      connection: "keep-alive",
      "content-type": "application/json",
      accept: stream ? "text/event-stream" : "application/json",
      "accept-encoding": "identity",
      "user-agent": "promptgrid/test",
      "content-length": String(JSON.stringify(body).length),
      ...seen.key,
      ...(seen.preset === "simulator" ? { "x-promptgrid-request": "r1" } : {}),
    },
    body: JSON.stringify(body),
  });
  const start = { model: "m", messages: [{ role: "user", content: "hi" }] };
  const usage = seen.asksForUsage ? { stream_options: { include_usage: true } } : {};
  expect(server.seen.slice(0, 2)).toEqual([
    written(request, { ...start, stream: true, ...usage, max_tokens: 5 }),
    written(unstreamed, { ...start, stream: false, max_tokens: 5 }),
  ]);
}

describe("a preset", () => {
  it("is in the table of what is seen of each", () => {
    expect(dialectsSeen.map(({ preset }) => preset)).toEqual(Object.keys(presets));
  });

  it.each(dialectsSeen.map((seen) => [seen.preset, seen] as const))("%s talks to its server", (_, seen) =>
    exchange(seen),
  );

  it("that asks for usage leaves `stream_options` out where the matrix says null, and gives way to other ones", () => {
    const { endpoint } = resolved(spec("openai"), { OPENAI_API_KEY: key });
    const options = (written: string): unknown => {
      const body: unknown = JSON.parse(planned("stream: true", endpoint, written).body);
      return Object(body).stream_options;
    };
    expect(options("")).toEqual({ include_usage: true });
    expect(options(", stream_options: null")).toBeUndefined();
    expect(options(", stream_options: { include_obfuscation: false }")).toEqual({
      include_obfuscation: false,
    });
  });

  it("that nobody has heard of is a row and nothing else", async () => {
    const acme: Preset = {
      ...plainPreset,
      baseUrl: "https://llm.acme.example/chat/v7",
      apiKeyEnv: "ACME_KEY",
      authHeader: "x-acme-key",
      query: { edition: "2" },
      requestsAre: "day",
      streamUsageOption: true,
      traceHeaders: ["x-acme-trace"],
      paceCodes: ["insufficient_quota"],
    };
    await exchange(
      {
        preset: "acme",
        path: "/chat/v7/chat/completions?edition=2",
        key: { "x-acme-key": key },
        asksForUsage: true,
        usage: "last, without choices",
        headers: { "x-acme-trace": "a1", "x-request-id": "edge", "x-ratelimit-limit-requests": "9" },
        traceId: "a1",
        limitRequests: null,
        error: [429, { error: { code: "insufficient_quota", message: "slow" } }, "rate_limited", true],
      },
      { ...presets, acme },
    );
  });

  it("is suggested for the other words it goes by, each of one preset", () => {
    expect(presetOfAlias("Kimi")).toBe("moonshot");
    expect(presetOfAlias("nobody")).toBeNull();
    const words = Object.entries(presets).flatMap(([name, { aliases }]) => [name, ...aliases]);
    expect(new Set(words).size).toBe(words.length);
  });

  it("has a row in docs/providers.md that says the same", () => {
    const page = readFileSync(join(import.meta.dirname, "../../docs/providers.md"), "utf8");
    const code = (text: string): string => `\`${text}\``;
    const wanted = Object.entries(presets).map(([name, row]) => {
      const cells = [
        code(name),
        row.baseUrl === null ? "" : code(row.baseUrl),
        row.apiKeyEnv === null ? "" : code(row.apiKeyEnv),
        row.authHeader === "authorization" ? "" : code(row.authHeader),
        Object.entries(row.query)
          .map(([query, value]) => code(`${query}=${value}`))
          .join(", "),
        row.streamUsageOption ? "asked for" : "",
        row.outputCap === "max_tokens" ? "" : code(row.outputCap),
        row.systemRole === "system" ? "" : code(row.systemRole),
        row.requestsAre,
        [
          ...row.traceHeaders.map(code),
          ...(row.traceIdInBody === null ? [] : [`${code(row.traceIdInBody.join("."))} in the body`]),
        ].join(", "),
      ];
      return `| ${cells.map((cell) => (cell === "" ? "–" : cell)).join(" | ")} |`;
    });
    const section = page.split("## The table")[1]?.split("\n## ")[0] ?? "";
    expect(section.split("\n").filter((line) => line.startsWith("| `"))).toEqual(wanted);
  });
});

describe("docs/providers.md", () => {
  const page = readFileSync(join(import.meta.dirname, "../../docs/providers.md"), "utf8");
  const matrices = [...page.matchAll(/^```yaml matrix\n([\s\S]*?)^```$/gm)].map(([, text = ""]) => text);
  it.each(matrices)("has matrices that are checked in silence: %#", (text) => {
    const { prepared, diagnostics } = prepare(
      "matrix.yaml",
      noOverrides,
      new DiskFiles(tempFolder({ "matrix.yaml": text })),
    );
    expect(diagnostics).toEqual([]);
    expect(prepared?.plan.length).toBe(1);
  });
});

describe("the endpoint of Azure", () => {
  const base = "https://r.openai.azure.com/openai";
  const environment = { AZURE_OPENAI_API_KEY: key, OTHER: "other-secret" };
  const of = (changes: Partial<ProviderSpec>): Endpoint => {
    const { endpoint, diagnostics } = resolved(spec("azure", changes), environment);
    expect(diagnostics).toEqual([]);
    return endpoint;
  };

  it("has the version of a deployment, unless the user has another", () => {
    const baseUrl = `${base}/deployments/d`;
    expect(of({ baseUrl }).query).toEqual({ "api-version": "2024-10-21" });
    expect(of({ baseUrl, query: { "api-version": "2025-01-01" } }).query).toEqual({
      "api-version": "2025-01-01",
    });
    expect(of({ baseUrl: `${baseUrl}?api-version=2025-01-01` }).query).toEqual({});
    expect(of({ baseUrl: `${base}/v1` }).query).toEqual({});
  });

  it("leaves its own key out where a header of the user's stands in its place, and needs none then", () => {
    const { endpoint, diagnostics } = resolved(
      spec("azure", { baseUrl: `${base}/v1`, headers: { Authorization: "Bearer ${OTHER}" } }),
      { OTHER: "other-secret" },
    );
    expect(diagnostics).toEqual([]);
    expect(endpoint).toMatchObject({ apiKey: null, apiKeyEnv: null, secretEnvs: ["OTHER"] });
    expect(of({ baseUrl: `${base}/v1`, headers: { "API-Key": "${OTHER}" } }).apiKey).toBeNull();
    expect(of({ baseUrl: `${base}/v1`, headers: { "x-team": "${OTHER}" } }).apiKey).toBe(key);
  });
});

describe("a message about a key", () => {
  const refusal = async (changes: Partial<ProviderSpec>, environment = {}): Promise<string> => {
    const server = await serve((response) => json(response, 401, "no"));
    const of = spec("generic", { baseUrl: `${server.origin}/v1`, ...changes });
    const outcome = await client(resolved(of, environment).endpoint).send({
      requestId: "r",
      body: "{}",
      stream: false,
    });
    return outcome.status === "failed" ? outcome.failure.message : "";
  };
  const environment = { AZ_KEY: "azure-secret", K: key };

  it("names the variable of the header it was in", async () => {
    const headers = { "api-key": "${AZ_KEY}" };
    expect(await refusal({ headers }, environment)).toBe("no (key from `AZ_KEY`)");
    expect(await refusal({ headers, apiKeyEnv: "K" }, environment)).toBe("no (keys from `K`, `AZ_KEY`)");
    expect(await refusal({ query: { key: "${AZ_KEY}" } }, environment)).toBe("no (key from `AZ_KEY`)");
  });

  it("says nothing of a key that stands in the matrix, and that none was sent where none was", async () => {
    expect(await refusal({ headers: { "x-gate": "Bearer written-out" } })).toBe("no");
    expect(await refusal({ headers: { "x-team": "evals" } })).toBe("no (no key was sent)");
  });
});

describe("the id of an exchange", () => {
  const traceOf = async (
    body: unknown,
    headers: Record<string, string> = {},
    status = 200,
  ): Promise<string | null> => {
    const server = await serve((response) => json(response, status, body, headers));
    const of = spec("generic", { baseUrl: `${server.origin}/v1` });
    return (await client(resolved(of).endpoint).send({ requestId: "r", body: "{}", stream: false })).traceId;
  };

  it("is in the body where no header but a CDN's has one", async () => {
    const ray = { "cf-ray": "ray" };
    const failed = { code: "Throttling", message: "slow", request_id: "q-1" };
    expect(await traceOf(failed, ray, 429)).toBe("q-1");
    expect(await traceOf(failed, { ...ray, "x-request-id": "h-1" }, 429)).toBe("h-1");
    expect(await traceOf(failed, ray)).toBe("q-1");
    expect(await traceOf({ ...helloBody, x_groq: { id: "g-1" } }, ray)).toBe("g-1");
    expect(await traceOf(helloBody, ray)).toBe("ray");
  });
});

describe("`x-should-retry: false`", () => {
  it("makes an error final", async () => {
    const retryable = async (headers: Record<string, string>): Promise<boolean | null> => {
      const server = await serve((response) => json(response, 500, "no", headers));
      const of = spec("generic", { baseUrl: `${server.origin}/v1` });
      const outcome = await client(resolved(of).endpoint).send({ requestId: "r", body: "{}", stream: false });
      return outcome.status === "failed" ? outcome.failure.retryable : null;
    };
    expect(await retryable({ "x-should-retry": "false" })).toBe(false);
    expect(await retryable({ "x-should-retry": "true" })).toBe(true);
  });
});
