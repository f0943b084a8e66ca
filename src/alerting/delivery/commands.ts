/** What a person wrote, as what they want. */
export type Command =
  | { readonly kind: 'status'; readonly query: string }
  | { readonly kind: 'take'; readonly number: number | null }
  | { readonly kind: 'mute'; readonly minutes: number; readonly number: number | null; readonly reason: string }
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
    case 'diam': {
      const span = spanAt(rest);
      if (span === null) return { kind: 'help' };
      return { kind: 'mute', minutes: span.minutes, number: numberIn(span.rest), reason: withoutNumber(span.rest) };
    }
    default:
      return { kind: 'help' };
  }
}

/** `2 jam kerja di sini`: a span of time in front is work that begins now. */
function ofPlainWords(said: string): Command {
  const span = spanAt(said);
  if (span === null || span.rest === '') return { kind: 'words', text: said };
  return { kind: 'mute', minutes: span.minutes, number: numberIn(span.rest), reason: withoutNumber(span.rest) };
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
