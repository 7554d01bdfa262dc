import { type ClientRequest, type IncomingMessage, request as plainRequest } from "node:http";
import { request as tlsRequest } from "node:https";
import type { Socket } from "node:net";
import type { buildConnector } from "undici";

/** A proxy that answered CONNECT, but with something else than 200. */
export class ProxyRefusal extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`the proxy answered HTTP ${status}`);
    this.name = "ProxyRefusal";
    this.status = status;
  }
}

/** The proxy took longer than a connection may take. Its code is the one undici uses for direct connections. */
class ProxyTimeout extends Error {
  readonly code = "UND_ERR_CONNECT_TIMEOUT";
}

/** The proxy hung up without an answer. */
class ProxyHangUp extends Error {
  readonly code = "ECONNRESET";
}

/**
 * A connector that tunnels through an HTTP proxy by CONNECT, plain HTTP targets too, and hands the tunnel to `secure` for
 * TLS with the target. Ours instead of undici's ProxyAgent, which asks a proxy that hangs up again without end.
 * User and password of the proxy's URL go as Basic credentials.
 */
export function proxyConnector(
  proxy: string,
  connectMs: number,
  secure: buildConnector.connector,
): buildConnector.connector {
  const url = new URL(proxy);
  const headers: Record<string, string> = {};
  if (url.username !== "") {
    const login = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
    headers["proxy-authorization"] = `Basic ${Buffer.from(login).toString("base64")}`;
  }
  return (options, callback) => {
    const target = `${options.hostname.includes(":") ? `[${options.hostname}]` : options.hostname}:${options.port || defaultPort(options.protocol)}`;
    const connect = openTunnel(url, target, { ...headers, host: target });
    let over = false;
    const fail = (error: Error): void => {
      if (over) return;
      over = true;
      clearTimeout(timer);
      connect.destroy();
      callback(error, null);
    };
    const timer = setTimeout(() => fail(new ProxyTimeout("connect timeout")), connectMs);
    connect.on("error", fail);
    connect.on("close", () => fail(new ProxyHangUp("the proxy hung up")));
    connect.on("response", (answer: IncomingMessage) => fail(new ProxyRefusal(answer.statusCode ?? 0)));
    connect.on("connect", (answer: IncomingMessage, socket: Socket, head: Buffer) => {
      if (over || answer.statusCode !== 200) {
        socket.destroy();
        fail(new ProxyRefusal(answer.statusCode ?? 0));
        return;
      }
      over = true;
      clearTimeout(timer);
      if (head.length > 0) socket.unshift(head);
      if (options.protocol === "https:") secure({ ...options, httpSocket: socket }, callback);
      else callback(null, socket);
    });
    connect.end();
  };
}

function openTunnel(proxy: URL, target: string, headers: Record<string, string>): ClientRequest {
  const overTls = proxy.protocol === "https:";
  const options = {
    method: "CONNECT",
    host: proxy.hostname.replace(/^\[|\]$/g, ""),
    port: proxy.port === "" ? defaultPort(proxy.protocol) : proxy.port,
    path: target,
    headers,
    agent: false,
  } as const;
  return overTls ? tlsRequest({ ...options, rejectUnauthorized: true }) : plainRequest(options);
}

function defaultPort(protocol: string): string {
  return protocol === "https:" ? "443" : "80";
}
