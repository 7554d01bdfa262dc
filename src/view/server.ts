import { createReadStream } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { pipeline } from "node:stream/promises";
import { type Answer, answerTo } from "./answer.ts";
import { RunList } from "./run-list.ts";

/** A server of reports that listens. */
export interface Viewer {
  /** `http://127.0.0.1:PORT/`. */
  readonly url: string;
  /** Ends it, with every connection. */
  close(): Promise<void>;
}

export interface ViewerOptions {
  /** The results folder, or one run directory. */
  readonly root: string;
  /** How pages call it. */
  readonly folder: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Hears of what went wrong inside. */
  readonly onFault: (error: unknown) => void;
}

/** Serves the reports of a folder on 127.0.0.1. Rejects with the error of `listen`. */
export async function startViewer({ root, folder, port, onFault }: ViewerOptions): Promise<Viewer> {
  const runs = new RunList(root);
  const server = createServer((request, response) => {
    const own = (server.address() as AddressInfo | null)?.port ?? 0;
    respond(request, response, () => answerTo(request, own, runs, folder)).catch((error: unknown) => {
      // A reader that went away is no fault.
      if ((error as NodeJS.ErrnoException).code !== "ERR_STREAM_PREMATURE_CLOSE") onFault(error);
      if (response.headersSent) response.destroy();
      else response.writeHead(500, { "content-type": "text/plain" }).end("This page cannot be made.\n");
    });
  });
  await new Promise<void>((listening, failed) => {
    server.once("error", failed);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", failed);
      listening();
    });
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () => closed(server),
  };
}

const commonHeaders = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "cache-control": "no-store",
} as const;

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  find: () => Answer,
): Promise<void> {
  const { status, headers, content } = find();
  const bodiless = request.method === "HEAD";
  const bytes = typeof content === "string" ? Buffer.from(content) : null;
  const length = bytes === null ? {} : { "content-length": bytes.length };
  response.writeHead(status, { ...commonHeaders, ...length, ...headers });
  if (typeof content === "string") {
    response.end(bodiless ? undefined : bytes);
    return;
  }
  const size = Number(headers["content-length"]);
  const file = createReadStream("", { fd: content.fd, start: 0, end: Math.max(0, size - 1) });
  if (bodiless || size === 0) {
    file.destroy();
    response.end();
    return;
  }
  await pipeline(file, response);
}

function closed(server: Server): Promise<void> {
  return new Promise((done) => {
    server.close(() => done());
    server.closeAllConnections();
  });
}
