import type { Draw } from "./draw.ts";

// No digit, no bracketed or single letter stands in these texts, so that nothing in them can be taken for an answer.
const steps = [
  "Let us go through the question part by part.",
  "To begin with, note what is given and what is asked for.",
  "Next, combine the given quantities in the order in which they appear.",
  "Then check that the units agree and that nothing was counted more than needed.",
  "What was left aside so far does not change the result.",
  "Putting the parts together gives the result.",
];
const hanSteps = [
  "我们按顺序来分析这道题。",
  "首先看清已知条件和要求的内容。",
  "接着按照出现的顺序把各个条件结合起来。",
  "然后检查单位是否相同，有没有重复计算。",
  "其余的条件不影响结果。",
  "把各部分合并，就得到结果。",
];
const thoughts = [
  "Let me read the question carefully.",
  "The user wants to know what follows from the given facts.",
  "It helps to write down what is known.",
  "Wait, let me check that again before going on.",
  "That reading fits the wording better.",
  "Another way to see it leads to the same place.",
  "There is nothing left that would contradict it.",
  "So the answer should be clear now.",
];
const hanThoughts = [
  "让我仔细读题。",
  "用户想知道由已知条件能得出什么。",
  "先把已知的内容写下来。",
  "等等，再检查之后继续。",
  "这样理解更符合题意。",
  "换个角度也得到相同的结果。",
  "没有与之矛盾的地方。",
  "现在答案应该清楚了。",
];

/** How an answer is to be worded. */
export interface Manner {
  readonly chinese: boolean;
  readonly stepByStep: boolean;
}

/** Whether a prompt is to be answered in Chinese: it holds Han characters. */
export function isChinese(prompt: string): boolean {
  return /\p{Script=Han}/u.test(prompt);
}

function working(manner: Manner, draw: Draw): string {
  const all = manner.chinese ? hanSteps : steps;
  const start = draw.below(3);
  const said = manner.stepByStep
    ? all.filter((_, index) => index !== start + 1)
    : all.slice(start + 2, start + 3);
  return said.join(manner.chinese ? "" : manner.stepByStep ? "\n" : " ");
}

/** A worked text whose last characters are the number, as it was written. */
export function phraseNumber(number: string, manner: Manner, draw: Draw): string {
  const work = working(manner, draw);
  return manner.chinese
    ? `${work}答案是 ${number}`
    : `${work}${manner.stepByStep ? "\n" : " "}The answer is ${number}`;
}

/** A sentence that chooses: `The answer is (B).`; a choice that is no letter stands without brackets. */
export function phraseChoice(choice: string, manner: Manner, draw: Draw): string {
  const shown = /^[A-Za-z]$/.test(choice) ? `(${choice})` : choice;
  const sentence = manner.chinese ? `答案是 ${shown}。` : `The answer is ${shown}.`;
  return manner.stepByStep ? working(manner, draw) + (manner.chinese ? "" : "\n") + sentence : sentence;
}

/** A sentence that holds the text. */
export function phraseContaining(text: string, manner: Manner, draw: Draw): string {
  const sentence = manner.chinese ? `答案是${text}。` : `The answer is ${text}.`;
  return manner.stepByStep ? working(manner, draw) + (manner.chinese ? "" : "\n") + sentence : sentence;
}

/** What is said when no right answer is known: a few words of the prompt, and that this is simulated. */
export function phraseFiller(prompt: string, manner: Manner, draw: Draw): string {
  const flat = prompt.replace(/\s+/gu, " ").trim();
  const topic = manner.chinese
    ? [...flat].slice(0, 16).join("")
    : [...flat.split(" ").slice(0, 8).join(" ")].slice(0, 80).join("");
  const more = working(manner, draw);
  return manner.chinese
    ? `您问的是“${topic}”。${more}这是模拟的回答。`
    : `You asked about “${topic}”. ${more}${manner.stepByStep ? "\n" : " "}This answer is simulated.`;
}

/** Reasoning text; harder prompts get more of it. */
export function phraseReasoning(manner: Manner, difficulty: number, draw: Draw): string {
  const all = manner.chinese ? hanThoughts : thoughts;
  const count = 3 + Math.round(difficulty * 9) + draw.below(4);
  const start = draw.below(all.length);
  const said = Array.from({ length: count }, (_, index) => all[(start + index) % all.length]);
  return said.join(manner.chinese ? "" : " ");
}
