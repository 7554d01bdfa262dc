/** One row of the table: what is on the wire, what must come of it, where that is written, and the check of it. */
export interface WireRow {
  readonly name: string;
  /** What is written in the matrix, or what the server sends; shown in the table. */
  readonly wire: string;
  /** What must come of it; shown in the table. */
  readonly becomes: string;
  /** Section of a reference: `SiliconFlow §8`, `dialects §5`. */
  readonly from: string;
  /** Why it does not hold yet; the row's test fails as soon as it does. */
  readonly todo?: string;
  /** Sends it through a socket and compares. */
  readonly check: () => Promise<void>;
}

/** A part of the table. */
export interface WireGroup {
  readonly title: string;
  /** What holds for all of its rows: how they are sent and what is compared. */
  readonly text: string;
  /** Heads of the second and third column. */
  readonly heads: readonly [wire: string, becomes: string];
  readonly rows: readonly WireRow[];
}

const longest = 140;

/** A value as the table shows it: compact JSON, cut where it is long. */
export function shown(value: unknown): string {
  const text = (typeof value === "string" ? value : JSON.stringify(value))
    .replaceAll("\r", "\\r")
    .replaceAll("\n", "\\n")
    .replace(/[\p{Cc}\uFEFF\p{Cs}]/gu, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
  const characters = [...text];
  return characters.length <= longest ? text : `${characters.slice(0, longest - 1).join("")}…`;
}

/** Text as code in a cell of a Markdown table. */
export function asCode(text: string): string {
  if (text === "") return "";
  const fence = text.includes("`") ? "``" : "`";
  const space = fence.length > 1 ? " " : "";
  return `${fence}${space}${text.replaceAll("|", "\\|")}${space}${fence}`;
}
