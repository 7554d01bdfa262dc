// How much of a limit a lane uses and how often it is refused, in virtual time: `npm run bench:limits` (seeded, about two
// minutes; `--write` puts the tables into docs/rate-limits.md, `--only rpm` runs one group). The scheduler is the real one, the
// limits are those of the local endpoint; requests, answers and the network are drawn.
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { withTextHints } from "../dist/provider/limit-hints.js";
import { Scheduler } from "../dist/schedule/scheduler.js";
import { RateLimiter } from "../dist/simulator/limits.js";
import { seededRandom } from "../dist/system/seeded-random.js";
import { VirtualClock } from "./virtual-time.mjs";

const { values } = parseArgs({
  options: {
    write: { type: "boolean", default: false },
    only: { type: "string" },
    seed: { type: "string", default: "1" },
    history: { type: "boolean", default: false },
  },
});
const minute = 60_000;
const kinds = ["fixed", "sliding", "sliding-counter", "bucket", "bucket-second"];
const names = {
  fixed: "fixed window",
  sliding: "sliding log",
  "sliding-counter": "sliding counter",
  bucket: "bucket of a minute",
  "bucket-second": "bucket of a second",
};

const tables = [];
const failures = [];

/** A normal deviate (Box and Muller). */
function normal(random) {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Requests as users have them: prompts and answers lognormal, `max_tokens` far above them. */
function workload(random, { median = 260, sigma = 0.8, maxTokens = 2_048 } = {}) {
  const prompt = Math.round(350 * Math.exp(0.4 * normal(random)));
  const drawn = Math.round(median * Math.exp(sigma * normal(random)));
  const completion = Math.min(maxTokens, Math.max(1, drawn));
  return { prompt, completion, rough: prompt * (0.8 + 0.2 * random()), maxTokens };
}

function answer(work, latencyMs) {
  return {
    status: "ok",
    httpStatus: 200,
    traceId: null,
    hints: null,
    times: { latencyMs, ttftMs: null },
    answer: {
      completions: [],
      responseId: null,
      responseModel: null,
      usage: {
        promptTokens: work.prompt,
        completionTokens: work.completion,
        totalTokens: work.prompt + work.completion,
        reasoningTokens: null,
        cachedTokens: null,
        estimated: false,
      },
    },
  };
}

function refusal(message, latencyMs, kind = "rate_limited") {
  const failure = { kind, message, code: null, retryable: true, maybeBilled: false };
  const hints = withTextHints(null, failure);
  return {
    status: "failed",
    httpStatus: 429,
    traceId: null,
    hints,
    times: { latencyMs, ttftMs: null },
    failure,
  };
}

const siliconflow = (name) => `Request was rejected due to rate limiting. Details: ${name} limit reached.`;

/** Lanes against servers for some virtual minutes, with a backlog that does not end. */
async function run({ lanes, minutes, seed = Number(values.seed), concurrency = 1_024, lengths }) {
  const clock = new VirtualClock();
  const random = seededRandom(seed);
  const works = new Map();
  const stats = lanes.map(() => ({
    sent: 0,
    ok: 0,
    refused: 0,
    tokens: 0,
    charged: 0,
    lateSent: 0,
    lateRefused: 0,
    lateTokens: 0,
    lateOk: 0,
  }));
  const workOf = (index) => {
    let work = works.get(index);
    if (work === undefined) {
      work = workload(random, lengths);
      works.set(index, work);
    }
    return work;
  };
  const span = 10_000_000;
  const scheduler = new Scheduler({
    lanes: lanes.map(({ spec, count = span }, n) => {
      let next = 0;
      return {
        spec: {
          key: `p/m${n}`,
          provider: "p",
          model: `m${n}`,
          variants: [n],
          concurrency: 512,
          isAdaptive: true,
          limits: {},
          strict: false,
          ...spec,
        },
        work: { next: () => (next < count ? n * span + next++ : -1) },
      };
    }),
    concurrency,
    maxAttempts: 1_000,
    clock,
    random,
    demandOf: (index) => {
      const work = workOf(index);
      return { group: 0, promptTokens: work.rough, mostCompletion: work.maxTokens };
    },
    groupOf: () => 0,
    send: async (index) => {
      const lane = Math.floor(index / span);
      const work = workOf(index);
      const one = stats[lane];
      const began = clock.now();
      const late = began >= 5 * minute;
      one.sent++;
      if (late) one.lateSent++;
      await clock.sleep(20 + 130 * random());
      const outcome = await lanes[lane].server({ work, clock, random, one, began });
      await clock.sleep(10 + 40 * random());
      if (outcome.status === "ok") {
        works.delete(index);
        one.ok++;
        one.tokens += work.prompt + work.completion;
        if (late) {
          one.lateOk++;
          one.lateTokens += work.prompt + work.completion;
        }
      } else {
        one.refused++;
        if (late) one.lateRefused++;
      }
      const latencyMs = clock.now() - began;
      return { ...outcome, times: { latencyMs, ttftMs: null } };
    },
    onAttempt: () => undefined,
    onLaneChange: (lane, change) => {
      if (!values.history) return;
      const { event, reason, concurrency: window, limit } = change;
      const what = limit === undefined ? "" : ` ${limit.axis} ${Math.round(limit.value)}`;
      console.error(
        `${(clock.now() / 1_000).toFixed(1)} s ${lane.spec.key} ${event} ${window}${what} (${reason.slice(0, 60)})`,
      );
    },
  });
  if (minutes !== undefined) clock.after(minutes * minute, () => scheduler.stop());
  await clock.drive(scheduler.run());
  return { stats, minutes: clock.now() / minute, scheduler };
}

/** A server with limits: charges and refuses by the rules of the local endpoint. */
function limited(options, latency = (work) => 400 + 20 * work.completion) {
  const limiter = new RateLimiter(options);
  return async ({ work, clock, one, began }) => {
    const used = work.prompt + work.completion;
    const asked = (options.charge ?? "usage") === "usage" ? used : work.prompt + work.maxTokens;
    const admitted = limiter.admit("m", asked, clock.now());
    if (admitted.kind === "refused") {
      const outcome = refusal(siliconflow(admitted.name), 0);
      return options.headers === "openai"
        ? {
            ...outcome,
            hints: { ...outcome.hints, axes: axesOf(limiter, clock.now()), retryAfterMs: admitted.retryMs },
          }
        : outcome;
    }
    one.charged += asked;
    const axes = options.headers === "openai" ? axesOf(limiter, clock.now()) : null;
    await clock.sleep(latency(work));
    limiter.settle(admitted.charge, used, clock.now());
    if (options.charge === "reserve") one.charged += used - asked;
    const outcome = answer(work, clock.now() - began);
    return axes === null ? outcome : { ...outcome, hints: { retryAfterMs: null, axes, exceeded: null } };
  };
}

function axesOf(limiter, now) {
  const { requests, tokens } = limiter.states("m", now);
  return [
    ["rpm", requests],
    ["tpm", tokens],
  ].flatMap(([axis, state]) =>
    state === null
      ? []
      : [
          {
            axis,
            limit: state.limit,
            remaining: Math.max(0, Math.floor(state.remaining)),
            resetMs: state.resetMs,
          },
        ],
  );
}

/** A server that bears so many at once, and what it does above them. */
function capacity(most, above) {
  let busy = 0;
  const waiting = [];
  return async ({ work, clock, began }) => {
    if (above === "rejects" && busy >= most) return refusal("Too many concurrent requests", 0);
    const alone = 400 + 20 * work.completion;
    if (above === "queues" && busy >= most) await new Promise((resolve) => waiting.push(resolve));
    busy++;
    // Slows: all that are there share the work of so many; it is redrawn every 100 ms.
    if (above === "slows" || above === "degrades") {
      for (let left = alone; left > 0; ) {
        const crowd = Math.max(1, busy / most);
        const speed = 1 / (above === "slows" ? crowd : crowd * Math.sqrt(crowd));
        const step = Math.min(100, left / speed);
        await clock.sleep(step);
        left -= step * speed;
      }
    } else await clock.sleep(alone);
    busy--;
    waiting.shift()?.();
    return answer(work, clock.now() - began);
  };
}

const percent = (share) => `${(100 * share).toFixed(1)} %`;
const perThousand = (refused, sent) => ((1_000 * refused) / sent).toFixed(2);

function check(what, isGood) {
  if (!isGood) failures.push(what);
}

const groups = {
  async rpm() {
    const rows = [];
    for (const window of kinds) {
      const { stats, minutes } = await run({
        minutes: 20,
        lanes: [{ spec: { limits: { rpm: 600 } }, server: limited({ rpm: 600, window }, () => 1_000) }],
      });
      const use = stats[0].ok / (600 * minutes);
      rows.push([names[window], percent(use), perThousand(stats[0].refused, stats[0].sent)]);
      check(`rpm ${window}: use ${percent(use)}`, use >= 0.96);
      check(`rpm ${window}: ${stats[0].refused} refused`, stats[0].refused === 0);
    }
    return {
      title: "A stated limit of requests",
      text: "600 requests a minute, 20 minutes, answers of a second.",
      head: ["server", "used of the limit", "refused per 1 000"],
      rows,
    };
  },

  async tpm() {
    const rows = [];
    for (const window of kinds) {
      for (const strict of [false, true]) {
        const { stats, minutes } = await run({
          minutes: 30,
          lanes: [{ spec: { limits: { tpm: 200_000 }, strict }, server: limited({ tpm: 200_000, window }) }],
        });
        const use = stats[0].tokens / (200_000 * minutes);
        rows.push([
          names[window],
          strict ? "p95" : "mean",
          percent(use),
          perThousand(stats[0].refused, stats[0].sent),
        ]);
        if (strict) continue;
        // A second's worth of tokens is four or five requests, whose lengths nobody knows before.
        const isTiny = window === "bucket-second";
        check(`tpm ${window}: use ${percent(use)}`, use >= (isTiny ? 0.75 : 0.93));
        if (isTiny) continue;
        check(
          `tpm ${window}: ${stats[0].refused} of ${stats[0].sent}`,
          stats[0].refused / stats[0].sent <= 0.002,
        );
      }
    }
    return {
      title: "A stated limit of tokens",
      text: "200 000 tokens a minute, 30 minutes; prompts of 350 tokens, answers of 260 (medians, lognormal), 0.4 s and 20 ms a token; the server charges what is used.",
      head: ["server", "reserves", "used of the limit", "refused per 1 000"],
      rows,
    };
  },

  async long() {
    const rows = [];
    for (const window of ["fixed", "sliding"]) {
      for (const lengths of [
        { median: 400, sigma: 1.3, maxTokens: 16_384 },
        { median: 1_000, sigma: 1.2, maxTokens: 32_768 },
        { median: 3_000, sigma: 0.9, maxTokens: 32_768 },
      ]) {
        const { stats } = await run({
          minutes: 35,
          lengths,
          concurrency: 3_000,
          lanes: [
            {
              spec: { limits: { tpm: 1_000_000 }, concurrency: 3_000, isAdaptive: false },
              server: limited({ tpm: 1_000_000, window }),
            },
          ],
        });
        const one = stats[0];
        const use = one.lateTokens / (1_000_000 * 30);
        rows.push([
          names[window],
          `${lengths.median}, ${lengths.maxTokens} at most`,
          percent(use),
          perThousand(one.lateRefused, one.lateSent),
        ]);
        check(`long ${window} ${lengths.median}: use ${percent(use)}`, use >= 0.6);
      }
    }
    return {
      title: "A stated limit of tokens, and long answers",
      text: "1 000 000 tokens a minute, minutes 5 to 35; answers of heavy tails, many of which last for more than a minute.",
      head: ["server", "tokens of an answer (median)", "used of the limit", "refused per 1 000"],
      rows,
    };
  },

  async charge() {
    const rows = [];
    for (const charge of ["reserve", "max_tokens"]) {
      for (const window of ["fixed", "sliding", "bucket"]) {
        const { stats, minutes, scheduler } = await run({
          minutes: 30,
          lanes: [{ spec: { limits: { tpm: 200_000 } }, server: limited({ tpm: 200_000, window, charge }) }],
        });
        const one = stats[0];
        rows.push([
          names[window],
          charge === "reserve" ? "until the answer is there" : "for good",
          percent(one.charged / (200_000 * minutes)),
          perThousand(one.refused, one.sent),
          perThousand(one.lateRefused, one.lateSent),
        ]);
        check(
          `charge ${charge} ${window}: late ${one.lateRefused} of ${one.lateSent}`,
          one.lateRefused / one.lateSent <= 0.03,
        );
        void scheduler;
      }
    }
    return {
      title: "A server that charges max_tokens",
      text: "The same with max_tokens 2 048, which the server takes at arrival. The lane finds out by itself.",
      head: ["server", "charges max_tokens", "charged of the limit", "refused per 1 000", "after 5 minutes"],
      rows,
    };
  },

  async learned() {
    const rows = [];
    for (const [what, limits, headers] of [
      ["requests, by the text of refusals", { rpm: 600 }, "none"],
      ["requests, by headers", { rpm: 600 }, "openai"],
      ["tokens, by the text of refusals", { tpm: 200_000 }, "none"],
      ["tokens, by headers", { tpm: 200_000 }, "openai"],
    ]) {
      for (const window of kinds) {
        const { stats } = await run({
          minutes: 35,
          lanes: [{ spec: {}, server: limited({ ...limits, window, headers }) }],
        });
        const one = stats[0];
        const used = limits.rpm === undefined ? one.lateTokens / 200_000 : one.lateOk / 600;
        rows.push([what, names[window], percent(used / 30), perThousand(one.lateRefused, one.lateSent)]);
        check(`learned ${what} ${window}: use ${percent(used / 30)}`, used / 30 >= 0.72);
      }
    }
    return {
      title: "Nothing stated",
      text: "The same servers, of which the lane knows nothing; minutes 5 to 35.",
      head: ["limit", "server", "used of the limit", "refused per 1 000"],
      rows,
    };
  },

  async adaptive() {
    const rows = [];
    for (const above of ["rejects", "queues", "slows", "degrades"]) {
      let best = { rate: 0, concurrency: 0 };
      for (const concurrency of [8, 16, 24, 28, 32, 36, 48, 64, 128]) {
        const { stats, minutes } = await run({
          minutes: 20,
          lanes: [{ spec: { concurrency, isAdaptive: false }, server: capacity(32, above) }],
        });
        const rate = stats[0].ok / minutes;
        if (rate > best.rate * 1.005) best = { rate, concurrency };
      }
      const { stats, minutes, scheduler } = await run({
        minutes: 20,
        lanes: [{ spec: {}, server: capacity(32, above) }],
      });
      const rate = stats[0].ok / minutes;
      rows.push([
        `${above} above 32`,
        String(best.concurrency),
        best.rate.toFixed(0),
        rate.toFixed(0),
        percent(rate / best.rate),
        String(scheduler.lanes[0].concurrency),
        perThousand(stats[0].refused, stats[0].sent),
      ]);
      check(`adaptive ${above}: ${percent(rate / best.rate)}`, rate >= 0.9 * best.rate);
    }
    return {
      title: "How many at once",
      text: "A server that bears 32 at once, 20 minutes from the start; answers per minute at the best of nine fixed concurrencies, and as learned.",
      head: [
        "server",
        "best fixed",
        "answers",
        "learned",
        "of the best",
        "in flight at the end",
        "refused per 1 000",
      ],
      rows,
    };
  },

  async lanes() {
    const rows = [];
    const quick = () => capacity(32, "rejects");
    for (const [what, fixed] of [
      ["learned", null],
      ["64 in all", 64],
    ]) {
      const spec = fixed === null ? {} : { concurrency: fixed, isAdaptive: false };
      const concurrency = fixed ?? 1_024;
      const slow = { spec: { ...spec, left: 1_000_000 }, server: limited({ rpm: 6, window: "sliding" }) };
      const other = {
        spec: { ...spec, left: 1_000_000 },
        server: fixed === null ? quick() : capacity(1e9, "queues"),
      };
      const alone = await run({ minutes: 20, concurrency, lanes: [{ ...other }] });
      const server = fixed === null ? quick() : capacity(1e9, "queues");
      const both = await run({ minutes: 20, concurrency, lanes: [{ ...other, server }, slow] });
      const share = both.stats[0].ok / alone.stats[0].ok;
      rows.push([
        what,
        (alone.stats[0].ok / 20).toFixed(0),
        (both.stats[0].ok / 20).toFixed(0),
        percent(share),
        (both.stats[1].ok / 20).toFixed(1),
      ]);
      check(`lanes ${what}: ${percent(share)}`, share >= 0.95);
    }
    return {
      title: "Two lanes, one throttled a hundred times",
      text: "Six requests a minute are all that the second model's server allows, which nobody stated.",
      head: [
        "concurrency",
        "answers a minute alone",
        "beside the throttled one",
        "of its speed alone",
        "the throttled one",
      ],
      rows,
    };
  },
};

for (const [name, group] of Object.entries(groups)) {
  if (values.only !== undefined && !values.only.split(",").includes(name)) continue;
  const { title, text, head, rows } = await group();
  const line = (cells) => `| ${cells.join(" | ")} |`;
  const table = [
    `### ${title}`,
    "",
    text,
    "",
    line(head),
    line(head.map(() => "---")),
    ...rows.map(line),
  ].join("\n");
  console.log(`${table}\n`);
  tables.push(table);
}

if (values.write) {
  const path = new URL("../docs/rate-limits.md", import.meta.url);
  const page = readFileSync(path, "utf8");
  const mark = "<!-- npm run bench:limits -- --write -->";
  const [head = ""] = page.split(mark);
  writeFileSync(path, `${head}${mark}\n\n${tables.join("\n\n")}\n`);
}
for (const failure of failures) console.error(`out of bounds: ${failure}`);
if (failures.length > 0) process.exitCode = 1;
