/** Labels of variants without the names of their axes, which stand once, in the title. */
export interface ShortLabels {
  readonly title: string;
  readonly cells: readonly string[];
}

/**
 * `prompt=terse,temperature=0` as `terse, 0` under `prompt, temperature`; undefined where the labels do not all name the
 * same axes, or name none.
 */
export function shortLabels(labels: readonly string[]): ShortLabels | undefined {
  const split = labels.map((label) => label.split(/,(?=[\w.-]+=)/));
  const namesOf = (parts: readonly string[]): string =>
    parts.map((part) => part.slice(0, Math.max(0, part.indexOf("=")))).join(", ");
  const [first] = split;
  if (first === undefined || first.some((part) => part.indexOf("=") <= 0)) return undefined;
  const title = namesOf(first);
  if (split.some((parts) => namesOf(parts) !== title)) return undefined;
  return {
    title,
    cells: split.map((parts) => parts.map((part) => part.slice(part.indexOf("=") + 1)).join(", ")),
  };
}
