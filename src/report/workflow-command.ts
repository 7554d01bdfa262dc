import type { Diagnostic } from "../diagnostics/diagnostic.ts";

/** GitHub shows ten errors and ten warnings of a step and drops the rest silently: so many are written, then a count. */
export const mostAnnotations = 8;
/** Characters of a line: the runner cuts messages there. */
const mostCharacters = 4_096;

/** A note at a place of the repository. */
export interface Annotation {
  readonly level: "error" | "warning";
  readonly title: string;
  readonly message: string;
  readonly place: { readonly file: string; readonly line: number } | null;
}

/** Annotations of the errors in the user's files, at their places, as many as GitHub shows. */
export function errorAnnotations(diagnostics: readonly Diagnostic[]): readonly string[] {
  return diagnostics
    .filter(({ severity }) => severity === "error")
    .slice(0, mostAnnotations)
    .map(({ code, message, place }) =>
      commandLine(
        {
          level: "error",
          title: code,
          message,
          place: place === undefined || place.line === 0 ? null : { file: place.file, line: place.line },
        },
        (file) => file,
      ),
    );
}

/** An annotation as a workflow command: one line, without its line end. */
export function commandLine(
  { level, title, message, place }: Annotation,
  relativePath: (file: string) => string,
): string {
  const where =
    place === null
      ? ""
      : `file=${escaped(relativePath(place.file), propertyCodes, 1_000)},line=${place.line},`;
  const head = `::${level} ${where}title=${escaped(title, propertyCodes, 300)}::`;
  return `${head}${escaped(message, messageCodes, mostCharacters - head.length)}`;
}

const messageCodes: Readonly<Record<string, string>> = { "%": "%25", "\r": "%0D", "\n": "%0A" };
const propertyCodes: Readonly<Record<string, string>> = { ...messageCodes, ":": "%3A", ",": "%2C" };

/** Text as a part of a command, at most so many characters, cut between characters and never inside of a code. */
function escaped(text: string, codes: Readonly<Record<string, string>>, most: number): string {
  const parts: string[] = [];
  let length = 0;
  for (const character of text) {
    const part = codes[character] ?? character;
    parts.push(part);
    length += part.length;
    if (length > most) break;
  }
  if (length <= most) return parts.join("");
  while (length > most - 1) length -= parts.pop()?.length ?? length;
  return `${parts.join("")}…`;
}
