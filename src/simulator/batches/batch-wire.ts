import { type Exchange, writeHead, writeRefusal } from "../answer-head.ts";
import { header } from "../exchange.ts";
import { bareRefusal } from "../refusal.ts";
import type { BatchDesk, DeskAnswer } from "./batch-desk.ts";

/** Whether a path is one of `/files` and `/batches`. */
export function isBatchPath(path: string): boolean {
  return /^\/v1\/(?:files|batches)(?:\/|$)/.test(path);
}

/** Answers a call of `/files` or `/batches` whose body has arrived. */
export async function answerBatchCall(
  exchange: Exchange,
  path: string,
  body: Buffer,
  desk: BatchDesk,
): Promise<void> {
  const { method = "GET" } = exchange.request;
  const answer = await answered(exchange, `${method} ${path}`, body, desk);
  if ("file" in answer) {
    writeHead(exchange, 200, "application/octet-stream", answer.file.length);
    exchange.response.end(answer.file);
  } else writeRefusal(exchange, answer);
}

function answered(
  { request }: Exchange,
  call: string,
  body: Buffer,
  desk: BatchDesk,
): Promise<DeskAnswer> | DeskAnswer {
  if (call === "POST /v1/files") return desk.upload(header(request, "content-type") ?? "", body);
  if (call === "POST /v1/batches") return desk.create(body.toString("utf8"));
  if (call === "GET /v1/batches") return desk.list();
  const [, verb, kind, id = "", more] =
    /^(GET|POST) \/v1\/(files|batches)\/([^/]+)(?:\/(\w+))?$/.exec(call) ?? [];
  const named = decodeURIComponent(id);
  if (verb === "GET" && kind === "files" && more === undefined) return desk.file(named);
  if (verb === "GET" && kind === "files" && more === "content") return desk.content(named);
  if (verb === "GET" && kind === "batches" && more === undefined) return desk.batch(named);
  if (verb === "POST" && kind === "batches" && more === "cancel") return desk.cancel(named);
  return bareRefusal(404, "404 page not found");
}
