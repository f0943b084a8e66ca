import type { RestCause, RestEvent } from '../../../../src/api/views.ts';
import type { CauseView, EventView } from '../../../../src/live/messages.ts';

/** REST writes times in ISO 8601, the live stream counts milliseconds: here the pages use one shape for both. */
export function causeOf(cause: RestCause | null): CauseView | null {
  return cause === null ? null : { ...cause, since: Date.parse(cause.since) };
}

export function eventOf(event: RestEvent): EventView {
  return { ...event, at: Date.parse(event.at), cause: causeOf(event.cause) };
}
