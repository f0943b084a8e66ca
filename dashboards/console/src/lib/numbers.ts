/** Numbers, units and times as design says: `1.505`, `1,2 Gbps`, `02.14.03` in Indonesian, `1,505`, `1.2 Gbps`, `02:14:03` in English. */
export type Language = 'id' | 'en';

/** No value. Never a zero. */
export const none = '–';
const minus = '−';
/** Between a number and its unit: they stay on one line. */
const thin = '\u00a0';

type Maybe = number | null | undefined;
const formatters = new Map<string, Intl.NumberFormat>();

function plain(language: Language, value: number, least: number, most: number): string {
  const key = `${language} ${least} ${most}`;
  let formatter = formatters.get(key);
  if (!formatter) {
    formatter = new Intl.NumberFormat(language === 'id' ? 'id-ID' : 'en-GB', {
      minimumFractionDigits: least,
      maximumFractionDigits: most,
    });
    formatters.set(key, formatter);
  }
  const text = formatter.format(Math.abs(value));
  return value < 0 && /[1-9]/.test(text) ? minus + text : text;
}

const isNone = (value: Maybe): value is null | undefined =>
  value === null || value === undefined || Number.isNaN(value);

export function number(language: Language, value: Maybe, decimals = 0): string {
  return isNone(value) ? none : plain(language, value, decimals, decimals);
}

/** Percent; of capacity without decimals, availability with two. */
export function percent(language: Language, value: Maybe, decimals = 0): string {
  return isNone(value) ? none : plain(language, value, decimals, decimals) + thin + '%';
}

/** With its unit: `47 °C`, `−14,2 dBm`. */
export function quantity(language: Language, value: Maybe, unit: string, decimals = 0): string {
  if (isNone(value)) return none;
  const text = plain(language, value, decimals, decimals);
  return unit === '' ? text : text + thin + unit;
}

function scaled(language: Language, value: number, base: number, units: readonly string[], least: 0 | 1 = 1): string {
  let step = 0;
  let rest = Math.abs(value);
  // 999.5 would be written 1,000: it belongs to the next unit.
  while (step < units.length - 1 && rest >= base - base / 2000) {
    rest /= base;
    step++;
  }
  const decimals = step === 0 || rest >= 99.95 ? 0 : 1;
  const text = plain(language, rest, Math.min(least, decimals), decimals);
  return (value < 0 ? minus : '') + text + thin + (units[step] ?? '');
}

/** Bits per second, decimal, two or three digits: `612 kbps`, `1,2 Gbps`. */
export function rate(language: Language, bps: Maybe): string {
  return isNone(bps) ? none : scaled(language, bps, 1000, ['bps', 'kbps', 'Mbps', 'Gbps', 'Tbps']);
}

/** A capacity: as a rate, but short: `1 G`, `100 M`. */
export function capacity(language: Language, bps: Maybe): string {
  return isNone(bps) ? none : scaled(language, bps, 1000, ['b', 'k', 'M', 'G', 'T'], 0);
}

/** Bytes, binary: `1,4 MiB`. */
export function bytes(language: Language, value: Maybe): string {
  return isNone(value) ? none : scaled(language, value, 1024, ['B', 'KiB', 'MiB', 'GiB', 'TiB']);
}

const zones: Readonly<Record<string, string>> = {
  'Asia/Jakarta': 'WIB',
  'Asia/Pontianak': 'WIB',
  'Asia/Makassar': 'WITA',
  'Asia/Jayapura': 'WIT',
  UTC: 'UTC',
};

/** Name of a time zone as people say it. */
export function zoneName(zone: string): string {
  return zones[zone] ?? zone;
}

export interface DateParts {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly weekday: number;
  readonly hour: string;
  readonly minute: string;
  readonly second: string;
}

const readers = new Map<string, Intl.DateTimeFormat>();
const weekdays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

/** A moment taken apart in a time zone. */
export function dateParts(at: number, zone: string): DateParts {
  let reader = readers.get(zone);
  if (!reader) {
    reader = new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      hourCycle: 'h23',
    });
    readers.set(zone, reader);
  }
  const parts: Record<string, string> = {};
  for (const part of reader.formatToParts(at)) parts[part.type] = part.value;
  return {
    year: Number(parts['year']),
    month: Number(parts['month']),
    day: Number(parts['day']),
    weekday: weekdays.indexOf(parts['weekday'] ?? '') + 1,
    hour: parts['hour'] ?? '00',
    minute: parts['minute'] ?? '00',
    second: parts['second'] ?? '00',
  };
}

const months: Readonly<Record<Language, readonly string[]>> = {
  id: ['Jan', 'Feb', 'Mar', 'Apr', 'Mei', 'Jun', 'Jul', 'Agu', 'Sep', 'Okt', 'Nov', 'Des'],
  en: ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'],
};
const shortDays: Readonly<Record<Language, readonly string[]>> = {
  id: ['Sen', 'Sel', 'Rab', 'Kam', 'Jum', 'Sab', 'Min'],
  en: ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'],
};
const longDays: Readonly<Record<Language, readonly string[]>> = {
  id: ['Senin', 'Selasa', 'Rabu', 'Kamis', 'Jumat', 'Sabtu', 'Minggu'],
  en: ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'],
};

