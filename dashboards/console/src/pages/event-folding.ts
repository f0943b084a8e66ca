import type { EventView } from '../../../../src/live/messages.ts';
import { causeKey } from '../parts/cause-key.ts';

export type EventLine =
  | { readonly kind: 'event'; readonly event: EventView }
  | { readonly kind: 'fold'; readonly id: string; readonly hidden: number; readonly sample: EventView };

const groupOf = (event: EventView): string => `${event.key} ${event.cause === null ? '' : causeKey(event.cause)}`;

const burstMs = 2000;

/** Newest first; what happened within two seconds stands together by what it was, so that it can fold. */
function bursts(events: readonly EventView[]): EventView[] {
  return [...events].sort((a, b) => {
    const [burstA, burstB] = [Math.floor(a.at / burstMs), Math.floor(b.at / burstMs)];
    if (burstA !== burstB) return burstB - burstA;
    const [groupA, groupB] = [groupOf(a), groupOf(b)];
    return groupA === groupB ? b.at - a.at : groupA < groupB ? -1 : 1;
  });
}

/** The same thing that happened to many at once folds after four into one line, unless opened (by the first's id). */
export function foldEvents(
  given: readonly EventView[],
  opened: ReadonlySet<string>,
  limit = 4,
  withinMs = 120_000,
): EventLine[] {
  const events = bursts(given);
  const lines: EventLine[] = [];
  let at = 0;
  while (at < events.length) {
    const first = events[at];
    if (first === undefined) break;
    let end = at + 1;
    for (; end < events.length; end++) {
      const next = events[end];
      if (next === undefined || groupOf(next) !== groupOf(first) || first.at - next.at > withinMs) break;
    }
    const shown = end - at > limit + 1 && !opened.has(first.id) ? at + limit : end;
    for (const event of events.slice(at, shown)) lines.push({ kind: 'event', event });
    if (shown < end) lines.push({ kind: 'fold', id: first.id, hidden: end - shown, sample: first });
    at = end;
  }
  return lines;
}
