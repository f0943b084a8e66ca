/**
 * An error that a person can act on. Its message is a sentence: what was being done, to what, what happened, what to
 * do. `kind` decides the HTTP status and the exit code; `details` point at the place in a file or a form.
 */
export type ErrorKind =
  | 'invalid' // the input is wrong: mend it and try again
  | 'unauthenticated' // no valid sign-in
  | 'forbidden' // signed in, but the right is missing
  | 'not-found'
  | 'conflict' // it clashes with what is there (a duplicate)
  | 'stale' // somebody changed it after it was read: read it again
  | 'too-many-requests'
  | 'unavailable' // a part we need does not answer (database, disk, peer)
  | 'internal'; // our own fault

export interface ErrorDetail {
  /** What is wrong, a sentence in English. */
  readonly message: string;
  /** Stable name of the sentence, so that a console can say it in the reader's language; see `ArungError.code`. */
  readonly code?: string;
  readonly arguments?: Readonly<Record<string, string | number>>;
  /** JSON pointer or field name. */
  readonly field?: string;
  /** Line in the file, from 1. */
  readonly line?: number;
  /** Column of the file: its name in a CSV, its number (from 1) elsewhere. */
  readonly column?: string | number;
}

export class ArungError extends Error {
  readonly kind: ErrorKind;
  /** Stable name of the sentence (`sign-in.wrong-password`); the console translates it with `arguments`. */
  readonly code: string;
  readonly arguments: Readonly<Record<string, string | number>>;
  readonly details: readonly ErrorDetail[];
  /** Seconds after which a repeat makes sense (`too-many-requests`, `unavailable`). */
  readonly retryAfterS: number | undefined;

  constructor(
    kind: ErrorKind,
    message: string,
    options: {
      cause?: unknown;
      code?: string;
      arguments?: Readonly<Record<string, string | number>>;
      details?: readonly ErrorDetail[];
      retryAfterS?: number;
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'ArungError';
    this.kind = kind;
    this.code = options.code ?? kind;
    this.arguments = options.arguments ?? {};
    this.details = options.details ?? [];
    this.retryAfterS = options.retryAfterS;
  }
}
