import type { Message } from "./messages.ts";

/** A request as far as its body says it: one of the plan, or one to a judge. */
export interface BodyRequest {
  readonly messages: readonly Message[];
  /** `model` first, without `stream`. */
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly stream: boolean;
  readonly variant?: { readonly noStreamOptions?: boolean };
}

/** What a provider wants different in a body. */
export interface BodyDialect {
  /** Model names as the matrix has them → as the endpoint wants them. */
  readonly models: Readonly<Record<string, string>>;
  /** Whether a stream must be asked for its usage. */
  readonly streamUsageOption: boolean;
}

/** The body of a request as a value, keys in the order sent: model, messages, stream, then the parameters as written. */
export function requestBody(request: BodyRequest, dialect: BodyDialect): Readonly<Record<string, unknown>> {
  const { model, ...parameters } = request.parameters as { readonly model: string } & Readonly<
    Record<string, unknown>
  >;
  const left = "stream_options" in parameters || request.variant?.noStreamOptions === true;
  const usage = request.stream && dialect.streamUsageOption && !left;
  return {
    model: dialect.models[model] ?? model,
    messages: request.messages,
    stream: request.stream,
    ...(usage ? { stream_options: { include_usage: true } } : {}),
    ...parameters,
  };
}
