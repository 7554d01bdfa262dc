/** The text of an element, such as one that holds data. */
export function textOf(id: string): string {
  return document.getElementById(id)?.textContent ?? "";
}

/** What the page holds deflated. */
export async function deflatedData(): Promise<unknown> {
  const bytes = Uint8Array.from(atob(textOf("deflated")), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return JSON.parse(await new Response(stream).text());
}

/** Says that all is shown that will be. */
export function markReady(): void {
  document.documentElement.dataset.ready = "true";
}

/** Does what takes its time when the first screen stands: what can be read comes before what is drawn. */
export function afterFirstPaint(draw: () => void): void {
  requestAnimationFrame(() => setTimeout(draw));
}
