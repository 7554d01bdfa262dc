import type { Price } from "../price.ts";
import { priceTable } from "../price-table.ts";

/** Together AI, USD. */
export const togetherPrices: readonly Price[] = priceTable(
  {
    provider: "together",
    currency: "USD",
    asOf: "2026-07-02",
    source: "https://models.dev/?provider=togetherai",
    batchDiscount: null,
  },
  [
    ["LiquidAI/LFM2-24B-A2B", 32_768, 0.03, 0.12, null],
    ["MiniMaxAI/MiniMax-M2.7", 202_752, 0.3, 1.2, 0.06],
    ["MiniMaxAI/MiniMax-M3", 524_288, 0.3, 1.2, 0.06],
    ["Qwen/Qwen2.5-7B-Instruct-Turbo", 32_768, 0.3, 0.3, null],
    ["Qwen/Qwen3-235B-A22B-Instruct-2507-tput", 262_144, 0.2, 0.6, null],
    ["Qwen/Qwen3.5-397B-A17B", 262_144, 0.6, 3.6, 0.35],
    ["Qwen/Qwen3.5-9B", 262_144, 0.17, 0.25, null],
    ["Qwen/Qwen3.6-Plus", 1_000_000, 0.5, 3, null],
    ["Qwen/Qwen3.7-Max", 1_000_000, 1.25, 3.75, 0.13],
    ["deepcogito/cogito-v2-1-671b", 163_840, 1.25, 1.25, null],
    ["deepseek-ai/DeepSeek-V4-Pro", 512_000, 1.74, 3.48, 0.2],
    ["essentialai/Rnj-1-Instruct", 32_768, 0.15, 0.15, null],
    ["google/gemma-3n-E4B-it", 32_768, 0.06, 0.12, null],
    ["google/gemma-4-31B-it", 262_144, 0.39, 0.97, null],
    ["meta-llama/Llama-3.3-70B-Instruct-Turbo", 131_072, 0.88, 0.88, null],
    ["meta-llama/Meta-Llama-3-8B-Instruct-Lite", 8192, 0.14, 0.14, null],
    ["moonshotai/Kimi-K2.6", 262_144, 1.2, 4.5, 0.2],
    ["moonshotai/Kimi-K2.7-Code", 262_144, 0.95, 4, 0.19],
    ["nvidia/nemotron-3-ultra-550b-a55b", 512_300, 0.6, 3.6, 0.2],
    ["openai/gpt-oss-120b", 131_072, 0.15, 0.6, null],
    ["openai/gpt-oss-20b", 131_072, 0.05, 0.2, null],
    ["pearl-ai/gemma-4-31b-it", 32_000, 0.28, 0.86, null],
    ["zai-org/GLM-5", 202_752, 1, 3.2, null],
    ["zai-org/GLM-5.1", 202_752, 1.4, 4.4, null],
    ["zai-org/GLM-5.2", 262_144, 1.4, 4.4, 0.26],
  ],
);
