import type { Place } from "../diagnostics/diagnostic.ts";
import { type Excerpt, placeAt } from "../diagnostics/excerpt.ts";
import { nearest } from "../diagnostics/nearest.ts";
import type { TemplateError } from "./template.ts";

const tags = [
  ..."assign capture case comment cycle decrement echo else elsif for if increment raw unless when".split(
    " ",
  ),
];

/** A template that cannot be read: what is wrong in words, and what to do. */
export interface FaultWords {
  readonly message: string;
  readonly hint: string;
}

/** What the template engine complains of, in the house's words. */
export function faultWords(error: TemplateError): FaultWords {
  const rawHint = "`raw: true` turns templating off for a prompt";
  const { message } = error;
  const open = /^output "(.*)" not closed$/s
    .exec(message)?.[1]
    ?.split(/\n|\\n/)[0]
    ?.trim();
  if (open !== undefined)
    return { message: `the placeholder \`${open}\` is not closed`, hint: `\`}}\` closes it; ${rawHint}` };
  const unknown = /^tag "(.*)" not found$/.exec(message)?.[1];
  if (unknown !== undefined) {
    const close = nearest(unknown, tags);
    return {
      message: `there is no tag \`${unknown}\``,
      hint: close === null ? `tags: ${tags.join(", ")}; ${rawHint}` : `did you mean \`{% ${close} … %}\`?`,
    };
  }
  const tag = /^tag (\{%-?\s*(\w+).*) not closed$/s.exec(message);
  if (tag !== null)
    return { message: `the tag \`${tag[1]}\` is not closed`, hint: `\`{% end${tag[2]} %}\` closes it` };
  const filter = /^undefined filter: (.*)$/.exec(message)?.[1];
  if (filter !== undefined)
    return {
      message: `there is no filter \`${filter}\``,
      hint: "filters are those of LiquidJS, such as `upcase`, `json`, `default`",
    };
  if (/^invalid value expression: "\s*"$/.test(message))
    return { message: "a placeholder is empty", hint: `name a variable in it; ${rawHint}` };
  return { message, hint: rawHint };
}

/**
 * Where in the source the fault of a template stands: the placeholder, or in it the variable that nothing fills. The
 * template's line is searched as it is, then the placeholder (text in quotes may be written otherwise), then the name.
 * Null when none of them occurs.
 */
export function placeOfFault(error: TemplateError, excerpts: readonly Excerpt[]): Place | null {
  const line = error.template.split(/\r\n|\r|\n/)[error.line - 1] ?? "";
  const name = error.undefinedVariable === null ? null : nameIn(error.undefinedVariable);
  const tag = tagAt(line, error.column - 1, name);
  for (const excerpt of excerpts) {
    const whole = line.trim() === "" ? -1 : excerpt.text.indexOf(line);
    const offset = whole === -1 ? excerpt.text.indexOf(tag.text) : whole + tag.offset;
    if (offset !== -1 && tag.text !== "") return focused(excerpt, offset, tag.text, name);
  }
  for (const excerpt of excerpts) {
    const found =
      name === null ? null : new RegExp(String.raw`\{[{%][^}]*?${name.source}`).exec(excerpt.text);
    if (found !== null) return focused(excerpt, found.index, found[0], name);
  }
  return null;
}

/** A text of the template that stands for itself in the source. */
export function placeOfText(text: string, excerpts: readonly Excerpt[]): Place | null {
  for (const excerpt of excerpts) {
    const offset = excerpt.text.indexOf(text);
    if (offset !== -1) return placeAt(excerpt, offset, text.length);
  }
  return null;
}

/** A variable as a template may write it: `row.Ticket Id` is `row["Ticket Id"]` there. */
function nameIn(variable: string): RegExp {
  const steps = variable.split(".").map((step) => step.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&"));
  return new RegExp(String.raw`(?<![\w.-])${steps.join(String.raw`(?:\.|\[\\?["'])`)}(?![\w-])`);
}

interface Tag {
  readonly text: string;
  readonly offset: number;
}

/** The placeholder or tag of a line that holds the name, else the one at the column, else the first. */
function tagAt(line: string, column: number, name: RegExp | null): Tag {
  const found = [...line.matchAll(/\{\{.*?(?:\}\}|$)|\{%.*?(?:%\}|$)/g)].map((match) => ({
    text: match[0].trimEnd(),
    offset: match.index,
  }));
  const holding = name === null ? [] : found.filter(({ text }) => name.test(text));
  const near = (tag: Tag): boolean => column >= tag.offset && column < tag.offset + tag.text.length;
  return (
    holding.find(near) ??
    holding[0] ??
    found.find(near) ??
    found.find(({ offset }) => offset >= column) ??
    found[0] ?? { text: "", offset: 0 }
  );
}

function focused(excerpt: Excerpt, offset: number, tag: string, name: RegExp | null): Place {
  const found = name?.exec(tag) ?? null;
  return found === null
    ? placeAt(excerpt, offset, tag.length)
    : placeAt(excerpt, offset + found.index, found[0].length);
}
