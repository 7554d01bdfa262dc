import type { Price } from "../price.ts";
import { priceTable } from "../price-table.ts";

/** DeepSeek, USD. */
export const deepseekPrices: readonly Price[] = priceTable(
  {
    provider: "deepseek",
    currency: "USD",
    asOf: "2026-07-02",
    source: "https://models.dev/?provider=deepseek",
    batchDiscount: null,
  },
  [
    ["deepseek-chat", 1_000_000, 0.14, 0.28, 0.0028],
    ["deepseek-reasoner", 1_000_000, 0.14, 0.28, 0.0028],
    ["deepseek-v4-flash", 1_000_000, 0.14, 0.28, 0.0028],
    ["deepseek-v4-pro", 1_000_000, 0.435, 0.87, 0.003625],
  ],
);
