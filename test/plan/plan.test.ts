import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadMatrix } from "../../src/config/load.ts";
import { noOverrides, type Overrides } from "../../src/config/overrides.ts";
import { noDataset } from "../../src/dataset/dataset.ts";
import { loadDataset } from "../../src/dataset/load.ts";
import type { Diagnostic } from "../../src/diagnostics/diagnostic.ts";
import { buildPlan } from "../../src/plan/build-plan.ts";
import { contentId } from "../../src/plan/canonical-json.ts";
import { checkPlan } from "../../src/plan/check-plan.ts";
import { bodyId, type Plan } from "../../src/plan/plan.ts";
import type { ProviderRules } from "../../src/plan/provider-rules.ts";
import { requestBody } from "../../src/plan/request-body.ts";
import { rulesOf } from "../../src/run/provider-spec.ts";
import { DiskFiles } from "../../src/system/input-files.ts";
import { tempFolder } from "../support/temp-folder.ts";

const rows = "id,question,answer\nr1,one,1\nr2,two,2\nr3,three,3\n";

function read(
  matrix: string,
  files: Record<string, string> = { "rows.csv": rows },
  overrides: Partial<Overrides> = {},
): { plan: Plan | null; diagnostics: readonly Diagnostic[] } {
  const folder = tempFolder({ "m.yaml": matrix, ...files });
  const disk = new DiskFiles(folder);
  const { config, diagnostics } = loadMatrix("m.yaml", disk, { ...noOverrides, ...overrides });
  if (config === null) return { plan: null, diagnostics };
  const loaded =
    config.dataset === null ? { dataset: noDataset, diagnostics: [] } : loadDataset(config.dataset, disk);
  if (loaded.dataset === null) return { plan: null, diagnostics: loaded.diagnostics };
  const built = buildPlan(config, config.inlineRows ?? loaded.dataset.rows);
  const rules = (provider: string): ProviderRules => rulesOf(provider, config);
  const checks = built.plan === null ? [] : checkPlan(built.plan, config, loaded.dataset, rules);
  return { plan: built.plan, diagnostics: [...diagnostics, ...built.diagnostics, ...checks] };
}

function planOf(matrix: string, files?: Record<string, string>, overrides?: Partial<Overrides>): Plan {
  const { plan, diagnostics } = read(matrix, files, overrides);
  if (plan === null) throw new Error(JSON.stringify(diagnostics));
  return plan;
}

const matrix = `
prompts:
  - { id: a, user: "A {{ question }}" }
  - { id: b, system: s, user: "{{ question }}" }
dataset: rows.csv
grid: { model: [m1, m2], temperature: [0, 0.7] }
trials: 2
`;

