import { z } from "zod";
import { type PlainText, plainTextSchema } from "./plain-text.ts";

/** One reference text, or several of which the nearest counts. */
export type References = PlainText | readonly PlainText[];

/** Schema of `References`. */
export const referencesSchema: z.ZodType<References> = z.union([
  plainTextSchema,
  z.array(plainTextSchema).min(1),
]);

/** The texts. */
export function referenceTexts(references: References): readonly string[] {
  return (Array.isArray(references) ? (references as readonly PlainText[]) : [references as PlainText]).map(
    String,
  );
}
