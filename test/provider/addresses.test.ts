import { describe, expect, it } from "vitest";
import { chatUrl } from "../../src/provider/chat-url.ts";
import { presets } from "../../src/provider/presets.ts";

describe("the chat URL", () => {
  const of = (baseUrl: string, query: Record<string, string> = {}): object => chatUrl({ baseUrl, query });

  it.each([
    ["https://api.example.com/v1", "/v1/chat/completions"],
    ["https://api.example.com/v1/", "/v1/chat/completions"],
    ["https://api.example.com/v1//", "/v1/chat/completions"],
    ["https://api.example.com/v1/chat/completions", "/v1/chat/completions"],
    ["https://api.example.com", "/chat/completions"],
    ["https://api.example.com/", "/chat/completions"],
    ["https://api.example.com/api/paas/v4", "/api/paas/v4/chat/completions"],
  ])("of %s ends in %s", (baseUrl, path) => {
    expect(of(baseUrl)).toMatchObject({ origin: "https://api.example.com", path });
  });

  it("joins the query of the base and of the endpoint, and shows neither it nor credentials", () => {
    expect(of("https://me:secret@api.example.com:8443/v1?a=1&b=2", { b: "3 4" })).toEqual({
      origin: "https://api.example.com:8443",
      path: "/v1/chat/completions?a=1&b=3+4",
      base: "https://api.example.com:8443/v1",
      shown: "https://api.example.com:8443/v1/chat/completions",
    });
  });
});

describe("the presets", () => {
  it("are these", () => {
    expect(Object.entries(presets).map(([name, row]) => [name, row.baseUrl, row.apiKeyEnv])).toEqual([
      ["siliconflow", "https://api.siliconflow.cn/v1", "SILICONFLOW_API_KEY"],
      ["siliconflow-intl", "https://api.siliconflow.com/v1", "SILICONFLOW_INTL_API_KEY"],
      ["openai", "https://api.openai.com/v1", "OPENAI_API_KEY"],
      ["simulator", null, null],
      ["generic", null, null],
    ]);
  });

  it("send the request id to the simulator alone and ask OpenAI alone for usage", () => {
    const named = Object.entries(presets);
    expect(named.filter(([, row]) => row.sendRequestId).map(([name]) => name)).toEqual(["simulator"]);
    expect(named.filter(([, row]) => row.streamUsageOption).map(([name]) => name)).toEqual(["openai"]);
  });

  it("hold nothing under the names that every object has", () => {
    expect(["constructor", "toString", "__proto__"].map((name) => presets[name])).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});
