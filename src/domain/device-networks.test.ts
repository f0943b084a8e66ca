import { expect, it } from 'vitest';
import { DeviceNetworks } from './device-networks.ts';

it('without networks a device may be anywhere', () => {
  expect(new DeviceNetworks().holds('192.0.2.1')).toBe(true);
});

it('with networks it may be in these alone, however an address is written', () => {
  const networks = new DeviceNetworks(['10.73.0.0/16', 'fd00:73::/32', '192.0.2.7']);
  const held = (address: string): boolean => networks.holds(address);
  expect(['10.73.255.1', 'fd00:73:1::1', '192.0.2.7', '::ffff:10.73.0.1'].filter(held)).toHaveLength(4);
  expect(['10.74.0.1', '127.0.0.1', '192.0.2.8', 'fd00:74::1', '::ffff:127.0.0.1', '::1', ''].filter(held)).toEqual([]);
});

it.each(['10.73.0.0/33', '10.73', 'kahu', '10.73.0.0/', '::/129', '10.73.0.0/8/8'])('%s is no network', (network) => {
  expect(() => new DeviceNetworks([network])).toThrow(RangeError);
});
