import { readFileSync } from "node:fs";
import { escaped, hashOf } from "../report/html-text.ts";

/** A page of the server, with the policy that it is sent with. */
export interface Page {
  readonly html: string;
  readonly policy: string;
}

/** A whole page; `body` is HTML, `title` text. Its script is the browser's half, which does nothing where nothing is live. */
export function page(title: string, body: string): Page {
  const { script, style } = assets();
  const policy = [
    "default-src 'none'",
    `script-src ${hashOf(script)}`,
    `style-src ${hashOf(style)}`,
    "connect-src 'self'",
    "frame-src 'self'",
    "img-src data:",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; ");
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>${escaped(title)} · promptgrid</title>
<style>${style}</style>
</head>
<body>
${body}
<script>${script}</script>
</body>
</html>
`;
  return { html, policy };
}

/** A page that says one thing: `message` and `hint` are text. */
export function messagePage(title: string, message: string, hint: string | null): Page {
  return page(
    title,
    `<header><div class="title"><h1>${escaped(title)}</h1><div id="tools"></div></div></header>
<main>
<p class="message">${escaped(message)}</p>
${hint === null ? "" : `<p class="hint">${escaped(hint)}</p>`}
<p><a href="/">All runs</a></p>
</main>`,
  );
}

let loaded: { readonly script: string; readonly style: string } | null = null;

/** The browser's half, as it was built. */
function assets(): { readonly script: string; readonly style: string } {
  const read = (name: string): string =>
    readFileSync(new URL(`../../dist/browser/${name}`, import.meta.url), "utf8");
  loaded ??= { script: read("view.js"), style: read("view.css") };
  return loaded;
}
