import type { EventView } from '../../../../src/live/messages.ts';
import { duration } from '../lib/format.ts';
import { t, textOf } from '../lib/i18n.svelte.ts';
import { causeText } from './cause-text.ts';
import { identifiedAs } from './identified-as.ts';

type EventGlyph = 'up' | 'down' | 'unreachable' | 'unknown' | 'maintenance' | 'warning' | 'info' | 'recovered';

/** The sign of an event: what came back is recovered, what was done or noticed is information. */
export function eventGlyph(event: EventView): EventGlyph {
  switch (event.key) {
    case 'rollout.stopped':
    case 'device.reverted':
    case 'device.drifted':
    case 'device.drifted-by':
    case 'device.host-key-changed':
      return 'warning';
    case 'device.lost':
      return 'unknown';
    case 'device.drift-over':
      return 'recovered';
  }
  const what = event.key.slice(event.key.indexOf('.') + 1);
  switch (what) {
    case 'up':
    case 'back':
      return 'recovered';
    case 'down':
    case 'unreachable':
    case 'unknown':
      return what;
    case 'silent':
      return 'unknown';
    case 'restarted':
      return 'warning';
    default:
      return 'info';
  }
}

const written = (value: string | number | boolean | null | undefined): string =>
  value === null || value === undefined || value === '' ? '–' : String(value);

/** What happened, a sentence without its subject: the subject stands before it in bold. */
export function eventText(event: EventView): string {
  const args = event.arguments;
  switch (event.key) {
    case 'device.restarted':
      return typeof args['uptimeS'] === 'number'
        ? t('event.device.restarted-ago', { age: duration(args['uptimeS'] * 1000) })
        : t('event.device.restarted');
    case 'device.identified':
      return t('event.device.identified', { what: identifiedAs(args) });
    case 'device.changed': {
      const attribute = written(args['attribute']);
      return t('event.device.changed', {
        attribute: textOf(`attribute.${attribute}`) ?? attribute,
        from: written(args['from']),
        to: written(args['to']),
      });
    }
    case 'interface.down':
    case 'interface.up':
      return t(`event.${event.key}`, { interface: written(args['interface']) });
    case 'inventory.imported':
      return t('event.inventory.imported', {
        created: written(args['created']),
        changed: written(args['changed']),
        removed: written(args['removed']),
        by: written(args['by']),
      });
    default: {
      const filled = Object.entries(args).map(([name, value]) => [
        name,
        typeof value === 'number' ? value : written(value),
      ]);
      return textOf(`event.${event.key}`, Object.fromEntries(filled)) ?? event.key;
    }
  }
}

/** What it happened to, as people call it. */
export function eventSubject({ entityKind, entityName }: Pick<EventView, 'entityKind' | 'entityName'>): string {
  return entityKind === 'rollout' ? t('changes.number', { number: entityName }) : entityName;
}

/** Why, where it is known and is not the thing itself. */
export function eventCause(event: EventView): string | null {
  if (event.cause === null || (event.cause.id !== null && event.cause.id === event.entityId)) return null;
  return t('event.cause', { cause: causeText(event.cause) });
}

/** Where to read more about what it happened to. */
export function eventHref(event: EventView): string | null {
  if (event.entityId === null) return null;
  switch (event.entityKind) {
    case 'device':
      return `/devices/${event.entityId}`;
    case 'site':
      return `/sites/${event.entityId}`;
    case 'link':
      return `/?link=${event.entityId}`;
    case 'service':
      return `/services/${event.entityId}`;
    case 'incident':
      return `/incidents/${event.entityId}`;
    case 'rollout':
      return `/changes/${event.entityName}`;
    default:
      return null;
  }
}
