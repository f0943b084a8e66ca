import { describe, expect, it } from 'vitest';
import { loadsOf } from './past-loads.ts';

const end = (interfaceId: string) => ({ interfaceId, deviceId: `of ${interfaceId}`, siteId: 'site' });
type Ends = Parameters<typeof loadsOf>[0];
// Ids are branded for the program; here they are words.
const links = [{ id: 'palattae--kahu', capacityBps: 1e9, a: end('p'), b: end('k') }] as unknown as Ends;
const series = (port: string, field: string, values: (number | null)[]) => ({
  measurement: 'interface',
  tags: { interface: port },
  field,
  values,
});

describe('what links carried in the past', () => {
  it('takes the last value of the window, of the busier direction, as percent of the capacity', () => {
    const answer = { series: [series('p', 'out_bps', [1, 250e6, null]), series('p', 'in_bps', [52e6])] };
    expect(loadsOf(links, [answer]).get('palattae--kahu')).toEqual({ abBps: 250e6, baBps: 52e6, loadPercent: 25 });
  });

  it('reads the other end where the first was silent', () => {
    const answer = { series: [series('k', 'in_bps', [3e6]), series('p', 'out_bps', [null])] };
    expect(loadsOf(links, [answer]).get('palattae--kahu')).toEqual({ abBps: 3e6, baBps: null, loadPercent: 0.3 });
  });

  it('is silent about a link of which nothing was measured: never zero', () => {
    expect(loadsOf(links, [{ series: [series('p', 'out_bps', [null, null])] }]).size).toBe(0);
  });
});
