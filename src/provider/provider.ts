import type { AttemptOutcome } from "../outcome/attempt.ts";

/** One HTTP exchange to be made. */
export interface ChatRequest {
  readonly requestId: string;
  /** The JSON body, complete. */
  readonly body: string;
  /** Whether the body asks for a stream. */
  readonly stream: boolean;
}

/** Whoever can answer chat requests. Never rejects: whatever goes wrong is a failed outcome. */
export interface Provider {
  send(request: ChatRequest): Promise<AttemptOutcome>;
  /** Ends every exchange in flight with failure kind `cancelled`. */
  cancel(): void;
  /** Closes the connections; nothing may be sent afterwards. */
  close(): Promise<void>;
}
