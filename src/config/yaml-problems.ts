import {
  type Document,
  isAlias,
  isCollection,
  isScalar,
  type Scalar,
  visit,
  type YAMLParseError,
  type YAMLWarning,
} from "yaml";

/** A fault of a YAML text in the house's words; ranges are offsets of its text. */
export interface YamlProblem {
  readonly code: string;
  readonly severity: "error" | "warning";
  readonly message: string;
  readonly hint?: string;
  readonly range: readonly [number, number];
  /** The other end of a duplicate. */
  readonly related?: readonly [number, number];
}

type Found = YAMLParseError | YAMLWarning;

/** What the parser complains of: where the cause stands rather than where the parser gave up, and what to do. */
export function syntaxProblems(document: Document, text: string): readonly YamlProblem[] {
  const starts = new Set(
    document.errors.filter(({ code }) => code === "BLOCK_AS_IMPLICIT_KEY").map(({ pos }) => pos[0]),
  );
  return [...document.errors, ...document.warnings]
    .filter(({ code, pos }) => !(code === "MULTILINE_IMPLICIT_KEY" && starts.has(pos[0])))
    .map((found) => ({
      code: "config/yaml",
      severity: found.name === "YAMLWarning" ? "warning" : "error",
      range: found.pos,
      ...explain(found, document, text),
    }));
}

type Explanation = Partial<YamlProblem> & { readonly message: string };

function explain(found: Found, document: Document, text: string): Explanation {
  const message = sentence(found.message);
  switch (found.code) {
    case "DUPLICATE_KEY":
      return duplicateKey(found, document) ?? { message };
    case "BLOCK_AS_IMPLICIT_KEY":
      return {
        message: "found `key: value` where one value is expected",
        hint: "text that holds `: ` stands in quotes; or is the next line indented too far?",
      };
    case "MULTIPLE_DOCS":
      return { message: "a second document begins here", hint: "a file holds one: take `---` out" };
    case "TAB_AS_INDENT":
      return { message, hint: "indent with spaces" };
    case "BAD_SCALAR_START":
      return { message, hint: "put the text in quotes" };
    case "TAG_RESOLVE_FAILED":
      return { message: message.replace(/: (\S+)$/, " `$1`"), hint: "tags mean nothing here: take it out" };
    case "BAD_INDENT":
    case "MISSING_CHAR":
      return /^Implicit map keys/.test(found.message)
        ? { message: "found text where `key: value` is expected", hint: "is a `:` missing?" }
        : (unclosed(found, document, text) ?? { message });
    case "UNEXPECTED_TOKEN":
      return /\{\{/.test(lineBefore(text, found.pos[0]))
        ? { message, hint: 'text that begins with a placeholder stands in quotes: `"{{ question }} …"`' }
        : { message };
    default:
      return { message };
  }
}

function lineBefore(text: string, offset: number): string {
  return text.slice(text.lastIndexOf("\n", offset - 1) + 1, offset);
}

function duplicateKey(found: Found, document: Document): Explanation | null {
  let explained: Explanation | null = null;
  visit(document, {
    Map: (_, map) => {
      const keys = map.items.map(({ key }) => key).filter((key): key is Scalar => isScalar(key));
      const second = keys.find(({ range }) => range?.[0] === found.pos[0]);
      const first = keys.find(({ value }) => value === second?.value);
      if (second?.range == null || first?.range == null) return;
      explained = {
        code: "config/duplicate-key",
        message: `the key \`${String(second.value)}\` stands twice in one map`,
        hint: "take one of them out",
        range: [second.range[0], second.range[1]],
        related: [first.range[0], first.range[1]],
      };
      return visit.BREAK;
    },
  });
  return explained;
}

/** A quote or bracket that is never closed is found at the end of the file, and stands where it opens. */
function unclosed(found: Found, document: Document, text: string): Explanation | null {
  const quote = found.message.startsWith("Missing closing");
  if (!quote && !/ end with a [}\]]$/.test(found.message.split("\n")[0] ?? "")) return null;
  let start = -1;
  visit(document, {
    Node: (_, node) => {
      const fits = quote ? isScalar(node) : isCollection(node) && node.flow === true;
      const [from, to] = fits && !isAlias(node) ? (node.range ?? []) : [];
      if (from !== undefined && to === found.pos[0]) start = Math.max(start, from);
    },
  });
  const opening = text[start];
  if (opening === undefined) return null;
  return {
    message: `the \`${opening}\` that opens here is never closed`,
    range: [start, start + 1],
    ...(quote ? {} : { hint: "what stands inside is indented deeper than its key" }),
  };
}

/** Aliases of anchors that do not stand before them. */
export function unknownAliases(document: Document): readonly YamlProblem[] {
  const problems: YamlProblem[] = [];
  visit(document, {
    Alias: (_, alias) => {
      if (alias.resolve(document) !== undefined || alias.range == null) return;
      problems.push({
        code: "config/yaml",
        severity: "error",
        message: `no anchor \`&${alias.source}\` stands before this alias`,
        hint: "text that begins with `*` stands in quotes",
        range: [alias.range[0], alias.range[1]],
      });
    },
  });
  return problems;
}

/** Whole numbers with more digits than a number holds. */
export function unsafeNumbers(document: Document): readonly YamlProblem[] {
  const problems: YamlProblem[] = [];
  visit(document, {
    Scalar: (_, { value, source, range }) => {
      if (typeof value !== "number" || Number.isSafeInteger(value) || range == null) return;
      if (source === undefined || !/^[-+]?(?:\d+|0x[\da-f]+|0o[0-7]+)$/i.test(source)) return;
      problems.push({
        code: "config/unsafe-number",
        severity: "warning",
        message: `the number \`${source}\` is read as \`${value}\``,
        hint: "a number holds about 16 digits; quote it to keep them all",
        range: [range[0], range[1]],
      });
    },
  });
  return problems;
}

/** A message in the house's form: lower case at the start, no full stop, one line. */
export function sentence(message: string): string {
  const line = (message.split("\n")[0] ?? message).replace(/\.$/, "");
  return /^[A-Z][a-z]/.test(line) ? line.charAt(0).toLowerCase() + line.slice(1) : line;
}
