/** What the parameters of a request say of how much may come back. */
export interface OutputLimits {
  /** `n`: answers to one request. */
  readonly choices: number;
  /** The most that one answer may have: `max_tokens` or `max_completion_tokens`; null where that cannot be told. */
  readonly answerTokens: number | null;
  /** What thinking may add to each answer: `thinking_budget`; 0 where none is stated, or thinking is off. */
  readonly thinkingTokens: number;
  /** The parameters turn thinking on and nothing limits it: what is thought may come on top of `answerTokens`. */
  readonly openThinking: boolean;
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
  const answer = count(parameters.max_tokens);
  const thinks = isThinking(parameters);
  const budget = thinkingBudget(parameters) ?? 0;
  return {
    choices: Math.max(1, count(parameters.n) ?? 1),
    // A server knows one of the two, and nobody says which: the larger one.
    answerTokens: hasText(parameters) ? null : whole === null ? answer : Math.max(whole, answer ?? 0),
    // `max_completion_tokens` includes the thinking.
    thinkingTokens: thinks && whole === null ? budget : 0,
    openThinking: thinks && whole === null && budget === 0,
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
  /** Whether they were asked with the same limits: those that are to come will then be as long, whatever is stated. */
  readonly sameLimits: boolean;
}

/** Completion tokens of a request, all its answers together; `low ≤ expected ≤ worst`. */
export interface CompletionRange {
  /** Without earlier answers 0: nobody knows how short they are. */
  readonly low: number;
  readonly expected: number;
  /** Null where nothing limits an answer, or where earlier answers were longer than what is stated allows. */
  readonly worst: number | null;
}

/**
 * The mean of earlier answers, else what is assumed. A stated limit cuts what is assumed, and what answers under other
 * limits had; answers under the same limits are as long as they are, some models think beyond them.
 */
export function expectedCompletion(limits: OutputLimits, earlier: AnswerLength | null): CompletionRange {
  const stated = limits.openThinking ? null : worstCompletionTokens(limits);
  const cut = earlier?.sameLimits === true ? Number.POSITIVE_INFINITY : (stated ?? Number.POSITIVE_INFINITY);
  const total = (perAnswer: number): number => Math.min(cut, limits.choices * perAnswer);
  const expected = total(earlier?.mean ?? assumedAnswer(limits) + assumedThinking(limits));
  return {
    low: earlier === null ? 0 : total(Math.max(0, earlier.low)),
    expected,
    worst: stated !== null && expected > stated ? null : stated,
  };
}

function assumedAnswer({ answerTokens }: OutputLimits): number {
  return Math.min(assumedAnswerTokens, answerTokens ?? assumedAnswerTokens);
}

function assumedThinking({ thinks, thinkingTokens }: OutputLimits): number {
  if (!thinks) return 0;
  return thinkingTokens === 0 ? assumedThinkingTokens : Math.min(assumedThinkingTokens, thinkingTokens);
}

/** Thinking is on where a parameter says so, in any dialect. What a model does by itself no parameter says. */
function isThinking(parameters: Readonly<Record<string, unknown>>): boolean {
  const { enable_thinking, reasoning_effort } = parameters;
  const { enable_thinking: inTemplate } = mapOf(parameters.chat_template_kwargs);
  for (const said of [enable_thinking, inTemplate]) if (typeof said === "boolean") return said;
  const { type } = mapOf(parameters.thinking);
  if (type === "enabled" || type === "disabled") return type === "enabled";
  const { enabled, effort = reasoning_effort } = mapOf(parameters.reasoning);
  if (typeof enabled === "boolean") return enabled;
  if ((thinkingBudget(parameters) ?? 0) > 0) return true;
  return typeof effort === "string" && effort !== "none";
}

/** `thinking_budget`, `thinking.budget_tokens` or `reasoning.max_tokens`; null without. */
function thinkingBudget(parameters: Readonly<Record<string, unknown>>): number | null {
  return (
    count(parameters.thinking_budget) ??
    count(mapOf(parameters.thinking).budget_tokens) ??
    count(mapOf(parameters.reasoning).max_tokens)
  );
}

function mapOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

/** Whether a multiplier is no number: what a server makes of `"5"` nobody knows. */
function hasText({ n, thinking_budget }: Readonly<Record<string, unknown>>): boolean {
  return [n, thinking_budget].some((value) => value !== undefined && value !== null && count(value) === null);
}

/** A whole number of at least 0; null for anything else. */
function count(value: unknown): number | null {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 ? value : null;
}
