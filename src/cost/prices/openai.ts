import type { Price } from "../price.ts";
import { priceTable } from "../price-table.ts";

/** OpenAI, USD: text models of the chat-completions endpoint. */
export const openaiPrices: readonly Price[] = priceTable(
  {
    provider: "openai",
    currency: "USD",
    asOf: "2026-07-02",
    source: "https://models.dev/?provider=openai",
    batchDiscount: 0.5,
  },
  [
    ["gpt-3.5-turbo", 16_385, 0.5, 1.5, null],
    ["gpt-4", 8192, 30, 60, null],
    ["gpt-4-turbo", 128_000, 10, 30, null],
    ["gpt-4.1", 1_047_576, 2, 8, 0.5],
    ["gpt-4.1-mini", 1_047_576, 0.4, 1.6, 0.1],
    ["gpt-4.1-nano", 1_047_576, 0.1, 0.4, 0.025],
    ["gpt-4o", 128_000, 2.5, 10, 1.25],
    ["gpt-4o-2024-05-13", 128_000, 5, 15, null],
    ["gpt-4o-2024-08-06", 128_000, 2.5, 10, 1.25],
    ["gpt-4o-2024-11-20", 128_000, 2.5, 10, 1.25],
    ["gpt-4o-mini", 128_000, 0.15, 0.6, 0.075],
    ["gpt-5", null, 1.25, 10, 0.125],
    ["gpt-5-chat-latest", 400_000, 1.25, 10, 0.125],
    ["gpt-5-mini", 400_000, 0.25, 2, 0.025],
    ["gpt-5-nano", 400_000, 0.05, 0.4, 0.005],
    ["gpt-5.1", 400_000, 1.25, 10, 0.125],
    ["gpt-5.1-chat-latest", 128_000, 1.25, 10, 0.125],
    ["gpt-5.2", 400_000, 1.75, 14, 0.175],
    ["gpt-5.2-chat-latest", 128_000, 1.75, 14, 0.175],
    ["gpt-5.3-chat-latest", 128_000, 1.75, 14, 0.175],
    ["gpt-5.4", 1_050_000, 2.5, 15, 0.25, [[272_000, 5, 22.5, 0.5]]],
    ["gpt-5.4-mini", 400_000, 0.75, 4.5, 0.075],
    ["gpt-5.4-nano", 400_000, 0.2, 1.25, 0.02],
    ["gpt-5.5", 1_050_000, 5, 30, 0.5, [[272_000, 10, 45, 1]]],
    ["o1", 200_000, 15, 60, 7.5],
    ["o3", 200_000, 2, 8, 0.5],
    ["o3-mini", 200_000, 1.1, 4.4, 0.55],
    ["o4-mini", 200_000, 1.1, 4.4, 0.275],
  ],
);
