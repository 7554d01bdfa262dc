import type { Price } from "../price.ts";
import { priceTable } from "../price-table.ts";

/** Moonshot AI (Kimi), USD. */
export const moonshotPrices: readonly Price[] = priceTable(
  {
    provider: "moonshot",
    currency: "USD",
    asOf: "2026-07-02",
    source: "https://models.dev/?provider=moonshotai",
    batchDiscount: null,
  },
  [
    ["kimi-k2-0711-preview", 131_072, 0.6, 2.5, 0.15],
    ["kimi-k2-0905-preview", 262_144, 0.6, 2.5, 0.15],
    ["kimi-k2-thinking", 262_144, 0.6, 2.5, 0.15],
    ["kimi-k2-thinking-turbo", 262_144, 1.15, 8, 0.15],
    ["kimi-k2-turbo-preview", 262_144, 2.4, 10, 0.6],
    ["kimi-k2.5", 262_144, 0.6, 3, 0.1],
    ["kimi-k2.6", 262_144, 0.95, 4, 0.16],
    ["kimi-k2.7-code", null, 0.95, 4, 0.19],
    ["kimi-k2.7-code-highspeed", null, 1.9, 8, 0.38],
  ],
);
