import type { Failure, FailureKind } from "../outcome/failure.ts";
import { oneLine } from "./one-line.ts";
import { ProxyRefusal } from "./proxy-connector.ts";

/** How far an exchange had come when its connection failed. */
export type Progress = "connecting" | "waiting" | "answering";

interface Cause {
  readonly kind: FailureKind;
  readonly reason: string;
  readonly retryable: boolean;
}

const again = (reason: string, kind: FailureKind = "network"): Cause => ({ kind, reason, retryable: true });
const never = (reason: string, kind: FailureKind = "network"): Cause => ({ kind, reason, retryable: false });

const causes: ReadonlyMap<string, Cause> = new Map<string, Cause>([
  ["ECONNREFUSED", again("connection refused")],
  ["ECONNRESET", again("connection reset")],
  ["ECONNABORTED", again("connection aborted")],
  ["EPIPE", again("connection closed while sending")],
  ["ETIMEDOUT", again("connection timed out")],
  ["EHOSTUNREACH", again("host unreachable")],
  ["EHOSTDOWN", again("host down")],
  ["ENETUNREACH", again("network unreachable")],
  ["ENETDOWN", again("network down")],
  ["EADDRNOTAVAIL", again("no free local port")],
  ["EMFILE", again("too many open files in this process")],
  ["ENFILE", again("too many open files on this machine")],
  ["EAI_AGAIN", again("name server did not answer")],
  ["ENOTFOUND", again("no such host")],
  ["UND_ERR_SOCKET", again("the other side closed the connection")],
  ["UND_ERR_CONNECT_TIMEOUT", again("connect timeout", "timeout")],
  ["UND_ERR_HEADERS_TIMEOUT", again("headers timeout", "timeout")],
  ["UND_ERR_BODY_TIMEOUT", again("body timeout", "timeout")],
  ["UND_ERR_RES_CONTENT_LENGTH_MISMATCH", again("the body ended early")],
  ["UND_ERR_HEADERS_OVERFLOW", never("the response headers are too large", "bad_response")],
  ["CERT_HAS_EXPIRED", never("its certificate has expired")],
  ["CERT_NOT_YET_VALID", never("its certificate is not valid yet")],
  ["CERT_REVOKED", never("its certificate is revoked")],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", never("its certificate is self-signed; `ca_file` can name it as trusted")],
  ["SELF_SIGNED_CERT_IN_CHAIN", never("its authority is not trusted; `ca_file` can name it as trusted")],
  [
    "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    never("its authority is not trusted; `ca_file` can name it as trusted"),
  ],
  ["UNABLE_TO_GET_ISSUER_CERT", never("its authority is not known; `ca_file` can name it as trusted")],
  [
    "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
    never("its authority is not known; `ca_file` can name it as trusted"),
  ],
  ["ERR_TLS_CERT_ALTNAME_INVALID", never("its certificate is for another host")],
  ["ERR_SSL_WRONG_VERSION_NUMBER", never("it does not speak TLS; is `https` right?")],
  ["ERR_SSL_PACKET_LENGTH_TOO_LONG", never("it does not speak TLS; is `https` right?")],
  ["EPROTO", never("it does not speak TLS as expected; is `https` right?")],
]);

/**
 * The failure that a broken connection stands for: walks `cause` and the errors of an AggregateError for the first code
 * it knows. `base` is the base URL for messages. Unless the connection was never made, the server may have done the work.
 */
export function classifyConnectionError(error: unknown, progress: Progress, base: string): Failure {
  const { cause, code } = findCause(error);
  const told = {
    connecting: `cannot connect to ${base} (${cause.reason})`,
    waiting: `no answer from ${base} (${cause.reason})`,
    answering: `the answer from ${base} broke off (${cause.reason})`,
  };
  return {
    kind: cause.kind,
    // What undici refuses to write never came near a connection.
    message:
      cause.kind === "auth" || cause.kind === "invalid_request" ? cause.reason : oneLine(told[progress]),
    code,
    retryable: cause.retryable,
    maybeBilled: progress !== "connecting",
  };
}

/** The reason alone, for messages that say the rest themselves. */
export function connectionReason(error: unknown): string {
  return findCause(error).cause.reason;
}

function findCause(error: unknown): { cause: Cause; code: string | null } {
  const chain = [...errorsIn(error, 0)];
  for (const one of chain) {
    const code = codeOf(one);
    if (one instanceof ProxyRefusal) return { cause: refused(one), code };
    const cause = (code === null ? undefined : causes.get(code)) ?? family(code ?? one.name, one);
    if (cause !== undefined) return { cause, code };
  }
  const first = chain[0];
  const reason = first === undefined || first.message === "" ? "unknown error" : oneLine(first.message, 300);
  return { cause: again(reason), code: first === undefined ? null : codeOf(first) };
}

function family(code: string, error: Error): Cause | undefined {
  if (code.startsWith("ERR_SSL_") || code.startsWith("ERR_TLS_") || /CERT|_CA$/.test(code)) {
    return never(`TLS failed: ${oneLine(error.message, 200)}`);
  }
  if (code.startsWith("HPE_") || code === "HTTPParserError")
    return never(`it does not speak HTTP: ${oneLine(error.message, 200)}`, "bad_response");
  if (code === "UND_ERR_INVALID_ARG" || code === "UND_ERR_NOT_SUPPORTED") {
    const kind = error.message.includes("authorization") ? "auth" : "invalid_request";
    return never(`the request cannot be written: ${oneLine(error.message, 200)}`, kind);
  }
  return undefined;
}

function refused({ status }: ProxyRefusal): Cause {
  if (status === 407) return never("the proxy asks for a user and a password: HTTP 407");
  const reason = `the proxy answered HTTP ${status}`;
  return status >= 500 || status === 429 ? again(reason) : never(reason);
}

function* errorsIn(error: unknown, depth: number): Generator<Error> {
  if (!(error instanceof Error) || depth > 5) return;
  yield error;
  if (error instanceof AggregateError) {
    for (const one of error.errors.slice(0, 10)) yield* errorsIn(one, depth + 1);
  }
  yield* errorsIn(error.cause, depth + 1);
}

function codeOf(error: Error): string | null {
  return "code" in error && typeof error.code === "string" ? error.code : null;
}
