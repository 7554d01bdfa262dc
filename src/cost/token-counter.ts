import { rankTable } from "./byte-pairs.ts";
import { chatPrompt, mediaTokens } from "./chat-overhead.ts";
import { type ShareCounter, shareCounter } from "./script-shares.ts";
import { familyTokens, tokenizerFamily } from "./tokenizer-family.ts";

/** Counts tokens as a model would, or nearly: docs/design/token-counting.md has the errors. Counts are whole numbers. */
export interface TokenCounter {
  /** Tokens of a text alone. Exact for models with the o200k encoding, but for words of more than 128 characters. */
  text(model: string, text: string): number;
  /**
   * Prompt tokens of a request: the messages with what the chat template puts around them, tools, and 256 for each
   * image or other part that is no text (`mediaParts` says how many: the count is then a rough guess).
   */
  request(model: string, messages: readonly ChatMessage[], parameters: ChatParameters): number;
}

/** A message as it goes on the wire. */
export type ChatMessage = Readonly<Record<string, unknown>>;

/** Members of a request's body beside the messages; `tools`, `response_format` and `enable_thinking` matter here. */
export type ChatParameters = Readonly<Record<string, unknown>>;

/** The model to count for where the endpoint is the simulator, whatever name the request has: it has o200k itself. */
export const simulatedModel = "sim/strong";

/** How many content parts of a chat are no text; each is counted as `mediaTokens`. */
export function mediaParts(messages: readonly ChatMessage[]): number {
  return chatPrompt("openai", "", messages, {}).media;
}

/** Loads the o200k ranks (2.4 MB, about a quarter of a second), which is why nothing imports them statically. */
export function loadTokenCounter(): Promise<TokenCounter> {
  loaded ??= load();
  return loaded;
}

let loaded: Promise<TokenCounter> | null = null;

async function load(): Promise<TokenCounter> {
  // biome-ignore lint/style/noRestrictedImports: its one home, and loaded only where something is counted
  const { default: ranks } = await import("gpt-tokenizer/bpeRanks/o200k_base");
  return tokenCounter(shareCounter(rankTable(ranks)));
}

/** A counter over the shares of texts. */
export function tokenCounter(share: ShareCounter): TokenCounter {
  return {
    text: (model, text) => Math.round(familyTokens(share(text), tokenizerFamily(model))),
    request(model, messages, parameters) {
      const family = tokenizerFamily(model);
      const prompt = chatPrompt(family.template, model, messages, parameters);
      const fixed = prompt.overhead + mediaTokens * prompt.media;
      return Math.round(prompt.texts.reduce((sum, text) => sum + familyTokens(share(text), family), fixed));
    },
  };
}
