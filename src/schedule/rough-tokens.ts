/** Characters that take about a token each: Chinese, Japanese, Korean and their signs. */
const wide = /[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef]/g;
const wideTokens = 0.7;
const charactersOfToken = 4;
/** What a chat's template adds to a message. */
const messageTokens = 4;

/**
 * A rough count of a text's tokens, in a few nanoseconds a character: a reservation is corrected by the server's own
 * usage, so only the differences between prompts matter.
 */
export function roughTokens(text: string): number {
  const wideOnes = text.match(wide)?.length ?? 0;
  return wideOnes * wideTokens + (text.length - wideOnes) / charactersOfToken;
}

/** The same of a chat: its texts, and so many for each part that is none. */
export function roughChatTokens(messages: readonly unknown[], tools: unknown, partTokens: number): number {
  let total = tools === undefined ? 0 : roughTokens(JSON.stringify(tools));
  for (const message of messages) {
    const { content, tool_calls: calls } = message as { content?: unknown; tool_calls?: unknown };
    total += messageTokens + (calls === undefined ? 0 : roughTokens(JSON.stringify(calls)));
    if (typeof content === "string") total += roughTokens(content);
    else if (Array.isArray(content)) {
      for (const part of content) {
        const { text } = part as { text?: unknown };
        total += typeof text === "string" ? roughTokens(text) : partTokens;
      }
    }
  }
  return total;
}
