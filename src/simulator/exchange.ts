import type { IncomingMessage } from "node:http";
import { type Exchange, writeRefusal } from "./answer-head.ts";
import { type AnswerJob, writeAnswer } from "./answer-writer.ts";
import type { Counters } from "./counters.ts";
import type { Decider } from "./decision.ts";
import { cutsAnswer, writeFaulty } from "./faulty-answer.ts";
import { usedTokens } from "./wire.ts";

/** Answers a `POST /v1/chat/completions` whose body has arrived, and counts what became of it. */
export async function answerChat(
  exchange: Exchange,
  body: string,
  decider: Decider,
  counters: Counters,
): Promise<void> {
  const startMs = performance.now();
  const { request, response } = exchange;
  const requestId = header(request, "x-promptgrid-request");
  const index = counters.arrived(requestId);
  let cutOnPurpose = false;
  response.once("close", () => counters.left(response.writableEnded || cutOnPurpose));

  const decision = await decider.decide({
    index,
    authorization: header(request, "authorization"),
    requestId,
    body,
  });
  const { fault } = decision;
  if (fault !== null) counters.struck(fault);
  if (decision.kind === "refuse") {
    if (decision.refusal.status >= 400) counters.rejected(decision.refusal.status);
    writeRefusal(exchange, decision.refusal);
    return;
  }
  if (decision.kind === "silence") {
    cutOnPurpose = true;
    if (fault === "reset") request.socket.resetAndDestroy();
    return;
  }
  const { reply, stream, latency, shape } = decision;
  const answered = (): void => {
    const used = usedTokens(reply);
    counters.answered(used.prompt, used.completion);
  };
  const job: AnswerJob = { exchange, reply, stream, latency, startMs, answered };
  if (decision.fault === null) {
    await writeAnswer(job);
  } else {
    cutOnPurpose = cutsAnswer(decision.fault);
    await writeFaulty(job, decision.fault, shape);
  }
}

/** A request header's single value; null when absent. */
export function header(request: IncomingMessage, name: string): string | null {
  const value = request.headers[name];
  return (Array.isArray(value) ? value[0] : value) ?? null;
}
