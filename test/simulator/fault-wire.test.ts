import { gunzipSync } from "node:zlib";
import { request } from "undici";
import { describe, expect, it } from "vitest";
import { dripPieces } from "../../src/simulator/answer-text.ts";
import { faultRefusals } from "../../src/simulator/fault-refusals.ts";
import { type FaultKind, refusalFaults } from "../../src/simulator/faults.ts";
import { writeHuge } from "../../src/simulator/huge-answer.ts";
import type { Simulator, SimulatorOptions } from "../../src/simulator/options.ts";
import { serve } from "../provider/test-server.ts";
import { answer, ask, chat, chunks, events, simulator, streamed, type WireAnswer } from "./client.ts";

const always = (kind: FaultKind): SimulatorOptions => ({ seed: 3, slowMs: 20, faults: [{ kind, rate: 1 }] });
const body = ask("Why is 龘 harder to write than 一?", { model: "sim/thinker", temperature: 0 });
const streaming = { ...body, stream: true };

/** The answer to `body` when nothing is wrong. */
async function plain(): Promise<WireAnswer> {
  return answer(await simulator({ seed: 3 }), body);
}

/** A body as it came, compressed or not, byte order mark included. */
async function rawBody(running: Simulator, asked: object): Promise<{ bytes: Buffer; encoding: unknown }> {
  const { headers, body } = await request(`${running.baseUrl}/chat/completions`, {
    method: "POST",
    body: JSON.stringify(asked),
  });
  return { bytes: Buffer.from(await body.arrayBuffer()), encoding: headers["content-encoding"] };
}

/** Reads a body until it ends or breaks. */
async function readOn(running: Simulator, asked: object): Promise<{ text: string; broken: boolean }> {
  const response = await fetch(`${running.baseUrl}/chat/completions`, {
    method: "POST",
    body: JSON.stringify(asked),
  });
  expect(response.status).toBe(200);
  const decoder = new TextDecoder();
  let text = "";
  try {
    for await (const chunk of response.body ?? [])
      text += decoder.decode(chunk as Uint8Array, { stream: true });
    return { text, broken: false };
  } catch {
    return { text, broken: true };
  }
}

describe("a refusal", () => {
  it.each(refusalFaults)("`%s` has its status, headers and one of its bodies", async (kind) => {
    const running = await simulator(always(kind));
    const { status, headers, text } = await chat(running, body);
    const { answers } = faultRefusals[kind];
    const sent = answers.find((refused) => refused.body === text);
    expect(sent).toBeDefined();
    expect(status).toBe(sent?.status);
    expect(headers).toMatchObject({ "content-type": sent?.contentType, ...sent?.headers });
    expect(headers["x-siliconcloud-trace-id"]).toMatch(/^ti_/);
    const named = /^\d{3}/.exec(kind)?.[0];
    expect(status).toBe(named === undefined ? 200 : Number(named));
    expect(running.stats()).toMatchObject({
      faults: { [kind]: 1 },
      rejected: named === undefined ? {} : { [named]: 1 },
      answered: 0,
    });
  });
});

