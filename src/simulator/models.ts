import { Draw } from "./draw.ts";

/** What a simulated model can do. Slopes and bonuses are in log-odds of a right answer. */
export interface ModelAbility {
  /** Log-odds of being right at difficulty 0 and temperature 0. */
  readonly base: number;
  /** Taken off per unit of difficulty. */
  readonly difficulty: number;
  /** Taken off per unit of temperature. */
  readonly temperature: number;
  /** Added when the prompt asks to think step by step. */
  readonly stepByStep: number;
  /** Added while the model thinks (writes `reasoning_content`). */
  readonly thinking: number;
  /** `never` refuses `enable_thinking` with a 400; `on` and `off` say what holds when it is absent. */
  readonly thinks: "never" | "on" | "off";
  /** Milliseconds to the first token, under `latency: "model"`. */
  readonly firstMs: number;
  /** Milliseconds for each further token, under `latency: "model"`. */
  readonly perTokenMs: number;
  /** Prompts with more tokens are refused. */
  readonly contextTokens: number;
}

/** The models with stated abilities; docs/simulator.md prints this table. */
export const simulatedModels: Readonly<Record<string, ModelAbility>> = {
  "sim/strong": {
    base: 4,
    difficulty: 3,
    temperature: 0.4,
    stepByStep: 0.5,
    thinking: 0,
    thinks: "never",
    firstMs: 300,
    perTokenMs: 20,
    contextTokens: 131_072,
  },
  "sim/medium": {
    base: 2.5,
    difficulty: 3,
    temperature: 0.6,
    stepByStep: 0.8,
    thinking: 0,
    thinks: "never",
    firstMs: 200,
    perTokenMs: 12,
    contextTokens: 131_072,
  },
  "sim/weak": {
    base: 1,
    difficulty: 3,
    temperature: 0.8,
    stepByStep: 1,
    thinking: 0,
    thinks: "never",
    firstMs: 150,
    perTokenMs: 8,
    contextTokens: 32_768,
  },
  "sim/fast": {
    base: 2,
    difficulty: 3,
    temperature: 0.6,
    stepByStep: 0.8,
    thinking: 0,
    thinks: "never",
    firstMs: 40,
    perTokenMs: 2,
    contextTokens: 32_768,
  },
  "sim/thinker": {
    base: 3,
    difficulty: 2.5,
    temperature: 0.3,
    stepByStep: 0.2,
    thinking: 1.5,
    thinks: "on",
    firstMs: 400,
    perTokenMs: 15,
    contextTokens: 131_072,
  },
};

const anyOther: ModelAbility = {
  base: 2.5,
  difficulty: 3,
  temperature: 0.6,
  stepByStep: 0.8,
  thinking: 0,
  thinks: "off",
  firstMs: 200,
  perTokenMs: 12,
  contextTokens: 131_072,
};

/** The temperature of a request that states none. */
export const defaultTemperature = 0.7;

/**
 * What a model can do, by name. A name that nobody states has the odds of `sim/medium` and thinks only when
 * `enable_thinking` is true.
 */
export function modelAbility(
  model: string,
  further: Readonly<Record<string, ModelAbility>> = {},
): ModelAbility {
  if (Object.hasOwn(further, model)) return further[model] ?? anyOther;
  return (Object.hasOwn(simulatedModels, model) ? simulatedModels[model] : undefined) ?? anyOther;
}

/** The circumstances that decide how likely a right answer is. */
export interface Circumstances {
  readonly model: string;
  /** 0 (easy) to 1 (hard). */
  readonly difficulty: number;
  readonly temperature: number;
  /** Whether the prompt asks to think step by step; see `asksForSteps`. */
  readonly stepByStep: boolean;
  /** Whether the model thinks; absent is what it does unasked. */
  readonly thinking?: boolean;
}

/**
 * Probability of a right answer: the logistic function of base − difficulty · slope − temperature · slope + bonuses.
 * This is the truth that a report on simulated answers can be checked against.
 */
export function probabilityRight(
  circumstances: Circumstances,
  further: Readonly<Record<string, ModelAbility>> = {},
): number {
  const ability = modelAbility(circumstances.model, further);
  const thinks = ability.thinks !== "never" && (circumstances.thinking ?? ability.thinks === "on");
  const logOdds =
    ability.base -
    ability.difficulty * circumstances.difficulty -
    ability.temperature * circumstances.temperature +
    (circumstances.stepByStep ? ability.stepByStep : 0) +
    (thinks ? ability.thinking : 0);
  return 1 / (1 + Math.exp(-logOdds));
}

/** Difficulty of a prompt for which none is stated: uniform over 0..1, from a hash of the last user message. */
export function defaultDifficulty(prompt: string): number {
  return new Draw(["difficulty", prompt]).uniform;
}

/** Whether a prompt asks to think step by step: it says `step by step`, `think`, or `一步`. */
export function asksForSteps(text: string): boolean {
  return /\bstep[- ]by[- ]step\b|\bthink\b|一步/i.test(text);
}
