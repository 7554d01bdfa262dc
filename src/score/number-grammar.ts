/** A number found in a text. */
export interface FoundNumber {
  readonly value: number;
  /** ASCII digits, `.`, `-` and `e` alone, without separators: what `Number` and `BigInt` read. */
  readonly plain: string;
}

/** Characters that mean the same as an ASCII one, one for one. */
const folded: ReadonlyMap<string, string> = new Map([
  ...[..."０１２３４５６７８９"].map((digit, i): [string, string] => [digit, String(i)]),
  ...[..."−－﹣–"].map((minus): [string, string] => [minus, "-"]),
  ...[..."\u00a0\u202f\u2009"].map((space): [string, string] => [space, " "]),
  ["，", ","],
  ["．", "."],
  ["＋", "+"],
  ["＾", "^"],
  ["’", "'"],
]);
const foldable = new RegExp(`[${[...folded.keys()].join("")}]`, "g");

/**
 * Groups of three digits: 1,234,567 · 1'234 · 1 234 567 · 1_000 · LaTeX's 1{,}234, 1\,234 and 1,\!234. A first group of
 * zeros (0,123) groups nothing, nor does a space in a row of numbers (1 2 300).
 */
const grouped = String.raw`(?!0+[^0-9])[0-9]{1,3}(?:(?:,(?:\\!)?|\{,\}|\\,|')[0-9]{3})+(?![0-9])|(?<![0-9] )(?!0+[^0-9])[0-9]{1,3}(?:[ _][0-9]{3})+(?![0-9])`;
const magnitude = String.raw`(?:${grouped}|[0-9]+)(?:\.[0-9]+)?|(?<![0-9A-Za-z])\.[0-9]+`;
const exponent = String.raw`\s?\^\s?(?:\{\s?(?<braced>[+-]?[0-9]+)\s?\}|(?<bare>[+-]?[0-9]+))`;
const number = new RegExp(
  String.raw`(?<magnitude>${magnitude})(?:[eE](?<e>[+-]?[0-9]+)|(?<times>\s?(?:[×*·]|\\times|\\cdot)\s?10)?${exponent})?`,
  "g",
);

const currency =
  /(?:[$€£¥￥＄₩₹₽]|(?<![A-Za-z])(?:USD|EUR|GBP|RMB|CNY|JPY|CHF|INR|HKD|TWD|AUD|CAD|SGD|Rs\.?))\s?$/;
/** Digits that hang on a Latin letter (CO2), an underscore or a caret are a name, a subscript or an exponent. */
const hanging = /[A-Za-z_^]$|[_^]\{\s?[+-]?$|\^\s?[+-]?$/;
const command = /\\[A-Za-z]+$/;
/** A sign right before the number, unless something that it could be taken away from stands right before the sign. */
const signed = /(?<![0-9A-Za-z_)\]}%.])[+-]$/;
/** Longest thing that is looked at before a number: sign, currency, sign or a LaTeX command. */
const lookBehind = 24;

/** Every number of a text, in order. The grammar stands in docs/scorers.md. */
export function findNumbers(text: string): readonly FoundNumber[] {
  const plainText = text.replace(foldable, (character) => folded.get(character) ?? character);
  const found: FoundNumber[] = [];
  for (const match of plainText.matchAll(number)) {
    const before = plainText.slice(Math.max(0, match.index - lookBehind), match.index);
    const sign = signBefore(before);
    if (sign !== null) found.push(read(match, sign));
  }
  return found;
}

/** `-` or nothing; null when what stands before says that the digits are no number of their own. */
function signBefore(before: string): "-" | "" | null {
  const rest = before.replace(currency, "");
  if (rest === before && hanging.test(before) && !command.test(before)) return null;
  const sign = signed.exec(before) ?? signed.exec(rest.replace(/\\$/, ""));
  return sign?.[0] === "-" ? "-" : "";
}

function read(match: RegExpExecArray, sign: "-" | ""): FoundNumber {
  const { magnitude: written = "", e, times, braced, bare } = match.groups ?? {};
  const digits = written.replace(/[^0-9.]/g, "");
  const raised = braced ?? bare;
  let plain = `${sign}${digits}`;
  if (e !== undefined) plain += `e${e}`;
  else if (raised !== undefined && times !== undefined) plain += `e${raised}`;
  else if (raised !== undefined && digits === "10") plain = `${sign}1e${raised}`;
  return { value: Number(plain), plain };
}
