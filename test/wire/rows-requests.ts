import { body, csv, jsonCells, requestRow } from "./request-row.ts";
import type { WireGroup, WireRow } from "./row.ts";

const format = { type: "json_schema", json_schema: { name: "t", schema: { type: "object" }, strict: true } };
const tools = [
  { type: "function", function: { name: "f", description: "d", parameters: { type: "object" } } },
];
const reference = "SiliconFlow §2";
const later = "dialects §1";

/** Name, two values of it, where it is documented. */
const parameters: readonly (readonly [name: string, one: unknown, other: unknown, from: string])[] = [
  ["max_tokens", 64, 512, reference],
  ["enable_thinking", true, false, reference],
  ["thinking_budget", 128, 4096, reference],
  ["min_p", 0, 0.05, reference],
  ["stop", ["\n\n", "END"], ["x"], reference],
  ["temperature", 0, 0.7, reference],
  ["top_p", 0.7, 1, reference],
  ["top_k", 50, -1, reference],
  ["frequency_penalty", -0.5, 0, reference],
  ["n", 1, 2, reference],
  ["response_format", { type: "json_object" }, format, reference],
  ["tools", tools, [], reference],
  ["tool_choice", "auto", { type: "function", function: { name: "f" } }, reference],
  ["reasoning_effort", "high", "max", reference],
  ["seed", 0, 7, later],
  ["max_completion_tokens", 64, 512, later],
  ["logprobs", true, false, reference],
  ["top_logprobs", 2, 3, reference],
  ["presence_penalty", 0.5, 0, reference],
  ["logit_bias", { "50256": -100 }, {}, reference],
  ["thinking", { type: "disabled" }, { type: "enabled" }, later],
  ["chat_template_kwargs", { enable_thinking: false }, { enable_thinking: true }, later],
  ["wholly_unknown", { any: [1, "2", null] }, false, later],
];

const parameterRows = parameters.flatMap(([name, one, other, from]): readonly WireRow[] => [
  requestRow(`\`${name}\`, fixed`, from, { parameters: { model: "m", [name]: one } }, [
    body({ [name]: one }),
  ]),
  requestRow(`\`${name}\`, an axis`, from, { grid: { [name]: [one, other, null] } }, [
    body({ [name]: one }),
    body({ [name]: other }),
    body(),
  ]),
]);

/** Parameters. */
export const requests: WireGroup = {
  title: "Parameters",
  text: 'A matrix with one prompt `hi` and the model `m` is run as `promptgrid run` does; the body that the server received is compared whole. Shown is what differs from `{"model":"m","messages":[{"role":"user","content":"hi"}],"stream":true}`.',
  heads: ["in the matrix", "is sent"],
  rows: [
    requestRow("nothing but model and messages", reference, {}, [body()]),
    requestRow("`model`, an axis", reference, { parameters: {}, grid: { model: ["m", "Pro/org/M-2"] } }, [
      body(),
      body({ model: "Pro/org/M-2" }),
    ]),
    requestRow("`stream`, fixed", reference, { parameters: { model: "m", stream: false } }, [
      body({ stream: false }),
    ]),
    requestRow("`stream`, an axis", reference, { grid: { stream: [true, false] } }, [
      body(),
      body({ stream: false }),
    ]),
    ...parameterRows,
    requestRow("`stop`, one text", reference, { parameters: { model: "m", stop: "x" } }, [
      body({ stop: "x" }),
    ]),
    requestRow(
      "`null` leaves a parameter out",
      later,
      { parameters: { model: "m", temperature: null, stop: null } },
      [body()],
    ),
    requestRow(
      "an axis goes before the fixed value",
      reference,
      { parameters: { model: "m", top_p: 1 }, grid: { top_p: [0.5] } },
      [body({ top_p: 0.5 })],
    ),
    requestRow(
      "a value from the row keeps its type",
      reference,
      { parameters: { model: "m", max_tokens: "{{ value }}" }, dataset: jsonCells },
      [body({ max_tokens: 5 }), body({ max_tokens: 6 })],
      csv("value", "5", "6"),
    ),
    requestRow(
      "`tools` from the row",
      reference,
      { parameters: { model: "m", tools: "{{ value }}" }, dataset: jsonCells },
      [body({ tools })],
      csv("value", JSON.stringify(tools)),
    ),
    requestRow(
      "`seed` from the trial",
      "issue 5",
      { parameters: { model: "m", seed: "{{ trial }}" }, trials: 2 },
      [body({ seed: 0 }), body({ seed: 1 })],
    ),
    requestRow(
      "`response_format` and `tools` from JSON files",
      "issue 5",
      { parameters: { model: "m", response_format: "file://f.json", tools: "file://t.json" } },
      [body({ response_format: format, tools })],
      { "f.json": JSON.stringify(format), "t.json": JSON.stringify(tools) },
    ),
    requestRow(
      "`response_format` from a JSON file, an axis",
      "issue 5",
      { grid: { response_format: ["file://f.json", null] } },
      [body({ response_format: format }), body()],
      { "f.json": JSON.stringify(format) },
    ),
  ],
};
