/**
 * SNMPv2-TC DateAndTime (RFC 2579) in `bytes[from, to)`: seconds since the epoch, or NaN where the octets are none. Eight
 * octets are a device's local time, and it does not say which: they are taken for UTC, at most 14 hours wrong. No text
 * begins as such a time does: the first octet is that of a year, 7, and no character.
 */
export function dateAndTimeS(bytes: Uint8Array, from = 0, to = bytes.length): number {
  const length = to - from;
  if ((length !== 8 && length !== 11) || bytes[from] !== 7) return Number.NaN;
  const at = (index: number): number => bytes[from + index] ?? 0;
  const [month, day, hour, minute, second] = [at(2), at(3), at(4), at(5), at(6)];
  if (month < 1 || month > 12 || day < 1 || day > 31) return Number.NaN;
  if (hour > 23 || minute > 59 || second > 60 || at(7) > 9) return Number.NaN;
  const localS = Date.UTC(at(0) * 256 + at(1), month - 1, day, hour, minute, second) / 1000;
  if (length === 8) return localS;
  const [direction, hours, minutes] = [String.fromCharCode(at(8)), at(9), at(10)];
  if ((direction !== '+' && direction !== '-') || hours > 14 || minutes > 59) return Number.NaN;
  const aheadS = (hours * 60 + minutes) * 60;
  return direction === '+' ? localS - aheadS : localS + aheadS;
}

/** Whole days from one time to another, both in seconds since the epoch; 0 once it is past. */
export function daysUntil(endS: number, nowS: number): number {
  return Math.max(0, Math.floor((endS - nowS) / 86_400));
}
