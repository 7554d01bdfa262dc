import type { ScriptShares } from "./script-shares.ts";

/** What one token of o200k counts as in a family's own vocabulary, by script; digits one by one or in its groups. */
export type ScriptFactors = ScriptShares;

/** How a family marks the messages of a chat; see chat-overhead.ts. */
export type TemplateName = "openai" | "chatml" | "deepseek";

/** Models that cut text alike, as far as it can be told from their names. */
export interface TokenizerFamily {
  readonly name: "o200k" | "qwen" | "qwen3.5" | "deepseek" | "single-digits";
  readonly factors: ScriptFactors;
  readonly template: TemplateName;
}

const unchanged: ScriptFactors = { latin: 1, han: 1, letters: 1, digits: 1, marks: 1, digitCharacters: 0 };
/** Every digit is a token of its own. */
const singleDigits: ScriptFactors = { ...unchanged, digits: 0, digitCharacters: 1 };

/**
 * Where the factors come from is written in docs/design/token-counting.md: `qwen` is measured with the vocabulary of
 * Qwen to Qwen3; single digits follow from the pre-tokenizers; what is not known is 1.
 */
const qwen: TokenizerFamily = {
  name: "qwen",
  factors: { ...singleDigits, latin: 1.012, han: 0.88 },
  template: "chatml",
};
/** DeepSeek's R1 into a Qwen: Qwen's vocabulary, DeepSeek's marks. */
const distilledQwen: TokenizerFamily = { ...qwen, template: "deepseek" };
const newerQwen: TokenizerFamily = { name: "qwen3.5", factors: singleDigits, template: "chatml" };
/** Numbers are cut in threes as in o200k; for Chinese the vendor states 0.6 tokens a character. */
const deepseek: TokenizerFamily = {
  name: "deepseek",
  factors: { ...unchanged, han: 0.78 },
  template: "deepseek",
};
const otherSingleDigits: TokenizerFamily = {
  name: "single-digits",
  factors: singleDigits,
  template: "openai",
};
const o200k: TokenizerFamily = { name: "o200k", factors: unchanged, template: "openai" };

/**
 * The family of a model, by its name as it is sent (`Qwen/Qwen3-8B`, `qwen3:8b`, `Pro/deepseek-ai/DeepSeek-V3`). A
 * distilled model cuts text as the model it was made of, so `qwen` in a name goes before `deepseek`. Any other name,
 * those of OpenAI and of the local endpoint among them, is plain o200k.
 */
export function tokenizerFamily(model: string): TokenizerFamily {
  // `Qwen-7B` has a size, not a version.
  if (/qwen-?(?:3\.[5-9]|[4-9](?![\d.]*b))/i.test(model)) return newerQwen;
  if (/qwen|qwq|qvq/i.test(model)) return /deepseek/i.test(model) ? distilledQwen : qwen;
  if (/deepseek/i.test(model)) return deepseek;
  if (/longcat|hunyuan-a13b/i.test(model)) return otherSingleDigits;
  return o200k;
}

/** Tokens in a family's own vocabulary, not rounded. */
export function familyTokens(shares: ScriptShares, family: TokenizerFamily): number {
  const { factors } = family;
  return (
    shares.latin * factors.latin +
    shares.han * factors.han +
    shares.letters * factors.letters +
    shares.digits * factors.digits +
    shares.digitCharacters * factors.digitCharacters +
    shares.marks * factors.marks
  );
}
