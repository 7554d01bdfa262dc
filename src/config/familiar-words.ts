/** Words of other tools at the top level, and where they live here. */
const topLevel: Readonly<Record<string, string>> = {
  repeat: "`trials`",
  epochs: "`trials`",
  repeats: "`trials`",
  runs: "`trials`",
  assert: "`scorers`",
  asserts: "`scorers`",
  assertions: "`scorers`",
  metrics: "`scorers`",
  evaluators: "`scorers`",
  tests: "`dataset`",
  vars: "`dataset`",
  data: "`dataset`",
  rows: "`dataset`",
  matrix: "`grid`",
  sweep: "`grid`",
  params: "`parameters`",
  config: "`parameters`",
  concurrency: "`limits: { concurrency: … }`",
  max_concurrency: "`limits: { concurrency: … }`",
  rpm: "`limits: { rpm: … }`",
  tpm: "`limits: { tpm: … }`",
  timeout: "`timeouts: { total: … }`",
  retries: "`retry: { attempts: … }`",
  endpoints: "`providers`",
  seed: "`dataset: { shuffle_seed: … }` or, as a parameter, `parameters: { seed: … }`",
  model: "`grid: { model: … }` or `parameters: { model: … }`",
  temperature: "`grid: { temperature: … }` or `parameters: { temperature: … }`",
  max_tokens: "`parameters: { max_tokens: … }`",
  gate: "`gates`",
  thresholds: "`gates`",
  fail_under: "`gates: [ { metric: pass_rate, min: 0.9 } ]`",
  max_drop: "`gates: [ { metric: pass_rate, max_drop: 5% } ]`",
};

/** The same inside a section: the first key of a path, then the word. */
const inSections: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  providers: {
    api_key: "`api_key_env`, the name of an environment variable that holds the key",
    key: "`api_key_env`, the name of an environment variable that holds the key",
    url: "`base_url`",
    type: "`preset`",
    model: "`model`, an axis of `grid`",
  },
  prompts: {
    content: "`user`",
    prompt: "`user`",
    text: "`user`",
    template: "`user`",
    path: "`file`",
    name: "`id`",
    label: "`id`",
    role: "`messages: [ { role: … } ]`",
  },
  dataset: {
    file: "`path`",
    id: "`id_column`",
    cluster: "`cluster_column`",
    seed: "`shuffle_seed`",
    shuffle: "`shuffle_seed`",
    rows: "`limit`",
    skip: "`offset`",
  },
  grid_sample: { count: "`n`", size: "`n`" },
  limits: { requests: "`rpm`", tokens: "`tpm`", max_concurrency: "`concurrency`" },
  gates: {
    name: "`id`",
    threshold: "`min` or `max`",
    drop: "`max_drop`",
    increase: "`max_increase`",
    baseline: "`against`, for a variant of this run; `baseline: PATH` stands at the top level",
    column: "`by`",
    slice: "`by`",
    group_by: "`by`",
    variant: "`variants`",
    scorer: "`metric: scores.ID`",
  },
  confirm: { n: "`trials`", times: "`trials`", repeat: "`trials`" },
  retry: { max: "`attempts`", max_attempts: "`attempts`", retries: "`attempts`", count: "`attempts`" },
};

/** What to do about a key that another tool has, in a section (`null` at the top level); null for other words. */
export function familiarHint(key: string, section: string | null): string | null {
  const words = section === null ? topLevel : (inSections[section] ?? {});
  const here = Object.hasOwn(words, key) ? words[key] : undefined;
  return here === undefined ? null : `here it is ${here}`;
}
