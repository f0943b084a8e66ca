/**
 * The one life cycle of everything that lives long. Collaborators come in the constructor; `start` resolves when the
 * part is ready for work, `stop` when nothing of it runs any more. Both may be called once.
 */
export interface LongLived {
  readonly name: string;
  start(): Promise<void>;
  stop(): Promise<void>;
}
