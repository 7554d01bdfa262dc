import { check } from "./check.ts";
import { bareFailures, hiddenFailures, otherFailures, siliconflowFailures } from "./rows-failures.ts";

for (const group of [siliconflowFailures, otherFailures, bareFailures, hiddenFailures]) check(group);
