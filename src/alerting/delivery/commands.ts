/** What a person wrote, as what they want. */
export type Command =
  | { readonly kind: 'status'; readonly query: string }
  | { readonly kind: 'take'; readonly number: number | null }
  | {
      /** `work`: planned work at the place of the incident. */
      readonly kind: 'mute' | 'work';
      readonly minutes: number;
      readonly number: number | null;
      readonly reason: string;
    }
  | { readonly kind: 'help' }
  | { readonly kind: 'words'; readonly text: string };

const minutesOf: readonly [RegExp, number][] = [
  [/^(m|mnt|menit|min|mins|minute|minutes)$/i, 1],
  [/^(h|j|jam|hour|hours)$/i, 60],
  [/^(d|hari|day|days)$/i, 1_440],
];
const longestMinutes = 7 * 1_440;

/** Commands as Telegram sends them (`/ack@arung_bot`), and spans of work in plain words. Pure. */
export function commandOf(text: string): Command {
  const said = text.replace(/\s+/g, ' ').trim().slice(0, 1_000);
  const found = /^\/([a-z]+)(?:@\w+)?(?: (.*))?$/i.exec(said);
  if (found === null) return ofPlainWords(said);
  const rest = found[2] ?? '';
  switch ((found[1] ?? '').toLowerCase()) {
    case 'status':
      return { kind: 'status', query: rest.slice(0, 80) };
    case 'ack':
    case 'ambil':
    case 'take':
      return { kind: 'take', number: numberIn(rest) };
    case 'mute':
    case 'diam':
      return ofSpan('mute', rest) ?? { kind: 'help' };
    case 'work':
    case 'kerja':
      return ofSpan('work', rest) ?? { kind: 'help' };
    default:
      return { kind: 'help' };
  }
}

/** What makes a span of time in plain words planned work: "2 jam lagi sampai" is none. */
const workWords = /\b(be|pe)?kerja(an)?\b|\b(perbaikan|pemeliharaan|work(ing)?|maintenance|repairs?)\b/i;

/** `2 jam kerja di sini`: a span of time in front, and work, is work that begins now. */
function ofPlainWords(said: string): Command {
  const span = spanAt(said);
  const work = span !== null && workWords.test(span.rest) ? ofSpan('work', said) : null;
  return work ?? { kind: 'words', text: said };
}

function ofSpan(kind: 'mute' | 'work', text: string): Command | null {
  const span = spanAt(text);
  if (span === null) return null;
  return { kind, minutes: span.minutes, number: numberIn(span.rest), reason: withoutNumber(span.rest) };
}

function spanAt(text: string): { minutes: number; rest: string } | null {
  const found = /^(\d{1,4}(?:[.,]\d)?) ?([a-z]+)\b ?(.*)$/i.exec(text);
  if (found === null) return null;
  const unit = minutesOf.find(([pattern]) => pattern.test(found[2] ?? ''))?.[1];
  const minutes = Math.round(Number((found[1] ?? '').replace(',', '.')) * (unit ?? Number.NaN));
  if (!Number.isFinite(minutes) || minutes < 1 || minutes > longestMinutes) return null;
  return { minutes, rest: found[3] ?? '' };
}

function numberIn(text: string): number | null {
  const found = /\bINS-(\d{1,9})\b/i.exec(text)?.[1];
  return found === undefined ? null : Number(found);
}

function withoutNumber(text: string): string {
  return text
    .replace(/\bINS-\d{1,9}\b/i, '')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 400);
}
