import { z } from "zod";

/** What may stand for a text in options: numbers and booleans are compared as JSON writes them. */
export type PlainText = string | number | boolean;

/** Schema of a `PlainText`. */
export const plainTextSchema: z.ZodType<PlainText> = z.union([z.string(), z.number(), z.boolean()]);
