import type { Price } from "../price.ts";
import { priceTable } from "../price-table.ts";

/** Z.ai (GLM), USD. */
export const zaiPrices: readonly Price[] = priceTable(
  {
    provider: "zai",
    currency: "USD",
    asOf: "2026-07-02",
    source: "https://models.dev/?provider=zai",
    batchDiscount: null,
  },
  [
    ["glm-4.5", 131_072, 0.6, 2.2, 0.11],
    ["glm-4.5-air", 131_072, 0.2, 1.1, 0.03],
    ["glm-4.5-flash", 131_072, 0, 0, 0],
    ["glm-4.5v", 64_000, 0.6, 1.8, null],
    ["glm-4.6", 204_800, 0.6, 2.2, 0.11],
    ["glm-4.6v", 128_000, 0.3, 0.9, null],
    ["glm-4.7", 204_800, 0.6, 2.2, 0.11],
    ["glm-4.7-flash", 200_000, 0, 0, 0],
    ["glm-4.7-flashx", 200_000, 0.07, 0.4, 0.01],
    ["glm-5", null, 1, 3.2, 0.2],
    ["glm-5-turbo", 200_000, 1.2, 4, 0.24],
    ["glm-5.1", null, 1.4, 4.4, 0.26],
    ["glm-5.2", null, 1.4, 4.4, 0.26],
    ["glm-5v-turbo", 200_000, 1.2, 4, 0.24],
  ],
);
