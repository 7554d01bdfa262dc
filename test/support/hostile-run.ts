/** Answers that try to break out of whatever shows them, by what they try. */
export const hostileAnswers: Readonly<Record<string, string>> = {
  script: "<script>alert(1)</script><img src=x onerror=alert(2)>",
  end: "</script></textarea></title><svg onload=alert(3)> --> ]]>",
  braces: "{{constructor.constructor('alert(4)')()}} ${alert(5)} {% raw %}",
  ansi: "\u001b[31mred\u001b[0m \u001b]8;;http://example.org\u0007link\u0007",
  bidi: "\u202egnp.exe \u2066 \u200f end",
  formula: '=cmd|" /C calc"!A0',
  surrogate: "lone \ud800 and \udfff",
  command: "::error::no\n::set-output name=x::y",
  large: "x".repeat(5_000_000),
};

const names = Object.keys(hostileAnswers);

/** Files of a run, `m.yaml`, whose names, rows and answers are hostile. One of two trials never passes. */
export const hostileRun: Readonly<Record<string, string>> = {
  "rows.jsonl": names
    .map(
      (name) =>
        `${JSON.stringify({ id: `${name}<b>`, question: `${name}?`, note: hostileAnswers[name]?.slice(0, 99) })}\n`,
    )
    .join(""),
  "answers.jsonl": names
    .map(
      (name) => `${JSON.stringify({ model: "m<i>", prompt: `${name}?`, content: hostileAnswers[name] })}\n`,
    )
    .join(""),
  "m.yaml": `
name: "<script>alert(6)</script>"
provider: recorded
providers: { recorded: { preset: simulator, replay: answers.jsonl } }
dataset: rows.jsonl
prompts: [{ id: "</script><b>", user: "{{ question }}" }]
grid: { model: "m<i>" }
scorers: [{ id: "<u>", type: contains, expected: "{{ note }}", required: false }, { id: "=1+1", type: length, max: 100 }]
`,
};
