type Child = Node | string | null;
type Attributes = Readonly<Record<string, string | number | boolean | null>>;

/** An element with attributes and children; text is text, never markup. */
export function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === false) continue;
    made.setAttribute(key, value === true ? "" : String(value));
  }
  for (const child of children) if (child !== null) made.append(child);
  return made;
}

/** A choice among named values. `onChange` hears of each new one. */
export function choice(
  label: string,
  options: readonly (readonly [value: string, words: string])[],
  chosen: string,
  onChange: (value: string) => void,
): HTMLLabelElement {
  const select = element(
    "select",
    {},
    ...options.map(([value, words]) => element("option", { value, selected: value === chosen }, words)),
  );
  select.addEventListener("change", () => onChange(select.value));
  return element("label", {}, `${label} `, select);
}

/** A table of numbers, folded away under its plot; `shown` is what opens it. */
export function numbers(
  title: string,
  columns: readonly string[],
  rows: readonly (readonly (string | number | null)[])[],
  shown: string = "numbers",
): HTMLDetailsElement {
  const head = element("tr", {}, ...columns.map((column) => element("th", { scope: "col" }, column)));
  const body = rows.map((row) =>
    element(
      "tr",
      {},
      ...row.map((cell, i) =>
        i === 0
          ? element("th", { scope: "row" }, words(cell))
          : element("td", { class: typeof cell === "number" ? "number" : null }, words(cell)),
      ),
    ),
  );
  const table = element("table", {}, element("thead", {}, head), element("tbody", {}, ...body));
  const scroll = element("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": title }, table);
  return element("details", { class: "numbers" }, element("summary", {}, shown), scroll);
}

function words(cell: string | number | null): string {
  if (cell === null) return "–";
  return typeof cell === "number" ? format(cell) : cell;
}

/** A number with three digits that say something. */
export function format(value: number): string {
  if (!Number.isFinite(value)) return "–";
  if (Number.isInteger(value) || Math.abs(value) >= 1_000) return Math.round(value).toLocaleString("en-US");
  return String(Number(value.toPrecision(3)));
}

/** A section with its heading. */
export function section(id: string, title: string, ...children: readonly Child[]): HTMLElement {
  const heading = element("h2", { id: `${id}-title` }, title);
  return element("section", { "aria-labelledby": `${id}-title` }, heading, ...children);
}
