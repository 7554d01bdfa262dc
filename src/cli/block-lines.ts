import stringWidth from "string-width";
import { cut, paint, printable, type Tone } from "../report/text-table.ts";
import { laneLines } from "./lane-lines.ts";
import type { RunTally } from "./run-tally.ts";
import { secondsWords, speedParts, spentWords, timeLeftWords } from "./tally-words.ts";

/** What a block of lines must fit, and how it is drawn. */
export interface BlockOptions {
  readonly width: number;
  readonly height: number;
  readonly color: boolean;
  readonly isAscii: boolean;
}

/** A piece of a line. */
interface Part {
  readonly text: string;
  readonly tone?: Tone | null;
  /** Left out where there is no room: 1 goes first. */
  readonly spare: number;
}

const separator = " · ";
const longestBar = 20;

/**
 * How a run stands, in at most so many lines of at most so many columns: the whole of it, its lanes, what it used, and
 * the last failure. Nothing that a server says can steer the terminal.
 */
export function blockLines(tally: RunTally, now: number, options: BlockOptions): readonly string[] {
  const spent = spentWords(tally);
  const below = [...(spent === "" ? [] : [cut(spent, options.width)]), ...failureLine(tally, now, options)];
  const head = headLine(tally, now, options);
  const room = Math.max(0, options.height - 1 - below.length);
  return [head, ...laneLines(tally, now, { ...options, height: room }), ...below].slice(
    0,
    Math.max(1, options.height),
  );
}

function headLine(tally: RunTally, now: number, options: BlockOptions): string {
  const { done, total, failed, retried } = tally;
  const share = total === 0 ? 1 : Math.min(1, done / total);
  const [requests, tokens] = speedParts(tally.speed(now));
  const times = tally.timesLeft(now);
  const long = printable(timeLeftWords(times, tally.lanes.size));
  // Which lane it is stands in the lines of the lanes, too.
  const left = stringWidth(long) > options.width / 3 ? timeLeftWords(times, 1) : long;
  const optional = (text: string | undefined, spare: number): readonly Part[] =>
    text === undefined || text === "" ? [] : [{ text, spare }];
  const cells = Math.min(longestBar, Math.floor((options.width + 1) / 4));
  return fitted(
    `${bar(share, cells, options)} ${Math.floor(share * 100)}% `,
    [
      { text: `${done}/${total}`, spare: 9 },
      { text: `${failed} failed`, spare: 8, tone: failed > 0 ? "red" : null },
      ...optional(retried > 0 ? `${retried} retried` : "", 3),
      ...optional(requests, 4),
      ...optional(tokens, 2),
      ...optional(left, 5),
    ],
    options,
  );
}

/** A line of parts; where there is no room for all, those that say the least are left out. */
function fitted(lead: string, parts: readonly Part[], options: BlockOptions): string {
  const plain = lead + parts.map(({ text }) => text).join(separator);
  if (stringWidth(plain) <= options.width) {
    const painted = parts.map(({ text, tone }) => (tone == null ? text : paint(tone, text, options)));
    return lead + painted.join(separator);
  }
  if (parts.length === 1) return cut(plain, options.width);
  const least = Math.min(...parts.map(({ spare }) => spare));
  return fitted(
    lead,
    parts.filter(({ spare }) => spare !== least),
    options,
  );
}

function bar(share: number, cells: number, { isAscii }: BlockOptions): string {
  const full = Math.floor(share * cells);
  return (isAscii ? "#" : "█").repeat(full) + (isAscii ? "." : "░").repeat(cells - full);
}

/** `last failure: rate_limited: too many requests (provider/model, 3 s ago)`, the message cut to fit. */
function failureLine({ lastFailure }: RunTally, now: number, options: BlockOptions): readonly string[] {
  if (lastFailure === null) return [];
  const { kind, message, lane, at } = lastFailure;
  const head = "last failure:";
  const tail = ` (${printable(lane)}, ${secondsWords(Math.max(0, now - at))} ago)`;
  const text = ` ${kind}: ${printable(message)}`;
  const room = options.width - head.length - stringWidth(tail);
  const line = room < comfortableMessage ? cut(head + text, options.width) : head + cut(text, room) + tail;
  return [line.startsWith(head) ? paint("red", head, options) + line.slice(head.length) : line];
}

/** With less than this for the message, where and when it came is left out. */
const comfortableMessage = 30;
