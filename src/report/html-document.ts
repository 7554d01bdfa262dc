import { readFileSync } from "node:fs";
import { deflateSync } from "fflate";
import { escaped, hashOf } from "./html-text.ts";
import type { TextColumn } from "./text-table.ts";

/** What a page is made of. Texts of `header`, `main` and `footer` are markup: what they show is escaped already. */
export interface HtmlDocument {
  readonly title: string;
  /** Name of its script in `dist/browser/`. */
  readonly script: "report" | "comparison";
  readonly header: string;
  readonly main: string;
  readonly footer: string;
  /** What the script reads at once. */
  readonly data: unknown;
  /** What it inflates when the page stands. */
  readonly later: unknown;
}

/** A page as one file without any request of its own: script, style and data stand in it, and nothing else may run. */
export function htmlDocument({
  title,
  script: name,
  header,
  main,
  footer,
  data,
  later,
}: HtmlDocument): string {
  const script = asset(`${name}.js`);
  const style = asset("report.css");
  const policy = [
    "default-src 'none'",
    `script-src ${hashOf(script)}`,
    `style-src ${hashOf(style)}`,
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escaped(title)} · promptgrid</title>
<style>${style}</style>
</head>
<body>
<a class="skip" href="#main">to the results</a>
${header}
<main id="main">
${main}
</main>
<footer>
${footer}
</footer>
<script type="application/json" id="data">${jsonText(data)}</script>
<script type="text/plain" id="deflated">${deflated(later)}</script>
<script>${script}</script>
</body>
</html>
`;
}

const assets = new Map<string, string>();

/** A file of the browser's half, as it was built. */
function asset(name: string): string {
  const known = assets.get(name);
  if (known !== undefined) return known;
  const text = readFileSync(new URL(`../../dist/browser/${name}`, import.meta.url), "utf8");
  assets.set(name, text);
  return text;
}

/** JSON that no parser of HTML takes for anything else. */
function jsonText(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function deflated(value: unknown): string {
  // Lone surrogates are escapes in JSON text, so the bytes are those of well-formed text.
  const bytes = new TextEncoder().encode(JSON.stringify(value));
  return Buffer.from(deflateSync(bytes, { level: 6 })).toString("base64");
}

/** A table of texts; `label` tells it from the others of the page. */
export function htmlTable(
  label: string,
  {
    columns,
    rows,
  }: {
    readonly columns: readonly TextColumn[];
    readonly rows: readonly (readonly string[])[];
  },
): string {
  const kind = (i: number): string => (columns[i]?.align === "right" ? ' class="number"' : "");
  const head = columns
    .map(({ title }, i) => (title === "" ? "<td></td>" : `<th scope="col"${kind(i)}>${escaped(title)}</th>`))
    .join("");
  const body = rows
    .map((row) => {
      const cells = row.map((cell, i) =>
        i === 0
          ? `<th scope="row">${escaped(cell).replaceAll(",", ",<wbr>")}</th>`
          : `<td${kind(i)}>${escaped(cell)}</td>`,
      );
      return `<tr>${cells.join("")}</tr>`;
    })
    .join("\n");
  return `<div class="scroll" tabindex="0" role="group" aria-label="${escaped(label)}"><table><thead><tr>${head}</tr></thead><tbody>\n${body}\n</tbody></table></div>`;
}
