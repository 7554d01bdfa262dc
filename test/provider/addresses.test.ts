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
  it("are known by their host, too", () => {
    expect(presetOfUrl("https://openrouter.ai/api/v1/chat/completions")).toBe("openrouter");
    expect(presetOfUrl("https://api.siliconflow.com")).toBe("siliconflow-intl");
    expect(presetOfUrl("http://127.0.0.1:8000/v1")).toBeNull();
    expect(presetOfUrl("http://localhost:8000/v1")).toBeNull();
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
