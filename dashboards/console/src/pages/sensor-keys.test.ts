import { describe, expect, it } from 'vitest';
import { isOfTransceiver, sensorPrefix, sensorRank, sensorUnit, spokenInstance } from './sensor-keys.ts';

describe('the key of a sensor', () => {
  it.each([
    ['signal.lte-rsrp', 'dBm'],
    ['signal', 'dBm'],
    ['fan-percent.1', '%'],
    ['percent.humidity', '%'],
    ['battery-current.1', 'A'],
    ['licence-days', 'd'],
    ['weight.rack', ''],
  ])('%s has the unit "%s"', (key, unit) => {
    expect(sensorUnit(key)).toBe(unit);
  });

  it('begins, for a rule, with its kind; with a dot only where another kind begins the same', () => {
    expect(['battery-charge', 'licence-days', 'fan', 'temperature'].map(sensorPrefix)).toEqual([
      'battery-charge',
      'licence-days',
      'fan.',
      'temperature',
    ]);
  });

  it('does not repeat its kind in its instance', () => {
    expect(spokenInstance('temperature', 'cpu-temperature')).toBe('CPU');
    expect(spokenInstance('fan', 'fan1-speed')).toBe('1');
    expect(spokenInstance('voltage', 'sfp.sfp-sfpplus1')).toBe('sfp-sfpplus1');
  });

  it('puts what a device says of itself before what its transceivers say', () => {
    const keys = ['temperature.sfp.sfp1', 'fan.2', 'voltage.sfp.sfp1', 'temperature.board', 'weight.rack'];
    expect(keys.toSorted((a, b) => sensorRank(a) - sensorRank(b))).toEqual([
      'temperature.board',
      'fan.2',
      'weight.rack',
      'temperature.sfp.sfp1',
      'voltage.sfp.sfp1',
    ]);
    expect(isOfTransceiver('temperature.sfpx')).toBe(false);
  });
});
