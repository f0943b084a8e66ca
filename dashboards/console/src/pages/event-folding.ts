import type { EventView } from '../../../../src/live/messages.ts';
import { causeKey } from '../parts/cause-key.ts';

export type EventLine =
  | { readonly kind: 'event'; readonly event: EventView }
  | { readonly kind: 'fold'; readonly id: string; readonly hidden: number; readonly sample: EventView };

const groupOf = (event: EventView): string => `${event.key} ${event.cause === null ? '' : causeKey(event.cause)}`;

const burstMs = 2000;

/** Newest first; of one moment the one that was told last. */
const newestFirst = (a: EventView, b: EventView): number => b.at - a.at || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0);

/** The same thing that happened to many, one after the other: other things may stand between them within two seconds. */
function runsOf(events: readonly EventView[], withinMs: number): ReadonlyMap<EventView, EventView[]> {
  const runs = new Map<EventView, EventView[]>();
  const latest = new Map<string, EventView[]>();
  let before: EventView[] | undefined;
  for (const event of events) {
    const group = groupOf(event);
    let run = latest.get(group);
    const [first, last] = [run?.[0], run?.at(-1)];
    const goesOn = run === before || (last !== undefined && last.at - event.at <= burstMs);
    if (run === undefined || first === undefined || !goesOn || first.at - event.at > withinMs) {
      run = [];
      latest.set(group, run);
    }
    run.push(event);
    runs.set(event, run);
    before = run;
  }
  return runs;
}

/**
 * Newest first. The same thing that happened to many at once folds after four into one line, unless opened (by the
 * first's id).
 */
export function foldEvents(
  given: readonly EventView[],
  opened: ReadonlySet<string>,
  limit = 4,
  withinMs = 120_000,
): EventLine[] {
  const events = given.toSorted(newestFirst);
  const runs = runsOf(events, withinMs);
  const counted = new Map<EventView[], number>();
  return events.flatMap((event): EventLine[] => {
    const run = runs.get(event) ?? [event];
    const place = counted.get(run) ?? 0;
    counted.set(run, place + 1);
    const [first = event] = run;
    const folds = run.length > limit + 1 && !opened.has(first.id);
    if (!folds || place < limit) return [{ kind: 'event', event }];
    return place === limit ? [{ kind: 'fold', id: first.id, hidden: run.length - limit, sample: first }] : [];
  });
}
