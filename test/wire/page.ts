import { asCode, type WireGroup, type WireRow } from "./row.ts";
import { answers, choices, envelope, finishReasons, usage } from "./rows-answers.ts";
import { bareFailures, hiddenFailures, otherFailures, siliconflowFailures } from "./rows-failures.ts";
import { dialects, prompts } from "./rows-messages.ts";
import { network, timeLimits } from "./rows-network.ts";
import { requests } from "./rows-requests.ts";
import { retries } from "./rows-retries.ts";
import { streams } from "./rows-streams.ts";

/** All groups, in the order of the page, each with the test file that checks it. */
export const chapters: readonly (readonly [title: string, test: string, groups: readonly WireGroup[]])[] = [
  ["Requests", "requests", [requests, prompts, dialects]],
  ["Answers", "answers", [answers, finishReasons, choices, envelope, usage]],
  ["Streams", "streams", streams],
  ["Failures", "failures", [siliconflowFailures, otherFailures, bareFailures, hiddenFailures]],
  ["Connections and time", "network", [network, timeLimits]],
  ["Retries", "retries", retries],
];

const count = chapters.flatMap(([, , groups]) => groups.flatMap(({ rows }) => rows)).length;

const introduction = `# What promptgrid sends and understands

Every row of this page is a test through a real socket: the page is written from the rows, and \`npm test\` fails when the two
differ. ${count} rows. A value that is long is cut here with \`…\`, never in the test.

- **Requests**: the matrix is run as \`promptgrid run\` does, and the body that the server received is compared whole.
- **Everything else**: a server writes the bytes, and what the client makes of them is compared whole, times aside.
  What a row does not show is null or empty, and a finish reason that is not shown is \`stop\`.
- A failure has a kind. *Asked again* means that the same request may succeed later; *for good* that it will not. *Maybe billed*
  means that the server may have done the work. \`auth\` and \`quota\` stop all requests to that model at once.
- \`{url}\` and \`{base}\` stand for the address asked, with and without \`/chat/completions\`; \`{any}\` for the words of a library.

Where a row comes from: *SiliconFlow §n* is what its API documents or was seen to send, *dialects §n* the same of other
OpenAI-compatible servers (§1 requests, §2 answers, §3 errors, §4 limit headers, §5 streams by rule, §6 network, §8 by vendor).
`;

/** The page `docs/wire.md`. */
export function page(): string {
  const parts = chapters.flatMap(([title, test, groups]) => [
    `## ${title}\n\nChecked by ${asCode(`test/wire/${test}.test.ts`)}.\n`,
    ...groups.map(table),
  ]);
  return [introduction, ...parts].join("\n");
}

function table({ title, text, heads, rows }: WireGroup): string {
  const lines = rows.map(line);
  return `### ${title}\n\n${text}\n\n| | ${heads[0]} | ${heads[1]} | from |\n|---|---|---|---|\n${lines.join("\n")}\n`;
}

function line({ name, wire, becomes, from, todo }: WireRow): string {
  const not = todo === undefined ? "" : `**Not yet** (${todo}): `;
  return `| ${name.replaceAll("|", "\\|").replaceAll("<", "&lt;")} | ${wire} | ${not}${becomes} | ${from} |`;
}
