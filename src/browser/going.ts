import { answeredWords } from "../view/run-words.ts";
import { polling } from "./polling.ts";

/** Shows how far a run is; when it is done, its report takes the place of the page. */
export function followGoing(bar: HTMLElement): void {
  const words = document.getElementById("going-words");
  const progress = bar.querySelector("progress");
  const framed = document.querySelector("iframe") !== null;
  polling(({ runs }) => {
    const run = runs.find(({ href }) => href === bar.dataset.run);
    if (run === undefined) return false;
    if (run.state !== "running" || run.has_report !== framed) {
      location.reload();
      return false;
    }
    if (words !== null)
      words.textContent = `goes on: ${answeredWords(run)} answered, ${run.failed ?? 0} failed`;
    if (progress !== null) progress.value = run.answered ?? 0;
    return true;
  });
}
