import { check } from "./check.ts";
import { retries } from "./rows-retries.ts";

for (const group of retries) check(group);
