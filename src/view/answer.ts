import type { IncomingMessage } from "node:http";
import { PromptgridError } from "../errors.ts";
import { comparisonPage } from "../run/comparison-html.ts";
import { DiagnosticsError } from "../run/diagnostics-error.ts";
import { goingPage, noReportPage } from "./going-page.ts";
import { listPage } from "./list-page.ts";
import { messagePage, type Page } from "./page.ts";
import { openRunFile, reportPolicy } from "./run-files.ts";
import type { RunsAnswer } from "./run-line.ts";
import type { RunList } from "./run-list.ts";

/** What is sent back: text, or a file that is open and is closed by who sends it. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | number>>;
  readonly content: string | { readonly fd: number };
}

/**
 * The answer to a request. `port` is the server's own: a request that names another host comes from a page elsewhere whose
 * name was pointed at this machine, and is refused.
 */
export function answerTo(request: IncomingMessage, port: number, runs: RunList, folder: string): Answer {
  if (!ownHosts(port).includes(request.headers.host?.toLowerCase() ?? ""))
    return plain(403, "This server answers to 127.0.0.1 and localhost only.\n");
  if (request.method !== "GET" && request.method !== "HEAD")
    return { ...plain(405, "Only GET and HEAD.\n"), headers: { ...textType, allow: "GET, HEAD" } };
  const [path = "", query = ""] = (request.url ?? "").split(/\?(.*)/s);
  if (path === "/") return html(200, listPage(folder, runs.lines()));
  if (path === "/runs.json") {
    const answer: RunsAnswer = { runs: runs.lines() };
    return {
      status: 200,
      headers: { "content-type": "application/json; charset=utf-8", "content-security-policy": closedPolicy },
      content: `${JSON.stringify(answer)}\n`,
    };
  }
  if (path === "/compare") return comparison(new URLSearchParams(query), runs);
  if (path.startsWith("/run/")) return ofRun(path.slice("/run/".length), runs);
  return unknownPage();
}

function ownHosts(port: number): readonly string[] {
  const names = ["127.0.0.1", "localhost"];
  // A browser leaves the port of http out.
  return [...names.map((name) => `${name}:${port}`), ...(port === 80 ? names : [])];
}

/** `NAME/` is the page of a run, `NAME/FILE` one of its files. Names are looked up; no path is made of them. */
function ofRun(rest: string, runs: RunList): Answer {
  const at = rest.lastIndexOf("/");
  const name = decoded(rest.slice(0, Math.max(0, at)));
  const run = name === null ? null : runs.find(name);
  if (run === null) return unknownPage();
  const file = rest.slice(at + 1);
  if (file === "" && run.line.state === "running") return html(200, goingPage(run.line));
  const opened = openRunFile(run.directory, file === "" ? "report.html" : file);
  if (opened !== null) return { status: 200, headers: opened.headers, content: { fd: opened.fd } };
  return file === "" ? html(404, noReportPage(run.line)) : unknownPage();
}

function comparison(query: URLSearchParams, runs: RunList): Answer {
  const [base, candidate] = [query.get("base") ?? "", query.get("candidate") ?? ""];
  const title = "No comparison";
  if (base === "" || candidate === "")
    return html(400, messagePage(title, "A comparison needs a base and a candidate.", null));
  if (base === candidate)
    return html(400, messagePage(title, "The base and the candidate are the same run.", "choose two runs"));
  const [one, other] = [runs.find(base), runs.find(candidate)];
  if (one === null || other === null)
    return html(404, messagePage(title, `There is no run ${one === null ? base : candidate}.`, null));
  const unreadable = [one, other].find(({ line }) => line.state === "unreadable");
  if (unreadable !== undefined)
    return html(400, messagePage(title, `${unreadable.line.name} cannot be read.`, unreadable.line.problem));
  try {
    return {
      status: 200,
      headers: { "content-type": htmlType, "content-security-policy": reportPolicy },
      content: comparisonPage(one.directory, other.directory, [one.line.name, other.line.name]),
    };
  } catch (error) {
    if (!(error instanceof PromptgridError)) throw error;
    const details = error instanceof DiagnosticsError ? `: ${error.diagnostics[0]?.message ?? ""}` : "";
    return html(400, messagePage(title, `${error.message}${details}`, error.hint));
  }
}

function unknownPage(): Answer {
  return html(404, messagePage("Not found", "There is no such page.", null));
}

const textType = { "content-type": "text/plain; charset=utf-8" } as const;
const htmlType = "text/html; charset=utf-8";
const closedPolicy = "default-src 'none'; frame-ancestors 'none'";

function plain(status: number, content: string): Answer {
  return { status, headers: textType, content };
}

function html(status: number, { html: content, policy }: Page): Answer {
  return { status, headers: { "content-type": htmlType, "content-security-policy": policy }, content };
}

/** null for what is no percent-encoding. */
function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
