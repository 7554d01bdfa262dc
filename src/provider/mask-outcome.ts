import type { AttemptOutcome } from "../outcome/attempt.ts";
import type { Failure } from "../outcome/failure.ts";
import { sendsKey } from "./credentials.ts";
import type { Endpoint } from "./endpoint.ts";
import { oneLine } from "./one-line.ts";
import type { SecretMask } from "./secret-mask.ts";

/** An outcome in which no secret of its endpoint is left. */
export function maskOutcome(outcome: AttemptOutcome, mask: SecretMask, endpoint: Endpoint): AttemptOutcome {
  const traceId = outcome.traceId === null ? null : mask.text(outcome.traceId);
  if (outcome.status === "ok") return { ...outcome, traceId, answer: mask.answer(outcome.answer) };
  return { ...outcome, traceId, failure: maskFailure(outcome.failure, mask, endpoint) };
}

/** A failure in which no secret of its endpoint is left. */
export function maskFailure(failure: Failure, mask: SecretMask, endpoint: Endpoint): Failure {
  const code = failure.code === null ? null : mask.text(failure.code);
  return { ...failure, code, message: messageFor(failure, mask, endpoint) };
}

/** What stops a lane says which key it was about: by its variable, never by its value. */
function messageFor({ kind, message }: Failure, mask: SecretMask, endpoint: Endpoint): string {
  const said = mask.text(message);
  if (kind !== "auth" && kind !== "quota") return said;
  if (!sendsKey(endpoint)) return kind === "quota" ? said : `${oneLine(said, 1900)} (no key was sent)`;
  const { apiKeyEnv, secretEnvs = [] } = endpoint;
  const names = [...new Set(apiKeyEnv === null ? secretEnvs : [apiKeyEnv, ...secretEnvs])];
  if (names.length === 0) return said;
  const list = names.map((name) => `\`${name}\``).join(", ");
  return `${oneLine(said, 1900)} (${names.length === 1 ? "key" : "keys"} from ${list})`;
}
