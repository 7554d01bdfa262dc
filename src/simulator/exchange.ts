import type { IncomingMessage, ServerResponse } from "node:http";
import { type Exchange, writeRefusal } from "./answer-head.ts";
import { type AnswerJob, writeAnswer } from "./answer-writer.ts";
import type { Place } from "./capacity.ts";
import type { Counters } from "./counters.ts";
import type { Admission, Decider } from "./decision.ts";
import { cutsAnswer, writeFaulty } from "./faulty-answer.ts";
import { usedTokens } from "./wire.ts";

/** Answers a `POST /v1/chat/completions` whose body has arrived, and counts what became of it. */
export async function answerChat(
  exchange: Exchange,
  body: string,
  decider: Decider,
  counters: Counters,
): Promise<void> {
  const arrivedMs = performance.now();
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
  const { reply, stream, latency, shape, admission } = decision;
  const used = usedTokens(reply);
  const over = holdUntilOver(response, admission, used.prompt + used.completion);
  const startMs = await started(admission.place, arrivedMs);
  if (startMs === null) return;
  const answered = (): void => {
    counters.answered(used.prompt, used.completion);
    over();
  };
  const answering = { ...exchange, headers: admission.headers };
  const job: AnswerJob = { exchange: answering, reply, stream, latency, startMs, answered };
  if (decision.fault === null) {
    await writeAnswer(job);
  } else {
    cutOnPurpose = cutsAnswer(decision.fault);
    await writeFaulty(job, decision.fault, shape);
  }
}

/**
 * Settles the charge and frees the place when the answer is over: when the returned function is called, or else when the
 * response closes. What never had its turn used nothing; an answer that was begun counts whole, even if nobody waited.
 */
function holdUntilOver(response: ServerResponse, { place, settle }: Admission, tokens: number): () => void {
  let begun = place.turn === null;
  let isOver = false;
  const over = (): void => {
    if (isOver) return;
    isOver = true;
    settle(begun ? tokens : 0);
    place.leave();
  };
  void place.turn?.then((isTurn) => {
    begun = isTurn;
  });
  if (response.destroyed) over();
  else response.once("close", over);
  return over;
}

/** When the answer's time began, on the clock of `performance.now()`; null when the client left the queue before. */
async function started(place: Place, arrivedMs: number): Promise<number | null> {
  if (place.turn === null) return arrivedMs;
  return (await place.turn) ? performance.now() : null;
}

/** A request header's single value; null when absent. */
export function header(request: IncomingMessage, name: string): string | null {
  const value = request.headers[name];
  return (Array.isArray(value) ? value[0] : value) ?? null;
}
