import tls from "node:tls";
import { buildConnector } from "undici";
import type { Endpoint } from "./endpoint.ts";
import { proxyConnector } from "./proxy-connector.ts";

/**
 * Makes the connections of a client, direct or through a proxy. Certificates are always verified, whatever the
 * environment says; `ca` is trusted besides the authorities that are trusted anyway.
 */
export function createConnector(
  endpoint: Pick<Endpoint, "ca">,
  connectMs: number,
  proxy: string | null,
): buildConnector.connector {
  const direct = buildConnector({
    timeout: connectMs,
    rejectUnauthorized: true,
    ...(endpoint.ca === null ? {} : { ca: [...trustedAnyway(), endpoint.ca] }),
  });
  return proxy === null ? direct : proxyConnector(proxy, connectMs, direct);
}

/** The default authorities. Before Node 22.15 those of NODE_EXTRA_CA_CERTS cannot be had together with others. */
function trustedAnyway(): readonly string[] {
  const list = "getCACertificates" in tls ? tls.getCACertificates : null;
  return typeof list === "function" ? (list as () => readonly string[])() : tls.rootCertificates;
}