describe("the plan", () => {
  it("lists variants in the order written and finds every request by its place", () => {
    const plan = planOf(matrix);
    expect(plan.length).toBe(2 * 2 * 2 * 3 * 2);
    expect(plan.variants.map((variant) => variant.label)).toEqual([
      "prompt=a,model=m1,temperature=0",
      "prompt=a,model=m1,temperature=0.7",
      "prompt=a,model=m2,temperature=0",
      "prompt=a,model=m2,temperature=0.7",
      "prompt=b,model=m1,temperature=0",
      "prompt=b,model=m1,temperature=0.7",
      "prompt=b,model=m2,temperature=0",
      "prompt=b,model=m2,temperature=0.7",
    ]);
    for (let i = 0; i < plan.length; i++) {
      const request = plan.request(i);
      expect(plan.locate(request.variant.id, request.row.id, request.trial)).toBe(i);
      expect(plan.indexOf(plan.coordinates(i))).toBe(i);
    }
  });

  it("has the ids that the design note states, over the canonical JSON of the whole", () => {
    const plan = planOf(`${matrix}parameters: { stop: [x, "{{ answer }}"] }\n`);
    const compared = planOf("prompts: [{ user: hi }]\ngrid: { model: m, stream: [true, false] }\n");
    for (const [one, streams] of [
      [plan, false],
      [compared, true],
    ] as const) {
      for (let i = 0; i < one.length; i++) {
        const { requestId, messages, parameters, variant, row, trial, stream } = one.request(i);
        const { promptId, provider } = variant;
        const all = streams ? { ...parameters, stream } : parameters;
        const body = { provider, messages, parameters, trial };
        expect(bodyId(one.request(i))).toBe(contentId(body, 32));
        expect(requestId).toBe(
          contentId({ ...body, parameters: all, prompt_id: promptId, row_id: row.id }, 32),
        );
      }
    }
  });

  it("renders each trial by itself only where messages ask for it", () => {
    const plan = planOf(
      `prompts: [{ id: a, user: "{{ question }} {{ trial }}" }, { id: b, user: "{{ question }}" }]
dataset: rows.csv
grid: { model: m }
trials: 3
`,
    );
    const texts = Array.from({ length: plan.length }, (_, i) => plan.request(i).messages[0]?.content);
    expect(texts.slice(0, 4)).toEqual(["one 0", "one 1", "one 2", "two 0"]);
    expect(texts.slice(9)).toEqual(["one", "two", "three"].flatMap((text) => [text, text, text]));
    expect(plan.request(9).messages).toBe(plan.request(10).messages);
    expect(plan.request(0).messages[0]?.content).toBe("one 0");
  });

  it("gives every request an id of its own", () => {
    const plan = planOf(matrix);
    const ids = Array.from({ length: plan.length }, (_, i) => plan.request(i).requestId);
    expect(new Set(ids).size).toBe(plan.length);
    expect(ids.every((id) => /^[0-9a-f]{32}$/.test(id))).toBe(true);
  });

  it("keeps all other ids when an axis value, a row or a trial is added", () => {
    const ids = (plan: Plan): Set<string> =>
      new Set(Array.from({ length: plan.length }, (_, i) => plan.request(i).requestId));
    const before = ids(planOf(matrix));
    const grown = [
      planOf(matrix.replace("[0, 0.7]", "[0, 0.3, 0.7]")),
      planOf(matrix, { "rows.csv": `id,question,answer\nr0,zero,0\n${rows.slice(rows.indexOf("\n") + 1)}` }),
      planOf(matrix.replace("trials: 2", "trials: 3")),
    ];
    for (const plan of grown) {
      const after = ids(plan);
      expect([...before].filter((id) => !after.has(id))).toEqual([]);
    }
  });

  it("keeps the variant's id and changes the requests' when a prompt's text changes", () => {
    const before = planOf(matrix);
    const after = planOf(matrix.replace("A {{", "B {{"));
    expect(after.variants.map((variant) => variant.id)).toEqual(before.variants.map((variant) => variant.id));
    expect(after.request(0).requestId).not.toBe(before.request(0).requestId);
    expect(after.request(after.length - 1).requestId).toBe(before.request(before.length - 1).requestId);
  });

  it("does not let `stream:` change an id, but a `stream` axis is a comparison", () => {
    expect(planOf(`${matrix}stream: false\n`).request(0).requestId).toBe(planOf(matrix).request(0).requestId);
    const both = planOf("prompts: [{ user: hi }]\ngrid: { model: m, stream: [true, false] }\n", {});
    expect(new Set([both.request(0).requestId, both.request(1).requestId]).size).toBe(2);
    expect([both.request(0).stream, both.request(1).stream]).toEqual([true, false]);
  });

  it("knows what two prompts would buy twice by the body alone", () => {
    const plan = planOf(
      'prompts: [{ id: x, user: "{{ question }}" }, { id: y, user: "{{ question }}" }]\ndataset: rows.csv\nparameters: { model: m }\n',
    );
    expect(plan.request(0).requestId).not.toBe(plan.request(3).requestId);
    expect(bodyId(plan.request(0))).toBe(bodyId(plan.request(3)));
  });

  it("sends nothing that is not written, and leaves nulls out", () => {
    const plan = planOf(
      "prompts: [{ user: hi }]\ngrid: { model: m, enable_thinking: [true, null] }\nparameters: { max_tokens: 5 }\n",
      {},
    );
    const bodies = [0, 1].map((i) =>
      requestBody(plan.request(i), { models: { m: "real" }, streamUsageOption: i === 1 }),
    );
    const messages = [{ role: "user", content: "hi" }];
    expect(bodies).toEqual([
      { model: "real", messages, stream: true, max_tokens: 5, enable_thinking: true },
      { model: "real", messages, stream: true, stream_options: { include_usage: true }, max_tokens: 5 },
    ]);
  });

  it("lets a point set provider, prompt and trials", () => {
    const plan = planOf(
      `
prompts: [{ id: a, user: a }, { id: b, user: b }]
parameters: { model: m }
provider: simulator
grid:
  - { prompt: a, temperature: [0, 1], trials: 2 }
  - { prompt: b, provider: other }
`,
      {},
    );
    expect(
      plan.variants.map((variant) => [
        variant.promptId,
        variant.provider,
        variant.trials,
        variant.parameters,
      ]),
    ).toEqual([
      ["a", "simulator", 2, { model: "m", temperature: 0 }],
      ["a", "simulator", 2, { model: "m", temperature: 1 }],
      ["b", "other", 1, { model: "m" }],
    ]);
  });

  it("draws points with a seed and keeps their order", () => {
    const sampled = planOf(`${matrix}grid_sample: { n: 2, seed: 7 }\n`);
    expect(sampled.variants).toHaveLength(4);
    expect(planOf(`${matrix}grid_sample: { n: 2, seed: 7 }\n`).variants).toMatchObject(
      sampled.variants.map(({ id }) => ({ id })),
    );
  });
});

