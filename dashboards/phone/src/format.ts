export type Language = 'id' | 'en';

const zones: Readonly<Record<string, string>> = {
  'Asia/Jakarta': 'WIB',
  'Asia/Pontianak': 'WIB',
  'Asia/Makassar': 'WITA',
  'Asia/Jayapura': 'WIT',
};

export function zoneName(timeZone: string): string {
  return zones[timeZone] ?? timeZone;
}

/** 02.10, or 02:10 in English. */
export function clock(at: string | number, timeZone: string, language: Language): string {
  const text = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).format(new Date(at));
  return language === 'id' ? text.replace(':', '.') : text;
}

/** With its day where that is not today's: `28 Nov 02.10`. */
export function moment(at: string, now: number, timeZone: string, language: Language): string {
  const day = (time: string | number) => new Intl.DateTimeFormat('en-CA', { timeZone }).format(new Date(time));
  if (day(at) === day(now)) return clock(at, timeZone, language);
  const date = new Intl.DateTimeFormat(language, { timeZone, day: 'numeric', month: 'short' }).format(new Date(at));
  return `${date} ${clock(at, timeZone, language)}`;
}

export function span(ms: number, language: Language): string {
  const minutes = Math.max(0, Math.floor(ms / 60_000));
  const [hours, days] = [Math.floor(minutes / 60), Math.floor(minutes / 1440)];
  if (days > 0) return language === 'id' ? `${days} hari ${hours % 24} jam` : `${days} d ${hours % 24} h`;
  if (hours > 0) return language === 'id' ? `${hours} jam ${minutes % 60} menit` : `${hours} h ${minutes % 60} min`;
  return language === 'id' ? `${minutes} menit` : `${minutes} min`;
}

/** A true minus; the decimal sign of the language. */
export function figure(value: number, language: Language, digits = 1): string {
  return new Intl.NumberFormat(language, { minimumFractionDigits: digits, maximumFractionDigits: digits })
    .format(value)
    .replace('-', '−');
}

/** Straight, kilometres (haversine on a sphere of 6371 km). */
export function distanceKm(a: readonly [number, number], b: readonly [number, number]): number {
  const radians = (degrees: number) => (degrees * Math.PI) / 180;
  const [dLatitude, dLongitude] = [radians(b[0] - a[0]), radians(b[1] - a[1])];
  const chord =
    Math.sin(dLatitude / 2) ** 2 + Math.cos(radians(a[0])) * Math.cos(radians(b[0])) * Math.sin(dLongitude / 2) ** 2;
  return 12_742 * Math.asin(Math.sqrt(chord));
}
