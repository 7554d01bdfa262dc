import { check } from "./check.ts";
import { dialects, prompts } from "./rows-messages.ts";
import { requests } from "./rows-requests.ts";

for (const group of [requests, prompts, dialects]) check(group);
