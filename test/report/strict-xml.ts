/** An element of an XML document. Text is that of the element itself, entities resolved. */
export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Element[];
  readonly text: string;
}

const illegal = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;
const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

/**
 * Reads a document as a strict parser does, and throws for everything that is not well-formed: illegal characters, bare
 * `&` and `<`, `]]>` in text, tags that do not match, attributes twice. Comments, CDATA and DTDs are refused as well.
 */
export function parseXml(document: string): Element {
  if (illegal.test(document)) throw new Error("a character that XML forbids");
  const prolog = '<?xml version="1.0" encoding="UTF-8"?>\n';
  if (!document.startsWith(prolog)) throw new Error("no XML declaration");
  const token = /<(\/?)([\w-]+)((?:\s+[\w-]+="[^"<]*")*)(\/?)>|([^<]+)/gy;
  const root = { name: "", attributes: {}, children: [] as Element[], text: "" };
  const open = [root];
  token.lastIndex = prolog.length;
  while (token.lastIndex < document.length) {
    const at = token.lastIndex;
    const match = token.exec(document);
    const top = open.at(-1);
    if (match === null || top === undefined)
      throw new Error(`not well-formed at ${at}: ${document.slice(at, at + 60)}`);
    const [, closing, name = "", attributes = "", empty, text] = match;
    if (text !== undefined) {
      if (text.includes("]]>")) throw new Error("`]]>` in text");
      if (open.length === 1 && text.trim() !== "") throw new Error("text outside of the root");
      top.text += resolve(text.replace(/\r\n?/g, "\n"));
    } else if (closing === "/") {
      if (top.name !== name) throw new Error(`</${name}> closes <${top.name}>`);
      open.pop();
    } else {
      const element = { name, attributes: readAttributes(attributes), children: [], text: "" };
      top.children.push(element);
      if (empty !== "/") open.push(element);
    }
  }
  if (open.length !== 1 || root.children.length !== 1) throw new Error("not one root element");
  return root.children[0] as Element;
}

function readAttributes(written: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [, name = "", value = ""] of written.matchAll(/([\w-]+)="([^"]*)"/g)) {
    if (name in found) throw new Error(`attribute ${name} twice`);
    // What a parser makes of literal white space in attributes.
    found[name] = resolve(value.replace(/[\t\n\r]/g, " "));
  }
  return found;
}

function resolve(text: string): string {
  return text.replace(/&([^;&]*)(;?)/g, (whole, name: string, end: string) => {
    const numeric = /^#(\d+)$/.exec(name)?.[1];
    const value = numeric === undefined ? entities[name] : String.fromCodePoint(Number(numeric));
    if (value === undefined || end === "") throw new Error(`no entity: ${whole}`);
    return value;
  });
}
