import { isLoopback } from "./endpoints.ts";
import type { Environment } from "./environment.ts";

/**
 * The proxy that the environment names for a URL, or null: `HTTPS_PROXY`/`HTTP_PROXY`/`ALL_PROXY` (lower case too),
 * less what `NO_PROXY` lists: hosts, domain endings, `host:port`, `*`. Loopback goes without.
 */
export function proxyFrom(environment: Environment, baseUrl: string): string | null {
  if (isLoopback(baseUrl)) return null;
  const url = new URL(baseUrl);
  const read = (name: string): string => environment[name.toLowerCase()] || environment[name] || "";
  const port = url.port === "" ? (url.protocol === "https:" ? "443" : "80") : url.port;
  const excluded = read("NO_PROXY")
    .split(/[\s,]+/)
    .filter((entry) => entry !== "")
    .some((entry) => {
      const [host = "", entryPort] = entry.toLowerCase().split(":");
      if (host === "*") return true;
      if (entryPort !== undefined && entryPort !== port) return false;
      const bare = host.replace(/^\*?\./, "");
      return url.hostname === bare || url.hostname.endsWith(`.${bare}`);
    });
  if (excluded) return null;
  const proxy = (url.protocol === "https:" ? read("HTTPS_PROXY") : read("HTTP_PROXY")) || read("ALL_PROXY");
  return proxy === "" ? null : proxy;
}
