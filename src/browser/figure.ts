import { type PlotOptions, plot } from "@observablehq/plot";
import { element } from "./dom.ts";

/** Colours of categories that are told apart without colour vision (Okabe and Ito), lighter ones last. */
export const palette: readonly string[] = [
  "#0072b2",
  "#d55e00",
  "#009e73",
  "#cc79a7",
  "#e69f00",
  "#56b4e9",
  "#8c6d31",
  "#7f7f7f",
];

/** A plot with its caption. What stands in it is told by `description`; the page's own style replaces that of the library. */
export function figure(caption: string, description: string, options: PlotOptions): HTMLElement {
  const drawn = plot({ className: "plot", marginBottom: 44, ...options });
  for (const style of drawn.querySelectorAll("style")) style.remove();
  const svg = drawn instanceof SVGElement ? drawn : drawn.querySelector("svg");
  svg?.setAttribute("role", "img");
  svg?.setAttribute("aria-label", description);
  // Marks have labels of their own that readers would read out one by one.
  for (const mark of svg?.querySelectorAll("[aria-label]") ?? []) mark.removeAttribute("aria-label");
  return element(
    "figure",
    {},
    element("figcaption", {}, caption),
    element("div", { class: "scroll" }, drawn),
  );
}
