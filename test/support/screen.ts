import xterm from "@xterm/headless";

/** A terminal without a window: what is written to it is what somebody would see. */
export class Screen {
  readonly #terminal: xterm.Terminal;

  constructor(columns: number, rows: number) {
    this.#terminal = new xterm.Terminal({ cols: columns, rows, scrollback: 10_000, allowProposedApi: true });
  }

  /** Resolves once the text is on the screen. */
  write(text: string): Promise<void> {
    return new Promise((resolve) => this.#terminal.write(text, resolve));
  }

  resize(columns: number, rows: number): void {
    this.#terminal.resize(columns, rows);
  }

  /** All lines, scrolled away or not, without the empty ones at the end. */
  get text(): string {
    const { active } = this.#terminal.buffer;
    const lines = Array.from(
      { length: active.length },
      (_, i) => active.getLine(i)?.translateToString(true) ?? "",
    );
    return lines.join("\n").trimEnd();
  }

  /** Lines that have scrolled out of sight. */
  get scrolled(): number {
    return this.#terminal.buffer.active.baseY;
  }
}
