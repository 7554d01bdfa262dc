import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { ScorerSpec } from "../score/scorer.ts";
import type { Prepared } from "./prepare.ts";
import { wordPlace } from "./scorer-options.ts";
import { statedScorers } from "./stated-scorers.ts";

/** Variants without `tools` whose answers are judged by the calls they make: none could ever be right. */
export function checkTools({ plan, config }: Pick<Prepared, "plan" | "config">): readonly Diagnostic[] {
  const toolless = plan.variants.filter(({ parameters }) => parameters.tools === undefined);
  const wantsCalls = ({ type, negate, options: { expected } }: ScorerSpec): boolean =>
    type === "tool_call" &&
    !negate &&
    !(Array.isArray(expected) && expected.length === 0) &&
    expected !== "[]";
  const found = new Map<ScorerSpec, number>();
  for (const { promptId } of toolless) {
    const own = config.promptScorers[promptId] ?? [];
    const ids = new Set(own.map(({ id }) => id));
    for (const spec of [...config.scorers.filter(({ id }) => !ids.has(id)), ...own])
      if (wantsCalls(spec)) found.set(spec, (found.get(spec) ?? 0) + 1);
  }
  return [...found].map(([spec, variants]): Diagnostic => {
    const every = variants === plan.variants.length;
    return {
      code: "score/no-tools",
      severity: "warning",
      message: `scorer \`${spec.id}\` (tool_call) judges calls, and ${every ? "no variant sends" : `${variants} of ${plan.variants.length} variants do not send`} \`tools\``,
      hint: "`parameters: { tools: [ … ] }` says what a model may call",
      ...wordPlace(statedScorers(config).find((one) => one.spec === spec)?.written ?? null, "tool_call"),
    };
  });
}
