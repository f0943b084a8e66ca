import { dateAndTimeS } from '../domain/date-and-time.ts';
import { printable } from '../domain/printable.ts';
import type { SnmpValue } from './snmp-reader.ts';

const decoder = new TextDecoder('utf-8', { fatal: false });

/**
 * A device's text as something that may be stored and shown: UTF-8 with everything that is not printable (also the
 * marks that turn reading direction around) made a space, trimmed, at most `maxLength` characters.
 */
export function cleanText(value: SnmpValue | undefined, maxLength = 255): string {
  if (value === undefined) return '';
  if (value.kind === 'number') return String(value.value);
  if (value.kind === 'oid') return value.value;
  const text = printable(decoder.decode(value.value)).replace(/ {2,}/g, ' ').trim();
  return text.length <= maxLength ? text : [...text].slice(0, maxLength).join('');
}

/** A MAC address in lower case with colons, or an empty text when the octets are no MAC. */
export function macText(value: SnmpValue | undefined): string {
  if (value === undefined || value.kind !== 'octets' || value.value.length !== 6) return '';
  const text = [...value.value].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
  return text === '00:00:00:00:00:00' ? '' : text;
}

/** A number, also one that is told as text; of a DateAndTime the seconds since the epoch. */
export function numberOf(value: SnmpValue | undefined): number | null {
  if (value === undefined) return null;
  if (value.kind === 'number') return Number.isFinite(value.value) ? value.value : null;
  if (value.kind === 'octets') {
    const seconds = dateAndTimeS(value.value);
    if (!Number.isNaN(seconds)) return seconds;
    const text = cleanText(value);
    return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : null;
  }
  return null;
}
