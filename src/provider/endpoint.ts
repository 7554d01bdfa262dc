import type { Dialect } from "./presets.ts";

/** A provider ready to be called: preset and user's changes resolved, the key read from the environment. */
export interface Endpoint {
  /** Key of the provider in the matrix. */
  readonly key: string;
  readonly preset: string;
  /** Without trailing slash; `/chat/completions` is appended. */
  readonly baseUrl: string;
  readonly apiKey: string | null;
  /** Environment variable the key came from; null when that one is not sent. */
  readonly apiKeyEnv: string | null;
  /** Header that carries the key: `authorization` after the word `Bearer`, any other as it is. In lower case. */
  readonly authHeader: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  /** PEM text of further certificate authorities; null for the system's alone. */
  readonly ca: string | null;
  /** Model names as the matrix has them → as this endpoint wants them. */
  readonly models: Readonly<Record<string, string>>;
  /** Further values that no message may show: what the environment put into headers and query. */
  readonly secrets?: readonly string[];
  /** Environment variables of the keys in headers and query, for messages. */
  readonly secretEnvs?: readonly string[];
  /** How its answers are read. */
  readonly dialect: Dialect;
  /** Whether streams must be asked for usage by `stream_options`. */
  readonly streamUsageOption: boolean;
  /** Whether `x-promptgrid-request: <request id>` is sent: to our own simulator alone. */
  readonly sendRequestId: boolean;
}

/** Limits of one attempt in milliseconds; null is no limit. */
export interface Timeouts {
  readonly connectMs: number;
  readonly firstTokenMs: number | null;
  readonly idleMs: number | null;
  readonly totalMs: number | null;
}
