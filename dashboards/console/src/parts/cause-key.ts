import type { CauseView } from '../../../../src/live/messages.ts';

/** Whether two views speak of the same cause. Outside the reader's regions there is no id: name and time must do. */
export function causeKey(cause: CauseView): string {
  return cause.id ?? `${cause.name} ${cause.since}`;
}
