import { describe, expect, it } from 'vitest';
import { districtShares, shortName } from './districts.ts';
import { wallScale } from './scale.ts';
import { trafficLines } from './traffic-lines.ts';

const site = (id: string, regionCode: string) => ({ id, regionCode });

describe('districtShares', () => {
  const sites = [
    site('a', '73.08.02.2001'),
    site('b', '73.08.02.2002'),
    site('c', '73.08.01.2001'),
    site('d', '73.08'),
  ];

  it('counts what is connected in each kecamatan, in order of their codes', () => {
    const states = new Map([
      ['a', { state: 'unreachable' as const }],
      ['b', { state: 'down' as const }],
      ['c', { state: 'unknown' as const }],
    ]);
    expect(districtShares(sites, states)).toEqual([
      { code: '73.08.01', sites: 1, reached: 1, isDark: false },
      { code: '73.08.02', sites: 2, reached: 0, isDark: true },
    ]);
  });

  it('takes regencies where there are too many kecamatan to read', () => {
    const many = Array.from({ length: 100 }, (_, n) =>
      site(String(n), `73.${String(1 + (n % 4)).padStart(2, '0')}.${String(n).padStart(2, '0')}.2001`),
    );
    expect(districtShares(many, new Map()).map((one) => one.code)).toEqual(['73.01', '73.02', '73.03', '73.04']);
  });
});

describe('shortName', () => {
  it('keeps the word that tells neighbours apart', () => {
    expect(
      ['Kahu', 'Dua Boccoe', 'Tellu Siattinge', 'Tanete Riattang', 'Tanete Riattang Barat'].map(shortName),
    ).toEqual(['Kahu', 'Dua Boccoe', 'T. Siattinge', 'T. Riattang', 'T.R. Barat']);
  });
});

describe('wallScale', () => {
  it('enlarges the layout as a whole, and never makes it smaller', () => {
    expect(wallScale(3840, 2160)).toBe(2);
    expect(wallScale(1920, 1080)).toBe(1);
    expect(wallScale(1280, 720)).toBe(1);
    expect(wallScale(3840, 1080)).toBe(1);
  });
});

describe('trafficLines', () => {
  const stepS = 3_600;
  const times = Array.from({ length: 48 }, (_, hour) => hour * stepS);
  const box = { width: 240, height: 100, hourOf: (at: number) => new Date(at).getUTCHours() };

  it('lays yesterday under today, and breaks where nothing was measured', () => {
    const bps = times.map((_, hour) => (hour === 30 ? null : hour < 24 ? 1e9 : 4e9));
    const { now, before, ticks, hours } = trafficLines({ stepS, times, bps }, box);
    expect(now.match(/M/g)).toHaveLength(2);
    expect(before.match(/M/g)).toHaveLength(1);
    expect(ticks.map(({ gbps }) => gbps)).toEqual([0, 1, 2, 3, 4]);
    expect(now.startsWith('M0.0 0.0')).toBe(true);
    expect(hours.map(({ at }) => new Date(at).getUTCHours())).toEqual([0, 18, 12, 6]);
    expect(before.startsWith('M0.0 75.0')).toBe(true);
  });

  it('draws an empty scale while nothing was measured', () => {
    const { now, ticks } = trafficLines({ stepS, times, bps: times.map(() => null) }, box);
    expect(now).toBe('');
    expect(ticks.length).toBeGreaterThan(1);
  });
});
