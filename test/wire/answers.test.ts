import { check } from "./check.ts";
import { answers, choices, envelope, finishReasons, usage } from "./rows-answers.ts";

for (const group of [answers, finishReasons, choices, envelope, usage]) check(group);
