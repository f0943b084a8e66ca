import { describe, expect, it } from 'vitest';
import { cutOff } from './reasons.ts';
import { deviceWithin } from './reach.ts';
import type { RolloutDevice } from './rollout-record.ts';
import { saidOf } from './said.ts';

describe('what is told of a device in a rollout', () => {
  const device = {
    deviceName: 'rtr-kahu-01',
    error: saidOf(cutOff(['rtr-bontocani-01', 'rtr-mare-01'])),
  } as RolloutDevice;

  it('names those that hang on it to who sees everything, and counts them for others', () => {
    expect(deviceWithin(device, 'everywhere')).toEqual(device);
    const { error } = deviceWithin(device, { regionCodes: ['73.08.02'] });
    expect(error?.message).toContain('and 2 behind it');
    expect(JSON.stringify(error)).not.toMatch(/bontocani|mare/);
  });
});
