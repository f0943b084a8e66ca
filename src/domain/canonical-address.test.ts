import { expect, it } from 'vitest';
import { canonicalAddress } from './canonical-address.ts';

it('an address is the same however it is written', () => {
  const one = (address: string): string => canonicalAddress(address);
  const written = ['10.73.2.1', '::ffff:10.73.2.1', '::FFFF:a49:201', '0:0:0:0:0:ffff:0a49:0201', '::ffff:10.73.2.1%eth0']; // prettier-ignore
  expect(new Set(written.map(one))).toEqual(new Set(['10.73.2.1']));
  expect(['fd00::1', 'FD00:0::0001', 'fd00:0:0:0:0:0:0:1%2'].map(one)).toEqual(['fd00::1', 'fd00::1', 'fd00::1']);
  expect(['', '10.73.2', 'rtr-kahu-01'].map(one)).toEqual(['', '10.73.2', 'rtr-kahu-01']);
});
