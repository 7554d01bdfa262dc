import { afterEach, describe, expect, it } from "vitest";
import type { BatchOptions } from "../../src/simulator/batches/batch-options.ts";
import type { Simulator } from "../../src/simulator/options.ts";
import { startSimulator } from "../../src/simulator/server.ts";

let simulator: Simulator | null = null;

afterEach(async () => {
  await simulator?.close();
  simulator = null;
});

type Json = Readonly<Record<string, unknown>>;

async function start(batches: BatchOptions = {}, apiKey: string | null = null): Promise<Simulator> {
  simulator = await startSimulator({ batches, apiKey });
  return simulator;
}

async function call(path: string, init: RequestInit = {}): Promise<{ status: number; body: Json }> {
  const response = await fetch(`${simulator?.baseUrl}${path}`, init);
  return { status: response.status, body: (await response.json()) as Json };
}

function post(path: string, body: unknown): Promise<{ status: number; body: Json }> {
  return call(path, { method: "POST", body: JSON.stringify(body) });
}

async function upload(text: string, purpose = "batch"): Promise<{ status: number; body: Json }> {
  const form = new FormData();
  form.set("purpose", purpose);
  form.set("file", new Blob([text]), "requests.jsonl");
  return call("/files", { method: "POST", body: form });
}

function line(id: string, more: Json = {}, body: Json = {}): string {
  const asked = { model: "Qwen/Qwen3-8B", messages: [{ role: "user", content: `Say ${id}.` }], ...body };
  return `${JSON.stringify({ custom_id: id, method: "POST", url: "/v1/chat/completions", body: asked, ...more })}\n`;
}

function lines(count: number): string {
  return Array.from({ length: count }, (_, i) => line(`r${i}`)).join("");
}

async function create(text: string, more: Json = {}): Promise<{ status: number; body: Json }> {
  const uploaded = await upload(text);
  const file = (uploaded.body.data ?? uploaded.body) as Json;
  return post("/batches", {
    input_file_id: file.id,
    endpoint: "/v1/chat/completions",
    completion_window: "24h",
    metadata: { name: "mine" },
    ...more,
  });
}

async function results(id: unknown): Promise<readonly Json[]> {
  if (typeof id !== "string") return [];
  const response = await fetch(`${simulator?.baseUrl}/files/${id}/content`);
  return (await response.text())
    .trimEnd()
    .split("\n")
    .map((text) => JSON.parse(text) as Json);
}

