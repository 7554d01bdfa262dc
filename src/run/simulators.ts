import type { Row } from "../dataset/dataset.ts";
import type { PlannedRequest } from "../plan/plan.ts";
import type { Endpoint } from "../provider/endpoint.ts";
import { parseAnswers } from "../simulator/answer-key.ts";
import { type EmbeddedSimulator, startEmbeddedSimulator } from "../simulator/embedded.ts";
import type { Lesson, LessonKind } from "../simulator/lesson.ts";
import { defaultDifficulty } from "../simulator/models.ts";
import type { SimulatorOptions } from "../simulator/options.ts";
import { parseRecordings } from "../simulator/recordings.ts";
import { type InputFiles, sha256 } from "../system/input-files.ts";
import type { JudgeCall } from "./judge-calls.ts";
import type { Prepared } from "./prepare.ts";
import { providerSpec } from "./provider-spec.ts";
import { usedProviders } from "./used-providers.ts";

/** Which phrasing of an answer a scorer asks for; `exact` and `choice` take further options along. */
const kindOfScorer: Readonly<Record<string, LessonKind>> = {
  numeric: "numeric",
  choice: "choice",
  exact: "exact",
  starts_with: "exact",
  contains: "contains",
  regex: "regex",
  json: "json",
  json_fields: "json",
  tool_call: "tool_call",
  rouge_l: "text",
  bleu: "text",
  levenshtein: "text",
};

/** Kinds whose answer is one text: of several that are accepted, the first is said. */
const oneText: ReadonlySet<LessonKind> = new Set(["numeric", "choice", "exact", "text"]);

/** One simulated provider before it runs. */
interface Planned {
  readonly key: string;
  readonly options: SimulatorOptions;
  /** Digest of what it answers from. */
  readonly digest: string;
  /** Whether the run teaches it the right answers, request by request. */
  readonly taught: boolean;
}

/**
 * The simulated providers of a run. Files of answers are read here; `start` brings up a local endpoint for each, in a
 * thread of its own. What the first scorer that states a right answer expects is what they know, unless a file says it.
 */
export class Simulators {
  readonly #prepared: Prepared;
  readonly #planned: readonly Planned[];
  readonly #running = new Map<string, EmbeddedSimulator>();

  constructor(prepared: Prepared, files: InputFiles) {
    this.#prepared = prepared;
    const keys = usedProviders(prepared);
    this.#planned = [...keys].flatMap((key): readonly Planned[] => {
      const spec = providerSpec(key, prepared.config);
      return spec?.preset === "simulator" && spec.baseUrl === null
        ? [plan(key, spec.replay, spec.answers, files)]
        : [];
    });
  }

  /** The base URL as `run.json` has it: what a simulated provider answers from; null for a real one. */
  describe(key: string): string | null {
    const planned = this.#planned.find((candidate) => candidate.key === key);
    return planned === undefined ? null : `simulator:${planned.digest}`;
  }

  /** Starts what is needed and gives the endpoints with their base URLs filled in; `onError` hears of a crash. */
  async start(
    endpoints: ReadonlyMap<string, Endpoint>,
    onError: (error: Error) => void,
  ): Promise<ReadonlyMap<string, Endpoint>> {
    const started = new Map(endpoints);
    for (const { key, options } of this.#planned) {
      const endpoint = endpoints.get(key);
      if (endpoint === undefined) continue;
      const simulator = await startEmbeddedSimulator(options, { onError });
      this.#running.set(key, simulator);
      started.set(key, { ...endpoint, baseUrl: simulator.baseUrl });
    }
    return started;
  }

  /** Tells the simulator what the right answer to a request is, just before it is sent. */
  teach(request: PlannedRequest): void {
    const { provider } = request.variant;
    const simulator = this.#running.get(provider);
    if (simulator === undefined) return;
    if (this.#planned.find((planned) => planned.key === provider)?.taught !== true) return;
    simulator.teach(request.requestId, this.#lesson(request));
  }

  /** Tells the simulator what a judge should say: pass where the answer holds the expected text. */
  teachJudge(requestId: string, { provider, options, material }: JudgeCall, position: number): void {
    const simulator = this.#running.get(provider);
    if (simulator === undefined) return;
    if (this.#planned.find((planned) => planned.key === provider)?.taught !== true) return;
    const { plan } = this.#prepared;
    const row = plan.row(plan.coordinates(position).rowIndex);
    const expected = String(options.expected ?? "").toLowerCase();
    const passes = material.toLowerCase().includes(expected);
    const [low = 0, high = 1] = options.scale ?? [];
    const [yes, no] =
      options.scale === undefined
        ? [{ verdict: "pass" }, { verdict: "fail" }]
        : [{ score: high }, { score: low }];
    simulator.teach(requestId, {
      kind: "json",
      expected: passes ? yes : no,
      otherwise: passes ? no : yes,
      difficulty: difficultyOf(row),
    });
  }

  async close(): Promise<void> {
    await Promise.all([...this.#running.values()].map((simulator) => simulator.close()));
    this.#running.clear();
  }

  #lesson(request: PlannedRequest): Lesson | null {
    const scorers = this.#prepared.scoring.forRow(request.row, request.trial, request.variant.promptId);
    for (const { spec, options } of scorers) {
      const lesson =
        options === null ? null : lessonOf(spec.type, options as Readonly<Record<string, unknown>>);
      if (lesson !== null) return { ...lesson, difficulty: difficultyOf(request.row) };
    }
    return null;
  }
}

/** What a scorer's options say of the right answer; null for those that say nothing of it. */
function lessonOf(type: string, options: Readonly<Record<string, unknown>>): Lesson | null {
  const kind = kindOfScorer[type];
  const stated = options.expected ?? options.all ?? options.any ?? options.pattern;
  if (kind === undefined || stated === undefined) return null;
  return {
    kind,
    expected: oneText.has(kind) && Array.isArray(stated) ? stated[0] : stated,
    ...(Array.isArray(options.choices) ? { choices: options.choices as readonly string[] } : {}),
    ...(typeof options.flags === "string" ? { flags: options.flags } : {}),
  };
}

/** A row is as hard for every prompt, so that variants can be compared row by row. */
function difficultyOf({ id, variables }: Row): number {
  const stated = variables.difficulty;
  const difficulty = stated === undefined || stated === "" ? Number.NaN : Number(stated);
  return difficulty >= 0 && difficulty <= 1 ? difficulty : defaultDifficulty(id);
}

function plan(key: string, replay: string | null, answers: string | null, files: InputFiles): Planned {
  if (replay !== null) {
    const bytes = files.read(replay);
    return {
      key,
      options: { replay: parseRecordings(new TextDecoder().decode(bytes), replay) },
      digest: `replay-${sha256(bytes).slice(0, 16)}`,
      taught: false,
    };
  }
  if (answers !== null) {
    const bytes = files.read(answers);
    return {
      key,
      options: { answers: parseAnswers(new TextDecoder().decode(bytes), answers) },
      digest: `answers-${sha256(bytes).slice(0, 16)}`,
      taught: false,
    };
  }
  return { key, options: { awaitLessons: true }, digest: "taught", taught: true };
}