describe("a CSV matrix", () => {
  const run = (csv: string, overrides: Partial<Overrides> = {}): Plan =>
    planOf("prompts: p.csv\n", { "p.csv": csv }, overrides);

  it("makes each line a row of one prompt where there is no dataset", () => {
    const plan = run("id,user,expected,var.x\nq1,one {{ x }},1,X\nq2,two,2,\n", {
      grid: [{ name: "model", values: ["a", "b"] }],
    });
    expect(plan.variants.map((variant) => variant.label)).toEqual(["model=a", "model=b"]);
    expect([0, 1].map((i) => plan.request(i).messages)).toEqual([
      [{ role: "user", content: "one X" }],
      [{ role: "user", content: "two" }],
    ]);
  });

  it("lets a line name its provider and trials", () => {
    const plan = run("id,user,param.model,param.provider,param.trials\nq1,one,m,other,3\n");
    expect(plan.variants.map((variant) => [variant.provider, variant.trials, variant.parameters])).toEqual([
      ["other", 3, { model: "m" }],
    ]);
  });

  it("leaves lines aside that a limit cuts off, and lets the grid override what lines state", () => {
    const plan = run("id,user,param.model\nq1,one,a|b\nq2,two,a\nq3,three,a\n", {
      limit: 2,
      grid: [{ name: "model", values: ["z"] }],
    });
    expect([plan.length, plan.variants.map((variant) => variant.parameters)]).toEqual([2, [{ model: "z" }]]);
  });

  it("makes lines of equal parameters one variant, and several values an axis", () => {
    const plan = run("id,user,param.model,param.temperature\nq1,one,m,0|1\nq2,two,m,0\n");
    expect(plan.variants.map((variant) => [variant.parameters, variant.requests])).toEqual([
      [{ model: "m", temperature: 0 }, 2],
      [{ model: "m", temperature: 1 }, 1],
    ]);
    expect(plan.length).toBe(3);
    expect(plan.locate(plan.variants[1]?.id ?? "", "q2", 0)).toBe(-1);
  });
});

