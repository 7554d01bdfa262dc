import { element } from "../dom.ts";
import { palette } from "../figure.ts";

/** Pixels of a plot: as wide as the page, up to what reads well. */
export const width: number = Math.max(320, Math.min(720, document.documentElement.clientWidth - 40));
/** Pixels of a line in a plot with a line for each variant. */
export const rowHeight = 22;

const labelLength = width < 600 ? 22 : 44;

/** A name that fits beside a plot: its middle is left out. */
export function label(text: string): string {
  return text.length <= labelLength
    ? text
    : `${text.slice(0, labelLength / 2 - 1)}…${text.slice(-labelLength / 2)}`;
}

/** Left margin for labels of these names, in pixels. */
export function room(names: readonly string[]): number {
  return Math.min(360, 24 + 7.2 * Math.max(0, ...names.map((one) => label(one).length)));
}

/** Names with their colours; a swatch is drawn, because the page allows no inline style. */
export function legend(names: readonly string[]): HTMLElement {
  const items = names.map((name, i) => {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("width", "14");
    svg.setAttribute("height", "10");
    svg.setAttribute("aria-hidden", "true");
    const bar = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    bar.setAttribute("width", "14");
    bar.setAttribute("height", "4");
    bar.setAttribute("y", "3");
    bar.setAttribute("fill", palette[i % palette.length] ?? "currentColor");
    svg.append(bar);
    return element("li", {}, svg, ` ${name}`);
  });
  return element("ul", { class: "legend" }, ...items);
}
