const prefix = 'arung-rollback.';

/** What the pieces of a rollback are called on the device: its file, and its two timers. */
export function rollbackNames(run: string): {
  readonly timer: string;
  readonly atStart: string;
  readonly file: string;
} {
  return { timer: `${prefix}${run}`, atStart: `${prefix}${run}.start`, file: `${prefix}${run}.backup` };
}

export function isRollbackName(name: string): boolean {
  return name.startsWith(prefix);
}

/** The run that a timer or a file belongs to; null where it is none of ours. A file may lie in a folder. */
export function runOf(name: string): string | null {
  return /^(?:.*\/)?arung-rollback\.([a-z0-9-]{1,40})(?:\.start|\.backup)?$/.exec(name)?.[1] ?? null;
}
