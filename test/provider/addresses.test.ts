import { describe, expect, it } from "vitest";
import { chatUrl } from "../../src/provider/chat-url.ts";
import { presetOfUrl, presets } from "../../src/provider/presets.ts";

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
      ["deepseek", "https://api.deepseek.com", "DEEPSEEK_API_KEY"],
      ["moonshot", "https://api.moonshot.ai/v1", "MOONSHOT_API_KEY"],
      ["zai", "https://api.z.ai/api/paas/v4", "ZAI_API_KEY"],
      ["groq", "https://api.groq.com/openai/v1", "GROQ_API_KEY"],
      ["mistral", "https://api.mistral.ai/v1", "MISTRAL_API_KEY"],
      ["together", "https://api.together.xyz/v1", "TOGETHER_API_KEY"],
      ["openrouter", "https://openrouter.ai/api/v1", "OPENROUTER_API_KEY"],
      ["simulator", null, null],
      ["generic", null, null],
    ]);
  });

  it("send the request id to the simulator alone and ask those for usage that must be asked", () => {
    const named = Object.entries(presets);
    expect(named.filter(([, row]) => row.sendRequestId).map(([name]) => name)).toEqual(["simulator"]);
    expect(named.filter(([, row]) => row.streamUsageOption).map(([name]) => name)).toEqual([
      "openai",
      "together",
    ]);
  });

  it("are known by their host, too", () => {
    expect(presetOfUrl("https://openrouter.ai/api/v1/chat/completions")).toBe("openrouter");
    expect(presetOfUrl("https://api.siliconflow.com")).toBe("siliconflow-intl");
    expect(presetOfUrl("http://127.0.0.1:8000/v1")).toBeNull();
    expect(presetOfUrl("${HOST}/v1")).toBeNull();
  });

  it("hold nothing under the names that every object has", () => {
    expect(["constructor", "toString", "__proto__"].map((name) => presets[name])).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});
