import { check } from "./check.ts";
import { streams } from "./rows-streams.ts";

for (const group of streams) check(group);
