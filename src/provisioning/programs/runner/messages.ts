import type { ProgramOperation } from '../../../domain/program-run.ts';
import type { EngineEvent } from '../engine-event.ts';

/**
 * What the controller tells the process that runs a program, and what it hears from there: over the channel between
 * parent and child, since what is secret is no argument of a process.
 */
export interface RunOrder {
  readonly tell: 'run';
  readonly operation: ProgramOperation;
  readonly stack: string;
  readonly folder: string;
  /** Path of the Automation API. */
  readonly automation: string;
  /** Folder of `pulumi`. */
  readonly cliFolder: string;
  readonly pulumiHome: string;
  /** A run before it ended without giving back the stack's lock: take it away. */
  readonly breakLock: boolean;
  /** What the processes of this run alone are told: the token, the passphrase. */
  readonly secretEnv: Readonly<Record<string, string>>;
}

export type ToRunner = RunOrder | { readonly tell: 'go' };

/** `selected`: the stack is there, and nothing was done with it yet; it goes on when it is told `go`. */
export type FromRunner =
  | { readonly heard: 'selected'; readonly version: string }
  | { readonly heard: 'event'; readonly event: EngineEvent }
  | { readonly heard: 'done' }
  /** The CLI is not on this computer, and could not be fetched. */
  | { readonly heard: 'not-loaded'; readonly reason: string; readonly archive: string }
  | { readonly heard: 'failed'; readonly name: string; readonly message: string };
