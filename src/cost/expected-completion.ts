/** What the parameters of a request say of how much may come back. */
export interface OutputLimits {
  /** `n`: answers to one request. */
  readonly choices: number;
  /** The most that one answer may have: `max_tokens` or `max_completion_tokens`; null where neither is stated. */
  readonly answerTokens: number | null;
  /** What thinking may add to each answer: `thinking_budget`; 0 where none is stated, or thinking is off. */
  readonly thinkingTokens: number;
  /** Whether the limit holds for thinking and answer together: `max_completion_tokens`. */
  readonly wholeTokens: boolean;
  /** Whether the parameters turn thinking on. */
  readonly thinks: boolean;
}

/** Tokens of one answer where nothing is known: an assumption, about as long as an answer in a chat. */
export const assumedAnswerTokens = 300;

/** Tokens of the thinking before one answer, where thinking is on and nothing is known: an assumption. */
export const assumedThinkingTokens = 2_000;

/** Reads the limits out of the parameters of a request, as they are sent. */
export function outputLimits(parameters: Readonly<Record<string, unknown>>): OutputLimits {
  const whole = count(parameters.max_completion_tokens);
  const thinks = isThinking(parameters);
  return {
    choices: Math.max(1, count(parameters.n) ?? 1),
    answerTokens: whole ?? count(parameters.max_tokens),
    // `max_completion_tokens` includes the thinking.
    thinkingTokens: thinks && whole === null ? (count(parameters.thinking_budget) ?? 0) : 0,
    wholeTokens: whole !== null,
    thinks,
  };
}

/** The stated worst case of a request: `n × (max_tokens + thinking_budget)`; null without `max_tokens`. */
export function worstCompletionTokens(limits: OutputLimits): number | null {
  return limits.answerTokens === null ? null : limits.choices * (limits.answerTokens + limits.thinkingTokens);
}

/** Completion tokens of one answer, as earlier answers had them. */
export interface AnswerLength {
  readonly mean: number;
  /** Lower end of the 95 % interval of the mean. */
  readonly low: number;
}

/**
 * Completion tokens of a request, all its answers together: the mean of earlier answers, else what is assumed; never
 * above the stated worst case. Without earlier answers `low` is 0: nobody knows how short they are.
 */
export function expectedCompletion(
  limits: OutputLimits,
  earlier: AnswerLength | null,
): { readonly low: number; readonly expected: number } {
  const worst = worstCompletionTokens(limits) ?? Number.POSITIVE_INFINITY;
  const total = (perAnswer: number): number => Math.min(worst, limits.choices * perAnswer);
  if (earlier !== null) return { low: total(Math.max(0, earlier.low)), expected: total(earlier.mean) };
  return { low: 0, expected: total(assumedAnswer(limits) + assumedThinking(limits)) };
}

function assumedAnswer({ answerTokens }: OutputLimits): number {
  return Math.min(assumedAnswerTokens, answerTokens ?? assumedAnswerTokens);
}

function assumedThinking({ thinks, thinkingTokens }: OutputLimits): number {
  if (!thinks) return 0;
  return thinkingTokens === 0 ? assumedThinkingTokens : Math.min(assumedThinkingTokens, thinkingTokens);
}

/** Thinking is on where a parameter says so. What a model does by itself no parameter says. */
function isThinking(parameters: Readonly<Record<string, unknown>>): boolean {
  const { enable_thinking, thinking, thinking_budget, reasoning_effort } = parameters;
  if (typeof enable_thinking === "boolean") return enable_thinking;
  const type =
    typeof thinking === "object" && thinking !== null ? (thinking as { type?: unknown }).type : null;
  if (type === "enabled" || type === "disabled") return type === "enabled";
  if ((count(thinking_budget) ?? 0) > 0) return true;
  return typeof reasoning_effort === "string" && reasoning_effort !== "none";
}

/** A whole number of at least 0; null for anything else. */
function count(value: unknown): number | null {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 ? value : null;
}
