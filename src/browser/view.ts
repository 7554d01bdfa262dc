import type { RunLine } from "../view/run-line.ts";
import { answeredWords, failedWords } from "../view/run-words.ts";
import { element } from "./dom.ts";
import { followGoing } from "./going.ts";
import { polling } from "./polling.ts";
import { themeButton } from "./theme.ts";

/** What the choice of two runs is called in the form. */
const fields = ["base", "candidate"] as const;

/** Keeps the list of runs as it is on the disk, and says which two are chosen. */
function followList(): void {
  tellChoice();
  document.addEventListener("change", (event) => {
    if (event.target instanceof HTMLInputElement && event.target.type === "radio") keepApart(event.target);
    tellChoice();
  });
  let known: string | null = null;
  polling(async ({ runs }) => {
    const lasting = JSON.stringify(runs.map(withoutProgress));
    if (known === null ? !areShown(runs) : known !== lasting) await reloadList(runs);
    known = lasting;
    for (const run of runs) if (run.state === "running") showProgress(run);
    return runs.some(({ state }) => state === "running");
  });
}

/** What of a run is not shown anew in place. */
function withoutProgress(run: RunLine): RunLine {
  return run.state === "running" ? { ...run, answered: null, failed: null } : run;
}

function areShown(runs: readonly RunLine[]): boolean {
  const shown = [...document.querySelectorAll<HTMLElement>("tr[data-run]")];
  return (
    shown.length === runs.length &&
    runs.every(({ href, state }, i) => shown[i]?.dataset.run === href && shown[i]?.className === state)
  );
}

/** Takes the list anew from the server; what was chosen and where the focus was stays. */
async function reloadList(runs: readonly RunLine[]): Promise<void> {
  const before = new Map(
    [...document.querySelectorAll<HTMLElement>("tr[data-run]")].map((row) => [
      row.dataset.run,
      row.className,
    ]),
  );
  const response = await fetch("/", { cache: "no-store" });
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html").getElementById("runs");
  const old = document.getElementById("runs");
  if (fresh === null || old === null) return;
  const chosen = fields.map((field) => chosenValue(field));
  const focused = document.activeElement;
  const held = focused instanceof HTMLElement ? focusKey(focused) : null;
  old.replaceWith(document.importNode(fresh, true));
  fields.forEach((field, i) => {
    const again = radios(field).find(({ value }) => value === chosen[i]);
    if (again !== undefined) again.checked = true;
  });
  for (const one of document.querySelectorAll<HTMLElement>("#runs a, #runs input, #runs button"))
    if (held !== null && focusKey(one) === held) one.focus();
  tellChoice();
  const ended = runs.filter(({ href, state }) => before.get(href) === "running" && state !== "running");
  const live = document.getElementById("live");
  if (live !== null && ended.length > 0)
    live.textContent = ended.map(({ name, state }) => `${name}: ${state}`).join("; ");
}

/** What an element of the list is known by after the list was replaced. */
function focusKey(one: HTMLElement): string {
  return `${one.tagName} ${one.getAttribute("href")} ${one.getAttribute("name")} ${one.getAttribute("value")}`;
}

function showProgress(run: RunLine): void {
  const row = [...document.querySelectorAll<HTMLElement>("tr[data-run]")].find(
    (one) => one.dataset.run === run.href,
  );
  const bar = row?.querySelector("progress");
  if (bar !== null && bar !== undefined) bar.value = run.answered ?? 0;
  for (const [key, words] of [
    ["answered", answeredWords(run)],
    ["failed", failedWords(run)],
  ] as const) {
    const cell = row?.querySelector(`[data-cell="${key}"]`);
    if (cell !== null && cell !== undefined && cell.textContent !== words) cell.textContent = words;
  }
}

function radios(field: string): readonly HTMLInputElement[] {
  return [...document.querySelectorAll<HTMLInputElement>(`input[type="radio"][name="${field}"]`)];
}

function chosenValue(field: string): string | null {
  return radios(field).find(({ checked }) => checked)?.value ?? null;
}

/** A run that is chosen for one side leaves the other: the sides change places. */
function keepApart({ name, value }: HTMLInputElement): void {
  const other = fields.find((field) => field !== name) ?? "base";
  if (chosenValue(other) !== value) return;
  const last = document.getElementById("choice")?.dataset[name] ?? "";
  const place = radios(other).find((one) => one.value === last && last !== value);
  const free = place ?? radios(other).find((one) => one.value !== value);
  if (free !== undefined) free.checked = true;
}

function tellChoice(): void {
  const place = document.getElementById("choice");
  const [base, candidate] = fields.map(chosenValue);
  if (place === null || base === null || base === undefined || candidate === null || candidate === undefined)
    return;
  place.dataset.base = base;
  place.dataset.candidate = candidate;
  place.replaceChildren(element("bdi", {}, base), " → ", element("bdi", {}, candidate));
}

document.getElementById("tools")?.append(themeButton());
const going = document.getElementById("going");
if (going !== null) followGoing(going);
else if (document.getElementById("runs") !== null) followList();
