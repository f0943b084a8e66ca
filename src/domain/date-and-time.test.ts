import { describe, expect, it } from 'vitest';
import { dateAndTimeS, daysUntil } from './date-and-time.ts';

/** `2026-03-01 10:20:30.4`, and eight hours ahead of UTC. */
const local = [0x07, 0xea, 3, 1, 10, 20, 30, 4];
const zoned = [...local, 0x2b, 8, 0];
const read = (octets: readonly number[]): number => dateAndTimeS(Uint8Array.from(octets));

describe('DateAndTime of SNMP', () => {
  it('is a time, with its zone or else as UTC', () => {
    expect(read(local)).toBe(Date.parse('2026-03-01T10:20:30Z') / 1000);
    expect(read(zoned)).toBe(Date.parse('2026-03-01T10:20:30+08:00') / 1000);
    expect(read([...local, 0x2d, 3, 30])).toBe(Date.parse('2026-03-01T10:20:30-03:30') / 1000);
  });

  it('is read where it lies', () => {
    expect(dateAndTimeS(Uint8Array.from([1, 2, ...zoned, 3]), 2, 13)).toBe(read(zoned));
  });

  it.each([
    ['text of eight characters', [...'20260301'].map((letter) => letter.charCodeAt(0))],
    ['a month that is none', [0x07, 0xea, 13, 1, 0, 0, 0, 0]],
    ['an hour that is none', [0x07, 0xea, 1, 1, 24, 0, 0, 0]],
    ['a direction that is none', [...local, 0x20, 8, 0]],
    ['nothing', []],
    ['nine octets', [...local, 0x2b]],
  ])('is not %s', (_, octets) => {
    expect(read(octets)).toBeNaN();
  });

  it('is so many days away, and none once it is past', () => {
    expect(daysUntil(86_400 * 30.5, 0)).toBe(30);
    expect(daysUntil(0, 86_400)).toBe(0);
  });
});
