import { element } from "./dom.ts";

/** Makes the tables of the page sortable by their headers; a third press brings the order of the plan back. */
export function sortableTables(): void {
  for (const table of document.querySelectorAll<HTMLTableElement>("#variants table")) makeSortable(table);
}

function makeSortable(table: HTMLTableElement): void {
  const [body] = table.tBodies;
  if (body === undefined) return;
  const original = [...body.rows];
  const headers = [...(table.tHead?.rows[0]?.cells ?? [])];
  headers.forEach((header, column) => {
    const button = element("button", { type: "button", class: "sort" }, header.textContent ?? "");
    header.replaceChildren(button);
    button.addEventListener("click", () => {
      const before = header.getAttribute("aria-sort");
      const order = before === "descending" ? "ascending" : before === "ascending" ? null : "descending";
      for (const other of headers) other.removeAttribute("aria-sort");
      if (order !== null) header.setAttribute("aria-sort", order);
      const sign = order === "descending" ? -1 : 1;
      const rows = order === null ? original : [...original].sort((a, b) => sign * compared(a, b, column));
      body.append(...rows);
    });
  });
}

function compared(a: HTMLTableRowElement, b: HTMLTableRowElement, column: number): number {
  const [one, other] = [a, b].map((row) => row.cells[column]?.textContent ?? "") as [string, string];
  const [x, y] = [numberOf(one), numberOf(other)];
  return x !== null && y !== null ? x - y : one.localeCompare(other);
}

/** The first number of a cell, with the unit of its time. */
function numberOf(text: string): number | null {
  const match = /^[^\d-]*(-?[\d\u202f\u00a0 ]*\.?\d+)\s*(ms|s|min|h|k|M)?/.exec(text);
  if (match === null) return null;
  const factors: Readonly<Record<string, number>> = { s: 1_000, min: 60_000, h: 3_600_000, k: 1e3, M: 1e6 };
  return Number((match[1] ?? "").replace(/[\u202f\u00a0 ]/g, "")) * (factors[match[2] ?? ""] ?? 1);
}