const separator = (language: Language): string => (language === 'id' ? '.' : ':');

/** `02.14` or, with seconds, `02.14.03`. */
export function timeOfDay(language: Language, at: number, zone: string, seconds = false): string {
  const { hour, minute, second } = dateParts(at, zone);
  const between = separator(language);
  return hour + between + minute + (seconds ? between + second : '');
}

/** `24 Nov`, with the year when it is not this one or after 11 months. */
export function day(language: Language, at: number, zone: string, from: number): string {
  const parts = dateParts(at, zone);
  const month = months[language][parts.month - 1] ?? '';
  return `${parts.day} ${month}${Math.abs(from - at) > 335 * 86_400_000 ? ` ${parts.year}` : ''}`;
}

/** `Nov`. */
export function month(language: Language, at: number, zone: string): string {
  return months[language][dateParts(at, zone).month - 1] ?? '';
}

/** `Rab 25 Nov`. */
export function dayWithWeekday(language: Language, at: number, zone: string): string {
  const parts = dateParts(at, zone);
  return `${shortDays[language][parts.weekday - 1] ?? ''} ${parts.day} ${months[language][parts.month - 1] ?? ''}`;
}

/** The full instant, for hover and for the past: `Selasa 24 Nov 2026, 10.41.07 WITA`. */
export function instant(language: Language, at: number, zone: string, seconds = true): string {
  const parts = dateParts(at, zone);
  const date = `${longDays[language][parts.weekday - 1] ?? ''} ${parts.day} ${months[language][parts.month - 1] ?? ''} ${parts.year}`;
  return `${date}, ${timeOfDay(language, at, zone, seconds)} ${zoneName(zone)}`;
}

/**
 * The day and the time, where nothing around it says which day is meant: `24 Nov pukul 10.38`, `24 Nov 10:38`. Of today
 * with seconds. `01.12.16` alone is read as a day.
 */
export function dated(language: Language, at: number, zone: string, from: number): string {
  const seconds = sameDay(dateParts(from, zone), dateParts(at, zone));
  const between = language === 'id' ? ' pukul ' : ' ';
  return day(language, at, zone, from) + between + timeOfDay(language, at, zone, seconds);
}

const sameDay = (a: DateParts, b: DateParts): boolean => a.day === b.day && a.month === b.month && a.year === b.year;

/** How long ago: `baru saja`, `40 detik lalu`, `5 menit lalu`, `3 jam 10`, `kemarin 16.51`, `24 Nov 10.38`. */
export function age(language: Language, at: number, from: number, zone: string): string {
  const seconds = Math.floor((from - at) / 1000);
  const indonesian = language === 'id';
  if (seconds < 10) return indonesian ? 'baru saja' : 'just now';
  if (seconds < 60) return indonesian ? `${seconds} detik lalu` : `${seconds} s ago`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return indonesian ? `${minutes} menit lalu` : `${minutes} min ago`;
  const here = dateParts(from, zone);
  const there = dateParts(at, zone);
  const hours = Math.floor(minutes / 60);
  if (sameDay(here, there) || hours < 6) {
    const rest = String(minutes % 60).padStart(2, '0');
    return indonesian ? `${hours} jam ${rest}` : `${hours} h ${rest}`;
  }
  if (sameDay(dateParts(from - 86_400_000, zone), there)) {
    return `${indonesian ? 'kemarin' : 'yesterday'} ${timeOfDay(language, at, zone)}`;
  }
  return `${day(language, at, zone, from)} ${timeOfDay(language, at, zone)}`;
}

/** How long something has lasted, for a column: `40 dtk`, `4 menit`, `3 jam 10 mnt`, `61 hari`. */
export function duration(language: Language, ms: Maybe): string {
  if (isNone(ms)) return none;
  const indonesian = language === 'id';
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} ${indonesian ? 'dtk' : 's'}`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} ${indonesian ? 'menit' : 'min'}`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) {
    const rest = minutes % 60;
    const head = `${hours} ${indonesian ? 'jam' : 'h'}`;
    return rest === 0 ? head : `${head} ${rest} ${indonesian ? 'mnt' : 'min'}`;
  }
  const days = Math.floor(hours / 24);
  if (days === 1) return indonesian ? '1 hari' : '1 day';
  return `${number(language, days)} ${indonesian ? 'hari' : 'days'}`;
}

/** A duration that ticks: `00.03.49`, beyond a day `2 h 03.49.10`. */
export function ticking(language: Language, ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const between = separator(language);
  const two = (value: number): string => String(value).padStart(2, '0');
  return [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].map(two).join(between);
}
