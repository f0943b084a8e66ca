import { describe, expect, it } from 'vitest';
import { newId } from '../../domain/ids.ts';
import type { Silence } from '../../domain/silence.ts';
import { nextSilenceEdge, silenceOf, type AlertFacts } from './silences.ts';

const facts: AlertFacts = {
  rule: 'device.down',
  severity: 'critical',
  regionCode: '73.08.02.1001',
  siteCode: 'kec-kahu',
  deviceName: 'rtr-kahu-01',
  linkName: null,
  role: 'router',
  network: 'smart-city',
  tags: ['tepi', 'surya'],
  incidentName: 'INS-1287',
};
const at = Date.parse('2026-11-30T02:00:00Z');

function silence(matchers: Silence['matchers'], more: Partial<Silence> = {}): Silence {
  const span = { from: '2026-11-30T01:00:00Z', to: '2026-11-30T03:00:00Z' };
  return { id: newId(), matchers, reason: 'kerja serat', author: 'siti', regionCode: null, ...span, ...more };
}
const holds = (one: Silence, of: Partial<AlertFacts> = {}) => silenceOf({ ...facts, ...of }, [one], at) !== null;

describe('a silence', () => {
  it('holds back what all its matchers fit, each with one of its values', () => {
    const rules = { field: 'rule', values: ['device.down', 'link.down'] } as const;
    expect(
      holds(
        silence([
          { ...rules, values: [...rules.values] },
          { field: 'role', values: ['router'] },
        ]),
      ),
    ).toBe(true);
    expect(
      holds(
        silence([
          { ...rules, values: [...rules.values] },
          { field: 'role', values: ['radio'] },
        ]),
      ),
    ).toBe(false);
    expect(holds(silence([]))).toBe(false);
  });

  it.each([
    ['severity', 'critical'],
    ['site', 'KEC-Kahu'],
    ['device', 'RTR-kahu-01'],
    ['network', 'smart-city'],
    ['tag', 'surya'],
    ['incident', 'ins-1287'],
    ['region', '73.08.02'],
  ] as const)('fits by %s', (field, value) => {
    expect(holds(silence([{ field, values: [value] }]))).toBe(true);
    expect(holds(silence([{ field, values: [`${value}0`] }]))).toBe(false);
  });

  it('fits nothing that is not there', () => {
    expect(holds(silence([{ field: 'link', values: ['null', ''] }]))).toBe(false);
    expect(holds(silence([{ field: 'region', values: ['73'] }]), { regionCode: null })).toBe(false);
  });

  it('reaches no further than its author, whatever it says', () => {
    const all: Silence['matchers'] = [{ field: 'severity', values: ['critical'] }];
    expect(holds(silence(all, { regionCode: '73.08.02' }))).toBe(true);
    expect(holds(silence(all, { regionCode: '73.08.0' }))).toBe(false);
    expect(holds(silence(all, { regionCode: '73.08.03' }))).toBe(false);
    expect(holds(silence(all, { regionCode: '73.08.02' }), { regionCode: null })).toBe(false);
  });

  it('that ends in the middle of an incident holds back nothing more, from that moment on', () => {
    const one = silence([{ field: 'device', values: ['rtr-kahu-01'] }]);
    const end = Date.parse(one.to);
    expect(silenceOf(facts, [one], end - 1)).toBe(one);
    expect(silenceOf(facts, [one], end)).toBeNull();
    expect(nextSilenceEdge([one], at)).toBe(end);
    expect(nextSilenceEdge([one], end)).toBeNull();
  });

  it('is the one that lasts longest when several hold', () => {
    const short = silence([{ field: 'role', values: ['router'] }]);
    const long = silence([{ field: 'role', values: ['router'] }], { to: '2026-11-30T05:00:00Z' });
    expect(silenceOf(facts, [short, long], at)).toBe(long);
    expect(silenceOf(facts, [long, short], at)).toBe(long);
  });
});
