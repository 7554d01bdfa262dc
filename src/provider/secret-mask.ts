import type { Answer, Completion } from "../outcome/completion.ts";

/** Takes secrets out of what a server wrote. */
export interface SecretMask {
  /** For messages, codes and ids: whole secrets, and every piece of one that has 8 characters or more, become `***`. */
  text(text: string): string;
  /** For answers, which should stay as written: whole secrets of 12 characters and more become `***`. */
  answer(answer: Answer): Answer;
}

const piece = 8;
const shortestWhole = 4;
const shortestInAnswer = 12;

/** A mask for these secrets. Shorter ones than 4 characters are no secrets and would eat ordinary words. */
export function createSecretMask(secrets: readonly string[]): SecretMask {
  // Longest first: a secret may contain another one.
  const known = [...new Set(secrets.filter((s) => s.length >= shortestWhole).flatMap(formsOf))].sort(
    (a, b) => b.length - a.length,
  );
  const pieces = new Set(known.flatMap((s) => piecesOf(s)));
  const inAnswer = known.filter((s) => s.length >= shortestInAnswer);
  const whole = (text: string): string =>
    inAnswer.reduce((t, s) => (t.includes(s) ? t.replaceAll(s, "***") : t), text);
  return {
    text: (text) =>
      maskPieces(
        known.reduce((t, s) => t.replaceAll(s, "***"), text),
        pieces,
      ),
    answer: (answer) => (inAnswer.some((s) => holds(answer, s)) ? maskAnswer(answer, whole) : answer),
  };
}

/** A secret as it is, and as servers that give back what they were sent may write it. */
function formsOf(secret: string): readonly string[] {
  const inJson = JSON.stringify(secret).slice(1, -1);
  const inForm = new URLSearchParams([["", secret]]).toString().slice(1);
  return [secret, encodeURIComponent(secret), inForm, inJson, Buffer.from(secret).toString("base64")];
}

function piecesOf(secret: string): readonly string[] {
  return Array.from({ length: Math.max(0, secret.length - piece + 1) }, (_, i) => secret.slice(i, i + piece));
}

function maskPieces(text: string, pieces: ReadonlySet<string>): string {
  if (pieces.size === 0) return text;
  let out = "";
  let copied = 0;
  for (let i = 0; i + piece <= text.length; i++) {
    if (!pieces.has(text.slice(i, i + piece))) continue;
    let end = i + piece;
    while (end < text.length && pieces.has(text.slice(end + 1 - piece, end + 1))) end++;
    out += `${text.slice(copied, i)}***`;
    copied = end;
    i = end - 1;
  }
  return copied === 0 ? text : out + text.slice(copied);
}

function holds(answer: Answer, secret: string): boolean {
  return (
    (answer.responseId?.includes(secret) ?? false) ||
    (answer.responseModel?.includes(secret) ?? false) ||
    answer.completions.some(
      (c) =>
        c.content.includes(secret) ||
        c.reasoning.includes(secret) ||
        (c.refusal?.includes(secret) ?? false) ||
        (c.finishReasonRaw?.includes(secret) ?? false) ||
        c.toolCalls.some(
          (t) => t.arguments.includes(secret) || t.name.includes(secret) || t.id?.includes(secret),
        ),
    )
  );
}

function maskAnswer(answer: Answer, mask: (text: string) => string): Answer {
  const maybe = (text: string | null): string | null => (text === null ? null : mask(text));
  const completion = (c: Completion): Completion => ({
    ...c,
    content: mask(c.content),
    reasoning: mask(c.reasoning),
    refusal: maybe(c.refusal),
    finishReasonRaw: maybe(c.finishReasonRaw),
    toolCalls: c.toolCalls.map((t) => ({
      id: maybe(t.id),
      name: mask(t.name),
      arguments: mask(t.arguments),
    })),
  });
  return {
    ...answer,
    completions: answer.completions.map(completion),
    responseId: maybe(answer.responseId),
    responseModel: maybe(answer.responseModel),
  };
}