describe("batches of the local endpoint", () => {
  it("answers each line as the request by itself", async () => {
    await start();
    const { body: created } = await create(lines(8));
    const { body: batch } = await call(`/batches/${created.id}`);
    expect(batch).toMatchObject({
      status: "completed",
      request_counts: { total: 8, completed: 8, failed: 0 },
      error_file_id: null,
      metadata: { name: "mine" },
    });
    const found = await results(batch.output_file_id);
    expect(found.map(({ custom_id: id }) => id)).not.toEqual(Array.from({ length: 8 }, (_, i) => `r${i}`));
    const one = found.find(({ custom_id: id }) => id === "r3") as Json;
    const response = await fetch(`${simulator?.baseUrl}/chat/completions`, {
      method: "POST",
      headers: { "x-promptgrid-request": "r3" },
      body: JSON.stringify({
        model: "Qwen/Qwen3-8B",
        messages: [{ role: "user", content: "Say r3." }],
      }),
    });
    const direct = (await response.json()) as Json;
    const batched = (one.response as Json).body as Json;
    expect(batched.choices).toEqual(direct.choices);
    expect(batched.usage).toEqual(direct.usage);
    expect(simulator?.stats()).toMatchObject({ batches: 1, batchLines: 8, requests: 1 });
    expect((await call("/batches")).body).toMatchObject({ object: "list", data: [{ id: created.id }] });
  });

  it("wraps what it says of files, or does as OpenAI", async () => {
    await start();
    const { body } = await upload(line("a"));
    expect(body).toMatchObject({ code: 20000, status: true, data: { object: "file", purpose: "batch" } });
    const id = (body.data as Json).id;
    expect((await call(`/files/${id}`)).body).toEqual(body);
    expect(await results(id)).toHaveLength(1);
    expect((await create(line("b"))).body.status).toBe("completed");
    await simulator?.close();
    await start({ shape: "openai", takesMs: 10_000 });
    expect((await upload(line("a"))).body).toMatchObject({ object: "file", filename: "requests.jsonl" });
    expect((await create(line("b"))).body).toMatchObject({ status: "validating", output_file_id: null });
  });

  it("fails lines, and draws anew for another batch", async () => {
    await start({ failShare: 0.3 });
    const failed = async (): Promise<readonly unknown[]> => {
      const { body } = await create(lines(100));
      const { body: batch } = await call(`/batches/${body.id}`);
      const errors = await results(batch.error_file_id);
      expect((await results(batch.output_file_id)).length + errors.length).toBe(100);
      expect(errors[0]).toMatchObject({ response: { status_code: 500 } });
      return errors.map(({ custom_id: id }) => id).sort();
    };
    const first = await failed();
    expect(first.length).toBeGreaterThan(15);
    expect(first.length).toBeLessThan(45);
    expect(await failed()).not.toEqual(first);
  });

  it("expires half done, and is cancelled", async () => {
    await start({ expire: 1, takesMs: 200 });
    const first = await create(lines(10));
    expect((await call(`/batches/${first.body.id}`)).body.status).toMatch(/in_queue|in_progress/);
    await new Promise((done) => setTimeout(done, 250));
    const { body: expired } = await call(`/batches/${first.body.id}`);
    expect(expired).toMatchObject({ status: "expired", request_counts: { completed: 5, failed: 5 } });
    const [error] = await results(expired.error_file_id);
    expect(error).toMatchObject({ response: null, error: { code: "batch_expired" } });
    const second = await create(lines(10));
    const { body: cancelled } = await call(`/batches/${second.body.id}/cancel`, { method: "POST" });
    expect(cancelled).toMatchObject({ status: "cancelled" });
  });

  it("refuses a file as a whole, and lines one by one", async () => {
    await start();
    const refused = async (text: string): Promise<unknown> => {
      const { body } = await create(text);
      const { body: batch } = await call(`/batches/${body.id}`);
      expect(batch.status).toBe("failed");
      return ((batch.errors as Json).data as readonly Json[])[0];
    };
    expect(await refused(`${line("a")}{\n`)).toMatchObject({ code: "invalid_json_line", line: 2 });
    expect(await refused(line("a") + line("a"))).toMatchObject({ code: "duplicate_custom_id", line: 2 });
    expect(await refused(line("a") + line("b", {}, { model: "other" }))).toMatchObject({
      code: "mismatched_model",
    });
    expect(await refused(line("a", { url: "/v1/embeddings" }))).toMatchObject({ code: "invalid_url" });
    expect(await refused(lines(5_001))).toMatchObject({ code: "too_many_lines" });
    expect(await refused(line("a", { body: {} }))).toMatchObject({ param: "body.messages" });
    const { body } = await create(line("a", {}, { max_tokens: "many" }));
    const { body: batch } = await call(`/batches/${body.id}`);
    expect(batch.request_counts).toMatchObject({ completed: 0, failed: 1 });
    const [error] = await results(batch.error_file_id);
    expect(error).toMatchObject({ response: { status_code: 400 } });
  });

  it("refuses calls that make no sense, and those without the key", async () => {
    await start({ mostOpen: 1, takesMs: 60_000 });
    expect((await upload(line("a"), "fine-tune")).body.message).toContain("purpose");
    expect((await post("/files", {})).status).toBe(400);
    expect((await create(line("a"), { completion_window: "12h" })).body.message).toContain("24h");
    expect((await create(line("a"), { endpoint: "/v1/embeddings" })).status).toBe(400);
    expect((await create(line("a"), { input_file_id: "file-none" })).status).toBe(404);
    expect((await call("/batches/batch_none")).status).toBe(404);
    expect((await call("/files/file-none/content")).status).toBe(404);
    expect((await create(line("a"))).status).toBe(200);
    expect((await create(line("a"))).status).toBe(429);
    await simulator?.close();
    await start({}, "sk-right");
    expect((await upload(line("a"))).status).toBe(401);
    expect((await call("/batches")).status).toBe(401);
  });
});
