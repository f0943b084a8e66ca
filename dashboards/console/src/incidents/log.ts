import { duration, moment } from '../lib/format.ts';
import { hasText, t, textOf } from '../lib/i18n.svelte.ts';
import { places } from '../lib/places.svelte.ts';
import { spokenLink } from '../parts/place-names.ts';
import { shownText } from '../../../../src/alerting/words/shown-text.ts';
import type { EntryView, NoticeView } from './rest.ts';

/** What a line of the log says, in the reader's language; a key of a later release says that something happened. */
export function entryText({ key, arguments: given }: EntryView): string {
  if (key === 'stage') {
    const stage = `incident.stage.say.${String(given['stage'])}`;
    return hasText(stage) ? t(stage as 'incident.stage.say.taken') : t('incident.entry.other');
  }
  const values: Record<string, string | number> = {};
  for (const [name, value] of Object.entries(given)) {
    if (value === null || typeof value === 'boolean') continue;
    if (typeof value === 'string') values[name] = shownText(spokenName(value));
    else values[name] = name.endsWith('S') ? duration(value * 1000) : name.endsWith('At') ? moment(value) : value;
  }
  return textOf(`incident.entry.${key}`, values) ?? t('incident.entry.other');
}

/** Names of links, in which places of the inventory are written together, as people say them. */
function spokenName(name: string): string {
  const link = places.view?.links.find((one) => one.name === name);
  return link === undefined ? name.replaceAll('--', '–') : spokenLink(link.id, name);
}

/** Messages that went out, as lines of the log. */
export function toldEntries(notices: readonly NoticeView[]): readonly EntryView[] {
  return notices.flatMap(({ id, sentAt, person, channel }) =>
    sentAt === null || person.name === ''
      ? []
      : [
          {
            id,
            at: sentAt,
            key: 'told',
            arguments: { person: person.name },
            person: null,
            actor: '',
            via: '',
            text: channel?.name ?? '',
            photoId: null,
          },
        ],
  );
}

/** How it came: a person's word from the phone, the console, or a channel; empty for what Arung did. */
export function entryVia({ via, actor }: EntryView): string {
  if (actor === '' || via === '') return '';
  if (via === 'phone') return t('incident.by-phone');
  return via === 'console' ? t('incident.by-console') : t('incident.by-channel', { channel: via });
}

export function entryGlyph({ key }: EntryView): 'critical' | 'warning' | 'info' | 'recovered' | 'maintenance' {
  switch (key) {
    case 'opened':
    case 'returned':
      return 'critical';
    case 'revised':
    case 'spread':
    case 'nobody-to-tell':
      return 'warning';
    case 'cleared':
    case 'resolved':
    case 'taken':
      return 'recovered';
    case 'silenced':
    case 'muted':
    case 'work-begun':
    case 'silence-ended':
      return 'maintenance';
    default:
      return 'info';
  }
}
