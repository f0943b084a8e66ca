import type { CauseView, EventView } from '../live/messages.ts';
import type { RestCause, RestEvent } from './views.ts';

/** The live stream counts milliseconds; REST writes ISO 8601, like all that leaves this API. */
export function moment(atMs: number): string {
  return new Date(atMs).toISOString();
}

export function restCause(cause: CauseView | null): RestCause | null {
  return cause === null ? null : { ...cause, since: moment(cause.since) };
}

export function restEvent(event: EventView): RestEvent {
  const { since, ...others } = event.arguments;
  return {
    ...event,
    at: moment(event.at),
    cause: restCause(event.cause),
    arguments: since === undefined ? others : { ...others, since: typeof since === 'number' ? moment(since) : since },
  };
}
