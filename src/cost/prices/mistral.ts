import type { Price } from "../price.ts";
import { priceTable } from "../price-table.ts";

/** Mistral AI, USD. */
export const mistralPrices: readonly Price[] = priceTable(
  {
    provider: "mistral",
    currency: "USD",
    asOf: "2026-07-02",
    source: "https://models.dev/?provider=mistral",
    batchDiscount: null,
  },
  [
    ["codestral-latest", 256_000, 0.3, 0.9, null],
    ["magistral-medium-latest", 128_000, 2, 5, null],
    ["magistral-small", 128_000, 0.5, 1.5, null],
    ["ministral-3b-latest", 128_000, 0.04, 0.04, null],
    ["ministral-8b-latest", 128_000, 0.1, 0.1, null],
    ["mistral-large-2411", 131_072, 2, 6, null],
    ["mistral-large-2512", 262_144, 0.5, 1.5, null],
    ["mistral-large-latest", 262_144, 0.5, 1.5, null],
    ["mistral-medium-2505", 131_072, 0.4, 2, null],
    ["mistral-medium-2508", 262_144, 0.4, 2, null],
    ["mistral-medium-2604", 262_144, 1.5, 7.5, null],
    ["mistral-medium-latest", null, 0.4, 2, null],
    ["mistral-nemo", 128_000, 0.15, 0.15, null],
    ["mistral-small-2506", 128_000, 0.1, 0.3, null],
    ["mistral-small-2603", 256_000, 0.15, 0.6, null],
    ["mistral-small-latest", 256_000, 0.15, 0.6, null],
    ["open-mistral-7b", 8000, 0.25, 0.25, null],
    ["open-mixtral-8x22b", 64_000, 2, 6, null],
    ["open-mixtral-8x7b", 32_000, 0.7, 0.7, null],
    ["pixtral-12b", 128_000, 0.15, 0.15, null],
    ["pixtral-large-latest", 128_000, 2, 6, null],
  ],
);
