import type { HtmlAnswers, HtmlData } from "../report/html-data.ts";
import { answersView } from "./answers.ts";
import { element } from "./dom.ts";
import { afterFirstPaint, deflatedData, markReady, textOf } from "./embedded.ts";
import { ranking } from "./plots/ranking.ts";
import { plotsOf } from "./plots.ts";
import { sortableTables } from "./sortable.ts";
import { themeButton } from "./theme.ts";

/** Fills the page that the report is: plots at once, the answers when the first screen stands. */
function start(): void {
  const data = JSON.parse(textOf("data")) as HtmlData;
  document.getElementById("tools")?.append(themeButton());
  sortableTables();
  document.getElementById("ranking")?.append(...ranking(data.summary));
  const plots = document.getElementById("plots");
  afterFirstPaint(() => {
    plots?.append(...plotsOf(data));
    void showAnswers(data);
  });
}

async function showAnswers({ summary }: HtmlData): Promise<void> {
  const place = document.getElementById("answers");
  try {
    const answers = (await deflatedData()) as HtmlAnswers;
    place?.replaceChildren(...answersView(summary, answers));
  } catch (error) {
    place?.replaceChildren(element("p", {}, `The answers cannot be shown: ${String(error)}`));
  }
  markReady();
}

start();
