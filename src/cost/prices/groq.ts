import type { Price } from "../price.ts";
import { priceTable } from "../price-table.ts";

/** Groq, USD. */
export const groqPrices: readonly Price[] = priceTable(
  {
    provider: "groq",
    currency: "USD",
    asOf: "2026-07-02",
    source: "https://models.dev/?provider=groq",
    batchDiscount: null,
  },
  [
    ["llama-3.1-8b-instant", 131_072, 0.05, 0.08, null],
    ["llama-3.3-70b-versatile", 131_072, 0.59, 0.79, null],
    ["meta-llama/llama-4-scout-17b-16e-instruct", 131_072, 0.11, 0.34, null],
    ["openai/gpt-oss-120b", null, 0.15, 0.6, 0.075],
    ["openai/gpt-oss-20b", 131_072, 0.075, 0.3, 0.0375],
    ["openai/gpt-oss-safeguard-20b", 131_072, 0.075, 0.3, null],
    ["qwen/qwen3-32b", 131_072, 0.29, 0.59, null],
  ],
);
