/** One part of a form. */
export interface FormPart {
  readonly name: string;
  /** Null for a part that is no file. */
  readonly filename: string | null;
  readonly content: Buffer;
}

/** The parts of a `multipart/form-data` body (RFC 7578); null for a body that is none. */
export function formParts(contentType: string, body: Buffer): readonly FormPart[] | null {
  const [, quoted, bare] =
    /^multipart\/form-data;.*boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType) ?? [];
  const boundary = quoted ?? bare;
  if (boundary === undefined) return null;
  const mark = Buffer.from(`--${boundary}`);
  const parts: FormPart[] = [];
  let start = body.indexOf(mark);
  while (start >= 0) {
    const from = start + mark.length;
    if (body.toString("latin1", from, from + 2) === "--") return parts;
    const end = body.indexOf(mark, from);
    // What stands between two marks is a line end, head, empty line, content, line end.
    const part = end < 0 ? null : formPart(body.subarray(from + 2, end - 2));
    if (part === null) return null;
    parts.push(part);
    start = end;
  }
  return null;
}

function formPart(bytes: Buffer): FormPart | null {
  const gap = bytes.indexOf("\r\n\r\n");
  const head = gap < 0 ? "" : bytes.toString("utf8", 0, gap);
  const disposition = /^content-disposition:\s*form-data;(.*)$/im.exec(head)?.[1] ?? "";
  const name = /(?:^|[;\s])name="([^"]*)"/i.exec(disposition)?.[1];
  const filename = /filename="([^"]*)"/i.exec(disposition)?.[1] ?? null;
  return name === undefined ? null : { name, filename, content: bytes.subarray(gap + 4) };
}
