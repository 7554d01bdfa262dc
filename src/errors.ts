/** Exit codes of the command line; they are part of the contract. */
export const exitCodes = {
  good: 0,
  gate: 1,
  usage: 2,
  unfinished: 3,
  interrupted: 130,
  terminated: 143,
} as const;

/** What stops a command for a reason the user can mend. `code` is stable, `hint` says what to do. */
export class PromptgridError extends Error {
  readonly code: string;
  readonly hint: string | null;
  readonly exitCode: number;

  constructor(
    code: string,
    message: string,
    options: { hint?: string; exitCode?: number; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.hint = options.hint ?? null;
    this.exitCode = options.exitCode ?? exitCodes.usage;
  }
}

/** The command line or an input file is wrong; nothing was sent. Exit 2. */
export class UsageError extends PromptgridError {}

/** The run cannot go on: disk, lock, port. Exit 3. */
export class RunError extends PromptgridError {
  constructor(code: string, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(code, message, { ...options, exitCode: exitCodes.unfinished });
  }
}
