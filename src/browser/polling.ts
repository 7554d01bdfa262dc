import type { RunsAnswer } from "../view/run-line.ts";

const busyMs = 2_000;
const idleMs = 10_000;

/**
 * Asks for the runs again and again, while the tab is seen: every 2 s where something goes on (`show` says so), else every
 * 10 s. A server that does not answer is asked again.
 */
export function polling(show: (answer: RunsAnswer) => boolean | Promise<boolean>): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const ask = async (): Promise<void> => {
    let busy = false;
    try {
      const response = await fetch("/runs.json", { cache: "no-store" });
      if (response.ok) busy = await show((await response.json()) as RunsAnswer);
      document.documentElement.dataset.polled = "true";
      tellSilence(false);
    } catch {
      tellSilence(true);
    }
    clearTimeout(timer);
    if (!document.hidden) timer = setTimeout(() => void ask(), busy ? busyMs : idleMs);
  };
  document.addEventListener("visibilitychange", () => {
    clearTimeout(timer);
    if (!document.hidden) void ask();
  });
  void ask();
}

/** Says that what is shown is not renewed, while it is not. */
function tellSilence(silent: boolean): void {
  const place = document.getElementById("silence");
  if (place !== null) place.textContent = silent ? "promptgrid view does not answer: has it ended?" : "";
}
