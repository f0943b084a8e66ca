import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as numbers from './numbers.ts';

const zone = 'Asia/Makassar';
const at = Date.parse('2026-11-24T18:14:03Z'); // 02.14.03 WITA on the 25th
const spoken = (text: string): string => text.replaceAll('\u00a0', ' ');

describe('numbers', () => {
  it('are written as each language writes them, with a true minus and a dash for no value', () => {
    expect(numbers.number('id', 1505)).toBe('1.505');
    expect(numbers.number('en', 1505)).toBe('1,505');
    expect(spoken(numbers.quantity('id', -14.2, 'dBm', 1))).toBe('−14,2 dBm');
    expect(spoken(numbers.percent('id', 99.71, 2))).toBe('99,71 %');
    for (const none of [null, undefined, Number.NaN]) expect(numbers.rate('id', none)).toBe('–');
    expect(numbers.number('id', -0.2)).toBe('0');
  });

  it('give rates two or three digits and the unit that fits', () => {
    const rate = (bps: number): string => spoken(numbers.rate('id', bps));
    expect([612e3, 1.2e9, 18.4e9, 999_999, 0, 950].map(rate)).toEqual([
      '612 kbps',
      '1,2 Gbps',
      '18,4 Gbps',
      '1,0 Mbps',
      '0 bps',
      '950 bps',
    ]);
    expect([1e9, 25e9, 2.5e9, 1e8].map((bps) => spoken(numbers.capacity('en', bps)))).toEqual([
      '1 G',
      '25 G',
      '2.5 G',
      '100 M',
    ]);
    expect(spoken(numbers.bytes('en', 1536))).toBe('1.5 KiB');
  });

  it('never need more than four digits for a rate', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 9e14, noNaN: true }), (bps) => {
        const digits = spoken(numbers.rate('en', bps)).split(' ')[0]?.replace(/\D/g, '') ?? '';
        expect(digits.length).toBeLessThanOrEqual(3);
      }),
    );
  });
});

describe('times', () => {
  it('are of one zone, with a point in Indonesian and a colon in English', () => {
    expect(numbers.timeOfDay('id', at, zone, true)).toBe('02.14.03');
    expect(numbers.timeOfDay('en', at, zone)).toBe('02:14');
    expect(numbers.timeOfDay('id', at, 'Asia/Jakarta')).toBe('01.14');
    expect(numbers.zoneName('Asia/Jakarta')).toBe('WIB');
    expect(numbers.instant('id', at, zone)).toBe('Rabu 25 Nov 2026, 02.14.03 WITA');
    expect(numbers.dayWithWeekday('en', at, zone)).toBe('Wed 25 Nov');
  });

  it('say an age as people do', () => {
    const ago = (ms: number): string => numbers.age('id', at - ms, at, zone);
    const [second, minute, hour] = [1000, 60_000, 3_600_000];
    expect(ago(4 * second)).toBe('baru saja');
    expect(ago(40 * second)).toBe('40 detik lalu');
    expect(ago(5 * minute)).toBe('5 menit lalu');
    expect(ago(3 * hour + 10 * minute)).toBe('3 jam 10');
    expect(ago(9 * hour + 23 * minute)).toBe('kemarin 16.51');
    expect(ago(40 * hour)).toBe('23 Nov 10.14');
    expect(ago(400 * 24 * hour)).toBe('21 Okt 2025 02.14');
    expect(numbers.age('en', at - 5 * minute, at, zone)).toBe('5 min ago');
    expect(numbers.age('en', at - 40 * second, at, zone)).toBe('40 s ago');
  });

  it('say a moment so that its time is not taken for a day', () => {
    expect(numbers.dated('id', at, zone, at + 3_600_000)).toBe('25 Nov pukul 02.14.03');
    expect(numbers.dated('en', at, zone, at + 3_600_000)).toBe('25 Nov 02:14:03');
    expect(numbers.dated('id', at, zone, at + 86_400_000)).toBe('25 Nov pukul 02.14');
    expect(numbers.dated('id', at, zone, at + 400 * 86_400_000)).toBe('25 Nov 2026 pukul 02.14');
  });

  it('say durations for a column and ticking ones', () => {
    expect(numbers.duration('id', 11_400_000)).toBe('3 jam 10 mnt');
    expect(numbers.duration('id', 61 * 86_400_000)).toBe('61 hari');
    expect(numbers.duration('en', 86_400_000)).toBe('1 day');
    expect(numbers.ticking('id', 229_000)).toBe('00.03.49');
  });
});
