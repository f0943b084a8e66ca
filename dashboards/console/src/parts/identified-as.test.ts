import { describe, expect, it } from 'vitest';
import { identifiedAs } from './identified-as.ts';

describe('what a device was recognised as', () => {
  it('is its model and firmware', () => {
    expect(identifiedAs({ profile: 'mikrotik/routeros', model: 'RB1100AHx4', firmware: '7.16' })).toBe(
      'RB1100AHx4, 7.16',
    );
  });
  it('is its profile where it tells no model, and nothing is left dangling', () => {
    expect(identifiedAs({ profile: 'net-snmp/linux', model: '', firmware: '6.18.44' })).toBe('net-snmp/linux, 6.18.44');
    expect(identifiedAs({ profile: 'generic', model: null, firmware: null })).toBe('generic');
  });
});
