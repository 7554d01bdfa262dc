import { z } from "zod";

/** One entry of `prices`, as a user writes it; amounts are per million tokens. */
export interface PriceFile {
  readonly provider?: string | undefined;
  readonly model: string;
  readonly currency: string;
  readonly input?: number | undefined;
  readonly output?: number | undefined;
  readonly cached_input?: number | undefined;
  readonly tiers?: readonly TierFile[] | undefined;
  readonly batch_discount?: number | undefined;
  readonly context?: number | undefined;
  readonly as_of?: string | undefined;
  readonly source?: string | undefined;
}

export interface TierFile {
  readonly up_to?: number | null | undefined;
  readonly input: number;
  readonly output: number;
  readonly cached_input?: number | undefined;
}

const text = z.string().min(1);
const amount = z.number().min(0);

const tier = z.strictObject({
  up_to: z.int().min(1).nullable().optional().describe("prompt tokens; without it, for all longer prompts"),
  input: amount,
  output: amount,
  cached_input: amount.optional(),
});

/** Schema of one entry. Without transforms, so that the JSON Schema for editors is made from it. */
export const priceFileSchema: z.ZodType<PriceFile> = z
  .strictObject({
    provider: text
      .optional()
      .describe("a preset, or a key of `providers`; without it the model at any provider"),
    model: text.describe("as the provider calls it; `*` for any run of characters"),
    currency: z
      .string()
      .regex(/^[A-Z]{3}$/)
      .describe("three letters, such as CNY or USD"),
    input: amount.optional().describe("per million prompt tokens"),
    output: amount.optional().describe("per million completion tokens, reasoning included"),
    cached_input: amount.optional().describe("per million prompt tokens out of the provider's cache"),
    tiers: z
      .array(tier)
      .min(1)
      .optional()
      .describe("instead of `input` and `output`: prices by the length of the prompt"),
    batch_discount: z.number().min(0).max(1).optional().describe("share taken off in the batch API"),
    context: z.int().min(1).optional().describe("tokens of prompt and answer together"),
    as_of: z
      .string()
      .regex(/^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/)
      .optional(),
    source: text.optional().describe("where the price was read"),
  })
  .describe("what a model costs, per million tokens");
