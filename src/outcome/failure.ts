/** Every way an attempt can fail. The kind decides about retry and about the lane. */
export const failureKinds = [
  "rate_limited",
  "overloaded",
  "timeout",
  "network",
  "server",
  "auth",
  "quota",
  "invalid_request",
  "context_overflow",
  "content_filtered",
  "bad_response",
  "truncated_stream",
  "cancelled",
] as const;

export type FailureKind = (typeof failureKinds)[number];

/** Why one attempt failed. A value, never thrown. */
export interface Failure {
  readonly kind: FailureKind;
  /** The server's own message where there is one, else ours; one line, keys masked, at most 2 000 characters. */
  readonly message: string;
  /** The server's error code, as text, when it gave one. */
  readonly code: string | null;
  /** Whether the same request may succeed later without any change. */
  readonly retryable: boolean;
  /** The server may have done, and charged, the work although no answer arrived. */
  readonly maybeBilled: boolean;
}

/** Kinds that make every later request of the same lane pointless. */
export function stopsLane(kind: FailureKind): boolean {
  return kind === "auth" || kind === "quota";
}
