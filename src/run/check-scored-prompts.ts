import type { RunConfig } from "../config/run-config.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { Prepared } from "./prepare.ts";
import type { Scoring } from "./scoring.ts";

/**
 * Whether the scorers of another matrix meet the answers of a run: prompts of the run that none holds for are named, as are
 * prompts with scorers that the run does not have. It is an error where no answer at all would be scored.
 */
export function checkScoredPrompts(
  scoring: Scoring,
  { promptScorers }: Pick<RunConfig, "promptScorers">,
  { plan, dataset }: Pick<Prepared, "plan" | "dataset">,
  file: string,
): readonly Diagnostic[] {
  const prompts = [...new Set(plan.variants.map(({ promptId }) => promptId))];
  const unscored = prompts.filter((prompt) =>
    dataset.rows.every((row) => scoring.forRow(row, 0, prompt).length === 0),
  );
  const strangers = Object.keys(promptScorers).filter((prompt) => !prompts.includes(prompt));
  if (unscored.length === 0 && strangers.length === 0) return [];
  const words = [
    ...(unscored.length === 0
      ? []
      : [`no scorer of \`${file}\` holds for ${promptNames(unscored)} of the run`]),
    ...(strangers.length === 0
      ? []
      : [`${promptNames(strangers)} of \`${file}\` ${strangers.length === 1 ? "is" : "are"} not in the run`]),
  ];
  return [
    {
      code: "run/scored-prompts",
      severity: unscored.length === prompts.length ? "error" : "warning",
      message: words.join(", and "),
      hint: `scorers of a prompt are found by its id: those of the run are ${prompts.join(", ")}`,
    },
  ];
}

function promptNames(ids: readonly string[]): string {
  return `prompt${ids.length === 1 ? "" : "s"} ${ids.map((id) => `\`${id}\``).join(", ")}`;
}
