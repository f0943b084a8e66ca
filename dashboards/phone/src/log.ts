import type { PhoneView } from '../../../src/alerting/phone/phone-view.ts';
import { h } from './dom.ts';
import { moment, type Language } from './format.ts';
import type { Queued } from './store.ts';
import { words, type Act, type Words } from './words.ts';

type Entry = NonNullable<PhoneView['facts']>['log'][number];

/** What was written, the newest first; what this phone has not sent yet stands above. */
export function log(view: PhoneView, pending: readonly Queued[], language: Language, now: number): HTMLElement | null {
  const w = words[language];
  const time = (at: string) => h('time', { datetime: at }, moment(at, now, view.timeZone, language));
  const own: HTMLElement[] = [];
  for (const press of pending) {
    own.unshift(
      h(
        'li',
        {},
        time(press.at),
        h('b', {}, view.person.name),
        ` ${w.acts[press.action]}, `,
        h('i', {}, press.refused === undefined ? w.waits : w.wasRefused),
        press.text === undefined || press.action !== 'comment' ? null : h('p', {}, press.text),
      ),
    );
  }
  const told = (view.facts?.log ?? []).flatMap((entry) => {
    const words = sentence(entry, w);
    if (words === null) return [];
    const text = entry.text === '' ? null : h('p', {}, entry.text);
    return h(
      'li',
      {},
      time(entry.at),
      ...(entry.actor === '' ? [words] : [h('b', {}, entry.actor), ` ${words}`]),
      text,
    );
  });
  return own.length + told.length === 0 ? null : h('ul', { class: 'card log' }, ...own, ...told);
}

/** Null for what is of no use to who works on it: who else was told, and what was not. */
function sentence({ key, arguments: given }: Entry, w: Words): string | null {
  const acts: Readonly<Record<string, Act>> = {
    taken: 'take',
    comment: 'comment',
    photo: 'photo',
    muted: 'mute',
    'work-begun': 'work',
  };
  const act = acts[key];
  if (act !== undefined) return w.acts[act];
  if (key === 'stage') {
    const stage = given['stage'];
    return stage === 'on-the-way' || stage === 'on-site' || stage === 'fixed' ? w.acts[stage] : w.acts['hand-back'];
  }
  return w.entries[key] ?? null;
}