describe("problems of a plan", () => {
  it.each([
    [
      "equal points",
      "prompts: [{ user: hi }]\ngrid: [{ model: [m] }, { model: [m], x: null }]\n",
      "plan/equal-points",
    ],
    [
      "a point that names no prompt",
      "prompts: [{ id: a, user: hi }]\ngrid: { model: m, prompt: [b] }\n",
      "plan/unknown-prompt",
    ],
    ["no model", "prompts: [{ user: hi }]\n", "plan/no-model"],
    [
      "a placeholder that no column fills",
      'prompts: [{ user: "{{ quesion }}" }]\ndataset: rows.csv\nparameters: { model: m }\n',
      "template/undefined-variable",
    ],
    [
      "a placeholder in a parameter that no column fills",
      'prompts: [{ user: hi }]\ndataset: rows.csv\nparameters: { model: m, seed: "{{ sed }}" }\n',
      "template/undefined-variable",
    ],
    [
      "a template that does not parse",
      'prompts: [{ user: "{{ x " }]\nparameters: { model: m }\n',
      "template/syntax",
    ],
    [
      "a placeholder that only a later trial misses",
      'prompts: [{ user: "{% if trial == 1 %}{{ nope }}{% endif %}" }]\nparameters: { model: m }\ntrials: 2\n',
      "template/undefined-variable",
    ],
    [
      "words that shape the plan among the parameters",
      "prompts: [{ user: hi }]\nparameters: { model: m, trials: 3 }\n",
      "plan/misplaced-parameter",
    ],
    ["bad trials of a point", "prompts: [{ user: hi }]\ngrid: { model: m, trials: 0 }\n", "plan/bad-trials"],
  ])("are errors: %s", (_, text, code) => {
    const { diagnostics } = read(text);
    expect(
      diagnostics
        .filter((diagnostic) => diagnostic.severity === "error")
        .map((diagnostic) => diagnostic.code),
    ).toEqual([code]);
  });

  it.each([
    [
      "a mistyped parameter",
      "prompts: [{ user: hi }]\nparameters: { model: m, temprature: 1 }\n",
      "plan/unknown-parameter",
    ],
    [
      "a literal placeholder",
      "prompts: [{ user: 'x {{1}}' }]\nparameters: { model: m }\n",
      "template/literal",
    ],
    [
      "a parameter under an axis",
      "prompts: [{ user: hi }]\nparameters: { model: m }\ngrid: { model: n }\n",
      "plan/overridden-parameter",
    ],
    [
      "more samples than points",
      "prompts: [{ user: hi }]\ngrid: { model: n }\ngrid_sample: { n: 9 }\n",
      "grid/sample-all",
    ],
  ])("are only said: %s", (_, text, code) => {
    const { plan, diagnostics } = read(text);
    expect(plan).not.toBeNull();
    expect(diagnostics.map((diagnostic) => diagnostic.code)).toEqual([code]);
  });

  it("names file, line and row of a row that misses a variable, and counts the rest", () => {
    const jsonl = '{"id":1,"q":"a"}\n{"id":2}\n{"id":3}\n';
    const { diagnostics } = read(
      'prompts: [{ id: p, user: "{{ q }}" }]\ndataset: rows.jsonl\nparameters: { model: m }\n',
      { "rows.jsonl": jsonl },
    );
    expect(diagnostics.map((diagnostic) => diagnostic.message)).toEqual([
      "prompt `p`: nothing fills the placeholder `q` in rows.jsonl:2, row `2` (and 1 more row)",
    ]);
  });
});

describe("images", () => {
  const png = Buffer.from("89504e470d0a1a0a", "hex").toString("latin1");
  const url = `data:image/png;base64,${Buffer.from(png, "latin1").toString("base64")}`;
  const withImages = `
prompts:
  - id: seen
    messages:
      - role: user
        content:
          - { type: text, text: "{{ question }}" }
          - { type: image_url, image_url: { url: "{{ photo }}", detail: low } }
          - { type: image_url, image_url: { url: file://scale.png } }
          - { type: image_url, image_url: { url: "https://example.org/a.png" } }
dataset: { path: rows.csv, file_columns: [photo] }
parameters: { model: m }
`;

  it("come from the row, from a file beside the matrix, and by URL", () => {
    const folder = tempFolder({ "m.yaml": withImages, "rows.csv": "id,question,photo\na,What?,one.png\n" });
    for (const name of ["one.png", "scale.png"]) writeFileSync(join(folder, name), png, "latin1");
    const disk = new DiskFiles(folder);
    const { config } = loadMatrix("m.yaml", disk, noOverrides);
    if (config?.dataset == null) throw new Error("the matrix is right");
    const { dataset } = loadDataset(config.dataset, disk);
    const { plan } = buildPlan(config, dataset?.rows ?? []);
    expect(plan?.request(0).messages).toEqual([
      {
        role: "user",
        content: [
          { type: "text", text: "What?" },
          { type: "image_url", image_url: { url, detail: "low" } },
          { type: "image_url", image_url: { url } },
          { type: "image_url", image_url: { url: "https://example.org/a.png" } },
        ],
      },
    ]);
  });
});

describe("a seed", () => {
  it("that is the trial is a number, and another one in each", () => {
    const plan = planOf(
      `prompts: [{ user: hi }]\ntrials: 3\nparameters: { model: m, seed: "{{ trial }}", top_k: null }`,
    );
    expect([0, 1, 2].map((i) => plan.request(i).parameters)).toEqual(
      [0, 1, 2].map((seed) => ({ model: "m", seed })),
    );
  });
});
