import { describe, expect, it } from 'vitest';
import { canonical, expectation, notation, valueKinds } from './values.ts';

describe('values of RouterOS', () => {
  it.each([
    ['bool', 'yes', 'true'],
    ['bool', 'no', 'false'],
    ['number', '007', '7'],
    ['time', '24h', '1d'],
    ['time', '00:05:00', '5m'],
    ['time', '1d00:00:30', '1d30s'],
    ['time', '90', '1m30s'],
    ['time', '1500ms', '1s500ms'],
    ['set', '20,10', '10,20'],
    ['set', 'established, related', 'related,established'],
    ['policy', 'read,api', 'api,read,!write,!ftp'],
    ['prefix', '10.0.0.1', '10.0.0.1/32'],
    ['prefix', '2001:DB8::1/128', '2001:db8::1'],
    ['network', '10.0.0.77/24', '10.0.0.0/24'],
    ['network', '10.0.0.7/32', '10.0.0.7'],
    ['prefixes', '10.0.0.0/8,127.0.0.1', '127.0.0.1/32,10.0.0.0/8'],
    ['mac', '00:0c:42:aa:bb:cc', '00:0C:42:AA:BB:CC'],
    ['rate', '10M/2M', '10000000/2000000'],
    ['rate', '512k', '512000/512000'],
    ['any', 'yes', 'true'],
    ['any', '24h', '1d'],
  ] as const)('of kind %s: %s is %s', (kind, a, b) => {
    expect(canonical(kind, a)).toBe(canonical(kind, b));
  });

  it.each([
    ['bool', 'true', 'yes'],
    ['bool', 'no', 'no'],
    ['bool', 'auto', 'auto'],
    ['number', '007', '7'],
    ['time', '24h', '1d'],
    ['time', '00:05:00', '5m'],
    ['time', '90', '1m30s'],
    ['time', '0', '0s'],
    ['time', '1500ms', '1s500ms'],
    ['time', 'never', 'never'],
    ['set', '100,20,10', '10,20,100'],
    ['policy', 'read,api,!write', 'api,read'],
    ['prefix', '10.0.0.1/32', '10.0.0.1'],
    ['rate', '10000000/512000', '10M/512k'],
    ['rate', '10M', '10M/10M'],
    ['rate', '0/0', '0/0'],
    ['any', 'true', 'yes'],
    ['any', '24h', '1d'],
    ['any', 'ether1', 'ether1'],
    ['text', 'true', 'true'],
  ] as const)('of kind %s, %s is shown as %s, which means the same', (kind, value, shown) => {
    expect(notation(kind, value)).toBe(shown);
    expect(canonical(kind, shown)).toBe(canonical(kind, value));
  });

  it.each([
    ['text', 'yes', 'true'],
    ['text', 'a,b', 'b,a'],
    ['bool', 'yes', 'no'],
    ['time', '1d', '1h'],
    ['set', '10,20', '10,20,30'],
    ['policy', 'read', 'read,write'],
    ['prefix', '10.0.0.1/24', '10.0.0.0/24'],
    ['network', '10.0.1.0/24', '10.0.0.0/24'],
    ['rate', '10M/2M', '2M/10M'],
    ['any', '24', '24s'],
  ] as const)('of kind %s: %s is not %s', (kind, a, b) => {
    expect(canonical(kind, a)).not.toBe(canonical(kind, b));
  });

  it('stay as they are where they are nothing of their kind', () => {
    for (const kind of valueKinds.filter((one) => one !== 'mac' && one !== 'rate')) {
      expect(canonical(kind, 'pattiró ✓ 999.1.2/99')).toBe('pattiró ✓ 999.1.2/99');
    }
  });

  it.each([
    ['number', 'sepuluh belas'],
    ['mac', '00:0c:42'],
    ['time', '5 menit'],
    ['bool', 'YA'],
  ] as const)('of kind %s: %s is not one, and what is one is said', (kind, value) => {
    expect(expectation(kind, value)).not.toBeNull();
  });

  it.each([
    ['number', '10'],
    ['number', 'auto'],
    ['mac', '00:0c:42:aa:bb:cc'],
    ['time', '5m'],
    ['time', 'none'],
    ['bool', 'exclusively'],
  ] as const)('of kind %s: %s may be one', (kind, value) => {
    expect(expectation(kind, value)).toBeNull();
  });
});
