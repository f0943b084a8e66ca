import type { Controller } from './controller.ts';
import type { Looks } from './looks.ts';
import type { Properties } from './values.ts';

/** A property that is not as it must be: `values.address`. */
export interface Failure {
  readonly property: string;
  /** What is wrong and what to do. */
  readonly reason: string;
}

/** One difference between what is and what the program says; `path` as Pulumi writes it: `fragments[2].values.address`. */
export interface Change {
  readonly path: string;
  readonly kind: 'add' | 'delete' | 'update';
  readonly replace?: boolean;
  /** It is not an input of the program that differs. */
  readonly isOutput?: boolean;
}

export interface Context {
  readonly urn: string;
  /** The resource's name in the program. */
  readonly name: string;
  /** `pulumi PROJECT/STACK`. */
  readonly program: string;
  /** Who it is towards Arung: the program, a blank, and its name. */
  readonly owner: string;
  readonly preview: boolean;
  /** Ends when the user stops the operation, or its time is over. */
  readonly signal: AbortSignal;
  readonly controller: Controller;
  readonly looks: Looks;
  /** A line that stays. */
  readonly log: (message: string, severity?: 'info' | 'warning') => void;
  /** A line that the next one replaces. */
  readonly status: (message: string) => void;
}

export interface State {
  readonly id: string;
  /** As the engine keeps them, secrets marked. */
  readonly outputs: Properties;
  readonly inputs: Properties;
}

/**
 * One type of resources. Inputs come as `check` gave them, with marks. Every method may be called again after it was cut
 * off in the middle, and ends as if it had been called once.
 */
export interface Resource {
  /** `RouterosItem`. */
  readonly type: string;
  /**
   * Fills in what was left out and names what is wrong. What `schema.json` says was looked at before.
   * @param olds what it was until now; nothing for one that is new.
   */
  check(
    inputs: Properties,
    context: Context,
    olds: Properties,
  ): Promise<{ readonly inputs: Properties; readonly failures: readonly Failure[] }>;
  /** What differs; those that the schema calls replacing are marked by the caller. */
  diff(olds: { readonly inputs: Properties; readonly outputs: Properties }, news: Properties): readonly Change[];
  create(inputs: Properties, context: Context): Promise<State>;
  /** What is there now, or null. Without inputs it is to be imported. */
  read(known: State, context: Context): Promise<State | null>;
  update(known: State, inputs: Properties, context: Context): Promise<State>;
  delete(known: State, context: Context): Promise<void>;
}

/** It is there, but not as it should be: the engine keeps it, and tries again at the next `up`. */
export class InitFailed extends Error {
  readonly state: State;
  readonly reasons: readonly string[];

  constructor(state: State, reasons: readonly string[]) {
    super(reasons.join('; '));
    this.name = 'InitFailed';
    this.state = state;
    this.reasons = reasons;
  }
}
