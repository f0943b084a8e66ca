import { duration, moment, type Language } from '../words/figures.ts';
import { fill } from '../words/phrases.ts';
import { shownName, shownText } from '../words/shown-text.ts';
import type { Health } from './look.ts';

interface Words {
  /** `{name}` of the Arung; title, and below it `{since}` `{reason}` `{parts}` `{duration}`. */
  readonly dead: readonly [string, string];
  readonly impaired: readonly [string, string];
  readonly alive: readonly [string, string];
  readonly parts: Readonly<Record<string, string>>;
}

const words: Readonly<Record<Language, Words>> = {
  id: {
    dead: [
      'Arung {name} tidak menjawab',
      'Sejak {since} ({reason}). Selama itu tidak ada yang memantau jaringannya, dan tidak ada pesan dari sana.',
    ],
    impaired: [
      'Pemantauan Arung {name} terganggu',
      'Sejak {since}. Tidak bekerja: {parts}. Jaringannya sendiri belum tentu terganggu.',
    ],
    alive: ['Arung {name} bekerja lagi', 'Setelah {duration}.'],
    parts: { database: 'basis data', broker: 'broker MQTT', metrics: 'penyimpan metrik' },
  },
  en: {
    dead: [
      'Arung {name} does not answer',
      'Since {since} ({reason}). Nobody watches its network meanwhile, and no message comes from there.',
    ],
    impaired: [
      'Monitoring by Arung {name} is impaired',
      'Since {since}. Not working: {parts}. The network itself may be well.',
    ],
    alive: ['Arung {name} works again', 'After {duration}.'],
    parts: { database: 'database', broker: 'MQTT broker', metrics: 'metric store' },
  },
};

/** What is told of an Arung; `lastedS` only of one that is alive again. */
export function watchWords(
  { name, health, since, lastedS }: { name: string; health: Health; since: number; lastedS: number | null },
  language: Language,
  timeZone: string,
): { readonly title: string; readonly text: string } {
  const own = words[language];
  const parts = health.state === 'impaired' ? health.parts.map((part) => own.parts[part] ?? shownText(part, 40)) : [];
  const values = {
    name: shownName(name),
    since: moment(since, language, timeZone),
    reason: health.state === 'dead' ? shownText(health.reason, 60) : '',
    parts: parts.length === 0 ? '?' : parts.join(', '),
    duration: duration(lastedS ?? 0, language),
  };
  const [title, text] = own[health.state];
  return { title: fill(title, values), text: fill(text, values) };
}
