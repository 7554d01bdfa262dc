/** How bars are drawn: their length, and with what. */
export interface BarStyle {
  /** Columns of the terminal that a bar takes. */
  readonly cells: number;
  readonly isAscii: boolean;
}

/** A value and its interval; null is unknown. */
interface Ranged {
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

const lines = { track: "─", span: "━", mark: "┿", zero: "│" } as const;
const letters = { track: "-", span: "=", mark: "|", zero: ":" } as const;

/** A share on a line from 0 to 1, its 95 % interval thick, itself marked: `───────────━━━┿━━───`; empty where unknown. */
export function rateBar(rate: Ranged | null, style: BarStyle): string {
  return rate === null ? "" : draw(rate, { from: 0, to: 1, zero: null }, style);
}

/** What stands over such bars: where 0 and 1 are. */
export function rateScale({ cells }: BarStyle): string {
  return `0${" ".repeat(cells - 2)}1`;
}

/** A difference on a line from −`reach` to `reach`, 0 marked in its middle; empty where unknown. */
export function differenceBar(difference: Ranged, reach: number, style: BarStyle): string {
  const cells = oddCells(style);
  return draw(difference, { from: -reach, to: reach, zero: (cells - 1) / 2 }, { ...style, cells });
}

/** What stands over such bars: where 0 is, and how many points `reach` is. */
export function differenceScale(reach: number, style: BarStyle): string {
  const most = String(Math.ceil(reach * 100));
  const space = " ".repeat(Math.max(1, (oddCells(style) - 1) / 2 - most.length - 1));
  return `−${most}${space}0${space}+${most}`;
}

/** An odd number of cells has one for 0. */
function oddCells({ cells }: BarStyle): number {
  return cells - ((cells + 1) % 2);
}

interface Scale {
  readonly from: number;
  readonly to: number;
  /** The cell where 0 is drawn; null for none. */
  readonly zero: number | null;
}

function draw({ value, low, high }: Ranged, { from, to, zero }: Scale, style: BarStyle): string {
  if (value === null) return "";
  const { track, span, mark, zero: origin } = style.isAscii ? letters : lines;
  const at = (x: number): number =>
    Math.min(style.cells - 1, Math.max(0, Math.floor(((x - from) / (to - from)) * style.cells)));
  const [first, last, here] = [at(low ?? value), at(high ?? value), at(value)];
  return Array.from({ length: style.cells }, (_, i) => {
    if (i === here) return mark;
    if (i === zero) return origin;
    return i >= first && i <= last ? span : track;
  }).join("");
}
