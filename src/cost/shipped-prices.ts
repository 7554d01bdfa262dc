import type { Price } from "./price.ts";
import { deepseekPrices } from "./prices/deepseek.ts";
import { groqPrices } from "./prices/groq.ts";
import { mistralPrices } from "./prices/mistral.ts";
import { moonshotPrices } from "./prices/moonshot.ts";
import { openaiPrices } from "./prices/openai.ts";
import { siliconflowPrices } from "./prices/siliconflow.ts";
import { siliconflowIntlPrices } from "./prices/siliconflow-intl.ts";
import { togetherPrices } from "./prices/together.ts";
import { zaiPrices } from "./prices/zai.ts";

/** The prices that come with promptgrid, dated; they change monthly, and the user's own go before them. */
export const shippedPrices: readonly Price[] = [
  ...siliconflowPrices,
  ...siliconflowIntlPrices,
  ...openaiPrices,
  ...deepseekPrices,
  ...moonshotPrices,
  ...zaiPrices,
  ...groqPrices,
  ...mistralPrices,
  ...togetherPrices,
];
