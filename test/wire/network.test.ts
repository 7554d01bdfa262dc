import { check } from "./check.ts";
import { network, timeLimits } from "./rows-network.ts";

for (const group of [network, timeLimits]) check(group);
