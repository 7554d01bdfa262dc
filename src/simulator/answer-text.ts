/** Moves over which a dripping answer is spread, at most. */
const drops = 30;

/**
 * The bytes of an answer in at most 30 pieces of about equal length. They are cut where readers go wrong, where there is
 * such a place: inside a character, or inside a line end.
 */
export function dripPieces(text: string): readonly Buffer[] {
  const bytes = Buffer.from(text);
  const cuts = [0];
  for (let drop = 1; drop < drops; drop++) {
    const even = Math.floor((drop * bytes.length) / drops);
    const next = Math.floor(((drop + 1) * bytes.length) / drops);
    const last = cuts.at(-1) ?? 0;
    let cut = even;
    while (cut < next && !isAwkward(bytes[cut])) cut++;
    if (cut === next) cut = even;
    if (cut > last) cuts.push(cut);
  }
  return cuts.map((cut, at) => bytes.subarray(cut, cuts[at + 1]));
}

/** Whether a cut before this byte is inside a character, or before a line feed that follows a carriage return. */
function isAwkward(byte: number | undefined): boolean {
  return byte !== undefined && (byte === 0x0a || (byte & 0xc0) === 0x80);
}

/** A stream with CRLF line ends. */
export function withCrlf(stream: string): string {
  return stream.replaceAll("\n", "\r\n");
}

/**
 * The same stream with all that the format allows: a byte order mark, CRLF line ends, comments, `event:`, `id:` and
 * `retry:`, and each JSON text in three `data:` lines, the second without a space.
 */
export function ornateStream(stream: string): string {
  const events = stream.split("\n\n").filter((event) => event !== "");
  const written = events.map((event, at) => {
    const lines = event.replace(/^data: \{(.*)\}$/s, "data: {\ndata:$1\ndata: }");
    return `: keep-alive\n\nid: ${at}\nevent: message\n${lines}\n\n`;
  });
  return `\uFEFF${withCrlf(`retry: 1000\n\n${written.join("")}`)}`;
}

/** The same JSON text after a byte order mark and empty lines, over many lines with CRLF ends. */
export function ornateJson(text: string): string {
  return `\uFEFF${withCrlf(`\n\n${JSON.stringify(JSON.parse(text), null, 2)}\n`)}`;
}