describe("a broken answer", () => {
  it("reset-stream resets the connection in the midst of a 200", async () => {
    const running = await simulator(always("reset-stream"));
    const stream = await readOn(running, streaming);
    expect(stream.broken).toBe(true);
    const whole = await plain();
    const thought = whole.choices[0]?.message.reasoning_content ?? "";
    const began = events(stream.text).map((data) => JSON.parse(data));
    expect(began.length).toBeGreaterThan(5);
    expect(thought.startsWith(streamed(began, 0, "reasoning_content"))).toBe(true);
    expect(stream.text).not.toMatch(/"stop"|\[DONE\]/);
    const unstreamed = await readOn(running, body);
    expect(unstreamed.broken).toBe(true);
    expect(unstreamed.text).toMatch(/^\{"id":/);
    expect(running.stats()).toMatchObject({ answered: 0, abandoned: 0 });
  });

  it("error-stream confesses an error after half of the stream, in three shapes", async () => {
    const running = await simulator(always("error-stream"));
    const shapes = new Set<string>();
    for (let nth = 0; nth < 12; nth++) {
      const { text } = await chat(running, streaming);
      const all = events(text).filter((data) => data !== "[DONE]");
      expect(all.slice(0, -1).every((data) => JSON.parse(data).choices[0].finish_reason === null)).toBe(true);
      expect(all.length).toBeGreaterThan(5);
      const last = JSON.parse(all.at(-1) ?? "");
      expect(last).not.toHaveProperty("choices");
      shapes.add(text.includes("event: error") ? "event" : "error" in last ? "error" : `code ${last.code}`);
    }
    expect(shapes).toEqual(new Set(["event", "error", "code 50508"]));
    const { status, text } = await chat(running, body);
    expect([status, text]).toEqual([200, expect.stringContaining("overloaded")]);
    expect(running.stats().answered).toBe(0);
  });

  it("malformed is JSON that ends too early, or an event that is no JSON", async () => {
    const running = await simulator(always("malformed"));
    const { headers, text } = await chat(running, body);
    expect(headers["content-length"]).toBe(String(Buffer.byteLength(text)));
    expect(text).toMatch(/^\{"id":"[\da-f]{32}"/);
    expect(() => JSON.parse(text)).toThrow();
    const all = events((await chat(running, streaming)).text);
    const broken = all.slice(0, -1).filter((data) => {
      try {
        JSON.parse(data);
        return false;
      } catch {
        return true;
      }
    });
    expect([broken.length, all.at(-1)]).toEqual([1, "[DONE]"]);
  });

  it("huge sends 100 MiB: one text, or one event without an end", async () => {
    const running = await simulator(always("huge"));
    for (const stream of [false, true]) {
      const response = await request(`${running.baseUrl}/chat/completions`, {
        method: "POST",
        body: JSON.stringify({ ...body, stream }),
      });
      let length = 0;
      let tail = "";
      let lines = 0;
      for await (const chunk of response.body) {
        const bytes = chunk as Buffer;
        length += bytes.length;
        lines += bytes.includes("\n") ? 1 : 0;
        tail = bytes.subarray(-30).toString("latin1");
      }
      expect(length).toBeGreaterThan(100 * 1024 * 1024);
      expect(lines).toBe(0);
      expect(response.headers["content-length"]).toBe(stream ? undefined : String(length));
      expect(tail.endsWith(stream ? "aaaa" : '"finish_reason":"stop"}]}')).toBe(true);
    }
    expect(running.stats().answered).toBe(0);
  });

  it("huge waits for a reader that does not read, and stops when it goes", async () => {
    let written: Promise<void> | null = null;
    let over = false;
    const server = await serve((response) => {
      const exchange = { request: response.req, response, id: "0", trace: "t" };
      const reply = {
        model: "m",
        choices: [],
        promptTokens: 1,
        completionTokens: 1,
        usage: null,
        logprobs: false,
      };
      const latency = { firstMs: 0, perTokenMs: 0 };
      const job = { exchange, reply, stream: true, latency, startMs: 0, answered: () => {} };
      written = writeHuge(job).then(() => {
        over = true;
      });
    });
    const gone = new AbortController();
    const response = await fetch(`${server.origin}/v1`, { signal: gone.signal });
    await new Promise((resolve) => setTimeout(resolve, 40));
    expect([response.status, over]).toEqual([200, false]);
    gone.abort();
    await written;
    expect(over).toBe(true);
  });
});

describe("an answer in another form", () => {
  it("drip comes in many small pieces, cut inside characters and line ends", async () => {
    const running = await simulator(always("drip"));
    const whole = await plain();
    for (const asked of [body, streaming]) {
      const response = await fetch(`${running.baseUrl}/chat/completions`, {
        method: "POST",
        body: JSON.stringify(asked),
      });
      let reads = 0;
      const parts: Uint8Array[] = [];
      for await (const part of response.body ?? []) {
        reads++;
        parts.push(part as Uint8Array);
      }
      expect(reads).toBeGreaterThan(10);
      const text = Buffer.concat(parts).toString();
      const said =
        asked === body
          ? (JSON.parse(text) as WireAnswer).choices[0]?.message.content
          : streamed(chunks(text));
      expect(said).toBe(whole.choices[0]?.message.content);
    }
    const text = `${"data: 龘龘龘龘龘龘龘龘\r\n\r\n".repeat(40)}end`;
    const pieces = dripPieces(text);
    expect(Buffer.concat(pieces).toString()).toBe(text);
    expect(pieces.length).toBe(30);
    expect(pieces.filter((piece) => piece.toString("utf8").includes("\uFFFD")).length).toBeGreaterThan(5);
    const lines = dripPieces("ab\r\n\r\n".repeat(60));
    expect(lines.some((piece) => piece.at(-1) === 0x0d)).toBe(true);
    expect(dripPieces("").map(String)).toEqual([""]);
  });

  it("crlf has all that event streams allow", async () => {
    const running = await simulator(always("crlf"));
    const text = (await rawBody(running, streaming)).bytes.toString();
    expect(text.startsWith("\uFEFF")).toBe(true);
    expect(text.replaceAll("\r\n", "")).not.toContain("\n");
    expect(text).toMatch(/\r\n: keep-alive\r\n/);
    expect(text).toMatch(/data: \{\r\ndata:"id"/);
    const whole = await plain();
    expect(streamed(chunks(text))).toBe(whole.choices[0]?.message.content);
    const unstreamed = (await rawBody(running, body)).bytes.toString();
    expect(unstreamed.startsWith("\uFEFF\r\n\r\n{\r\n")).toBe(true);
    expect((JSON.parse(unstreamed.slice(1)) as WireAnswer).choices).toEqual(whole.choices);
  });

  it("gzip compresses without having been asked", async () => {
    const running = await simulator(always("gzip"));
    const whole = await plain();
    for (const stream of [false, true]) {
      const { bytes, encoding } = await rawBody(running, { ...body, stream });
      expect(encoding).toBe("gzip");
      const text = gunzipSync(bytes).toString();
      const said = stream
        ? streamed(chunks(text))
        : (JSON.parse(text) as WireAnswer).choices[0]?.message.content;
      expect(said).toBe(whole.choices[0]?.message.content);
    }
  });

  it.each([
    ["no-content-type", undefined, undefined],
    ["json-for-stream", "application/json; charset=utf-8", "application/json; charset=utf-8"],
    ["stream-for-json", "text/event-stream; charset=utf-8", "text/event-stream; charset=utf-8"],
  ] as const)("%s has another content type than was asked for", async (kind, forStream, forJson) => {
    const running = await simulator(always(kind));
    const content = (await plain()).choices[0]?.message.content;
    for (const [asked, type] of [
      [streaming, forStream],
      [body, forJson],
    ] as const) {
      const { headers, text } = await chat(running, asked);
      expect(headers["content-type"]).toBe(type);
      const events = kind === "no-content-type" ? asked === streaming : kind === "stream-for-json";
      const said = events ? streamed(chunks(text)) : JSON.parse(text).choices[0].message.content;
      expect(said).toBe(content);
    }
  });

  it("no-done ends with the finish reason", async () => {
    const all = events((await chat(await simulator(always("no-done")), streaming)).text);
    expect(JSON.parse(all.at(-1) ?? "").choices[0].finish_reason).toBe("stop");
  });

  it("no-usage says nowhere what was used", async () => {
    const running = await simulator(always("no-usage"));
    for (const asked of [body, streaming]) expect((await chat(running, asked)).text).not.toContain("usage");
    expect(running.stats().completionTokens).toBeGreaterThan(20);
  });

  it("last-usage has the usage in one last chunk without choices", async () => {
    const { text } = await chat(await simulator(always("last-usage")), streaming);
    const all = chunks(text);
    expect(all.filter((chunk) => chunk.usage !== undefined)).toEqual(all.slice(-1));
    expect(all.at(-1)).toMatchObject({ choices: [], usage: (await plain()).usage });
    expect(all.at(-2)?.choices[0]?.finish_reason).toBe("stop");
  });

  it("thinking-only has the whole answer in the reasoning", async () => {
    const running = await simulator(always("thinking-only"));
    const { message } = (await plain()).choices[0] ?? {};
    const thought = `${message?.reasoning_content}${message?.content}`;
    expect((await answer(running, body)).choices).toMatchObject([
      { message: { content: "", reasoning_content: thought }, finish_reason: "stop" },
    ]);
    const all = chunks((await chat(running, streaming)).text);
    expect([streamed(all), streamed(all, 0, "reasoning_content")]).toEqual(["", thought]);
  });

  it("eos ends with `eos`, and says an empty reason before", async () => {
    const running = await simulator(always("eos"));
    expect((await answer(running, body)).choices[0]?.finish_reason).toBe("eos");
    const reasons = chunks((await chat(running, streaming)).text).map(
      (chunk) => chunk.choices[0]?.finish_reason,
    );
    expect(new Set(reasons.slice(0, -1))).toEqual(new Set([""]));
    expect(reasons.at(-1)).toBe("eos");
    const cut = await answer(running, { ...body, max_tokens: 3 });
    expect(cut.choices[0]?.finish_reason).toBe("length");
  });
});
