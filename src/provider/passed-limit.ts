import type { Failure } from "../outcome/failure.ts";
import type { Timeouts } from "./endpoint.ts";

/** Where an exchange stands, in milliseconds of one clock; null is not yet. */
export interface Waiting {
  readonly startedAt: number;
  readonly sentAt: number | null;
  readonly lastByteAt: number | null;
  /** Whether a streamed answer has not begun: until then the first-token limit rules, after that the idle limit. */
  readonly forFirstToken: boolean;
}

/**
 * The limit that has passed, in words, or null. Comments and blank lines that keep a connection alive put the idle limit
 * off, never the first-token limit. An unstreamed answer has only the total limit until its first byte.
 */
export function passedLimit(
  waiting: Waiting,
  timeouts: Omit<Timeouts, "connectMs">,
  now: number,
): string | null {
  const { startedAt, sentAt, lastByteAt, forFirstToken } = waiting;
  const { firstTokenMs, idleMs, totalMs } = timeouts;
  if (sentAt === null) {
    return totalMs !== null && now - startedAt >= totalMs
      ? `no free connection within ${shown(totalMs)}`
      : null;
  }
  if (totalMs !== null && now - sentAt >= totalMs) return `no complete answer within ${shown(totalMs)}`;
  if (forFirstToken) {
    return firstTokenMs !== null && now - sentAt >= firstTokenMs
      ? `no first token within ${shown(firstTokenMs)}`
      : null;
  }
  if (idleMs !== null && lastByteAt !== null && now - lastByteAt >= idleMs) {
    return `nothing for ${shown(idleMs)} inside the answer`;
  }
  return null;
}

/** The failure of an exchange whose limit passed. Once it was sent, the server may go on and charge for it. */
export function timeoutFailure(passed: string, sent: boolean, base: string): Failure {
  return {
    kind: "timeout",
    message: sent ? `${passed} from ${base}` : `cannot connect to ${base} (${passed})`,
    code: null,
    retryable: true,
    maybeBilled: sent,
  };
}

function shown(ms: number): string {
  return ms < 1000 ? `${ms} ms` : `${ms / 1000} s`;
}
