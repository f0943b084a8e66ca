/** Numbers and times as the two languages write them; see section 8 of the console's design. */
export type Language = 'id' | 'en';

const locales: Record<Language, string> = { id: 'id-ID', en: 'en-GB' };

export function number(value: number, language: Language): string {
  const digits = Math.abs(value) >= 100 || Number.isInteger(value) ? 0 : 1;
  const text = new Intl.NumberFormat(language === 'id' ? 'id-ID' : 'en-US', { maximumFractionDigits: digits }).format(
    value,
  );
  return text.replace(/^-/, '−');
}

/** Indonesia's three zones by their own names; any other by its offset. */
const zoneNames: Readonly<Record<string, string>> = {
  'Asia/Jakarta': 'WIB',
  'Asia/Pontianak': 'WIB',
  'Asia/Makassar': 'WITA',
  'Asia/Ujung_Pandang': 'WITA',
  'Asia/Jayapura': 'WIT',
};

function zoneName(at: number, timeZone: string): string {
  const known = zoneNames[timeZone];
  if (known !== undefined) return known;
  const parts = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' }).formatToParts(at);
  return parts.find((part) => part.type === 'timeZoneName')?.value ?? 'UTC';
}

/** `29 Nov, 02.10.14 WITA`: always with its day and zone, since a message is also read later and elsewhere. */
export function moment(at: number, language: Language, timeZone: string): string {
  const separator = language === 'id' ? '.' : ':';
  const day = new Intl.DateTimeFormat(locales[language], { timeZone, day: 'numeric', month: 'short' }).format(at);
  const time = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  }).format(at);
  return `${day}, ${time.replaceAll(':', separator)} ${zoneName(at, timeZone)}`;
}

const units: Record<Language, { s: [string, string]; m: [string, string]; h: [string, string]; d: [string, string] }> =
  {
    id: { s: ['detik', 'detik'], m: ['menit', 'menit'], h: ['jam', 'jam'], d: ['hari', 'hari'] },
    en: { s: ['second', 'seconds'], m: ['minute', 'minutes'], h: ['hour', 'hours'], d: ['day', 'days'] },
  };

/** `46 menit`, `3 jam 10 menit`, `2 hari 4 jam`. */
export function duration(seconds: number, language: Language): string {
  const say = (value: number, unit: keyof (typeof units)['id']) =>
    `${number(value, language)} ${units[language][unit][value === 1 ? 0 : 1]}`;
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 90) return say(whole, 's');
  const minutes = Math.round(whole / 60);
  if (minutes < 60) return say(minutes, 'm');
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 === 0 ? say(hours, 'h') : `${say(hours, 'h')} ${say(minutes % 60, 'm')}`;
  const days = Math.floor(hours / 24);
  return hours % 24 === 0 ? say(days, 'd') : `${say(days, 'd')} ${say(hours % 24, 'h')}`;
}

const certainties: Record<Language, readonly [number, string][]> = {
  id: [
    [99, 'Pasti'],
    [90, 'Hampir pasti'],
    [70, 'Kemungkinan besar'],
    [50, 'Mungkin'],
    [0, 'Sebab belum diketahui'],
  ],
  en: [
    [99, 'Certain'],
    [90, 'Almost certain'],
    [70, 'Probably'],
    [50, 'Possibly'],
    [0, 'Cause not yet known'],
  ],
};

/** `Hampir pasti, 97 %`; without a figure where it is certain or nobody knows. */
export function certainty(share: number, language: Language): string {
  const percent = Math.min(100, Math.max(0, Math.floor(share * 100)));
  const word = certainties[language].find(([from]) => percent >= from)?.[1] ?? '';
  return percent >= 99 || percent < 50 ? word : `${word}, ${percent} %`;
}
