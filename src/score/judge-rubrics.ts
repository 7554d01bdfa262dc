/** A rubric that ships: its text, and the options that it cannot do without. */
export interface Rubric {
  readonly text: string;
  readonly needs: readonly ("expected" | "context")[];
}

/** Rubrics by the name that `rubric` may give. */
export const rubrics: Readonly<Record<string, Rubric>> = {
  correctness: {
    needs: ["expected"],
    text: `Is the answer correct? The member \`expected\` is a correct answer.
- Judge the meaning, not the wording: other words, another order, another unit or format of the same value are correct.
- Additional statements do not matter unless they contradict the expected answer or are false.
- An answer that leaves out what was asked for, hedges between several answers, or gives none is not correct.
- On a scale: the highest grade is complete and without error, the lowest is wrong or missing, the middle has the essential right and a part wrong or missing.`,
  },
  faithfulness: {
    needs: ["context"],
    text: `Does the member \`context\` support everything that the answer states?
- Go through the statements of the answer one by one. A statement is supported when the context says it or it follows from what the context says.
- What is true in the world but not in the context is not supported.
- Saying that the context does not contain the answer is faithful when that is so.
- Style, completeness and usefulness do not count.
- On a scale: the highest grade is when every statement is supported, the lowest when the central one is not or is contradicted.`,
  },
  instructions: {
    needs: [],
    text: `Does the answer do what the conversation asked for?
- List the instructions of the system message and of the last user message: task, format, length, language, what to include and what to leave out. Check each of them.
- Where a user message asks for something that the system message forbids, the system message counts.
- Whether the content is true does not count, unless correctness was asked for and the error is plain.
- On a scale: the highest grade is when all instructions are followed, the lowest when the main one is not.`,
  },
  tone: {
    needs: ["expected"],
    text: `Does the answer have the tone that the member \`expected\` describes?
- Judge wording, form of address, formality and attitude over the whole answer; one sentence that breaks the tone counts.
- Content and correctness do not count.
- On a scale: the highest grade is when the tone is right throughout, the lowest when it is the opposite.`,
  },
};
