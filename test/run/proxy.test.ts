import { expect, it } from "vitest";
import { proxyFrom } from "../../src/run/proxy.ts";

const proxy = "http://proxy.corp:3128";

it.each([
  ["https uses HTTPS_PROXY", { HTTPS_PROXY: proxy }, "https://api.x.cn/v1", proxy],
  ["lower case wins", { HTTPS_PROXY: "http://other", https_proxy: proxy }, "https://api.x.cn/v1", proxy],
  ["http does not use HTTPS_PROXY", { HTTPS_PROXY: proxy }, "http://api.x.cn/v1", null],
  ["ALL_PROXY serves both", { ALL_PROXY: proxy }, "http://api.x.cn/v1", proxy],
  ["loopback goes without", { HTTP_PROXY: proxy }, "http://127.0.0.1:8787/v1", null],
  ["NO_PROXY names a host", { HTTPS_PROXY: proxy, NO_PROXY: "a.b, api.x.cn" }, "https://api.x.cn/v1", null],
  ["NO_PROXY names a domain", { HTTPS_PROXY: proxy, NO_PROXY: ".x.cn" }, "https://api.x.cn/v1", null],
  [
    "NO_PROXY does not match inside a name",
    { HTTPS_PROXY: proxy, NO_PROXY: "x.cn" },
    "https://apix.cn/v1",
    proxy,
  ],
  ["NO_PROXY names a port", { HTTPS_PROXY: proxy, NO_PROXY: "api.x.cn:444" }, "https://api.x.cn/v1", proxy],
  ["NO_PROXY is everything", { HTTPS_PROXY: proxy, NO_PROXY: "*" }, "https://api.x.cn/v1", null],
  ["nothing is set", {}, "https://api.x.cn/v1", null],
])("%s", (_, environment, url, expected) => {
  expect(proxyFrom(environment, url)).toBe(expected);
});
