import { describe, expect, it } from 'vitest';
import { localisedKey, privacyKey } from './usm-keys.ts';

const engineId = Buffer.from('000000000000000000000002', 'hex');
const password = Buffer.from('maplesyrup');

describe('keys of a password', () => {
  it('are those of the examples in RFC 3414, appendix A.3', () => {
    expect(localisedKey('md5', password, engineId).toString('hex')).toBe('526f5eed9fcce26f8964c2930787d82b');
    expect(localisedKey('sha1', password, engineId).toString('hex')).toBe('6695febc9288e36282235fc7151f128497b38f3f');
  });

  it('are lengthened as draft-reeder-snmpv3-usm-3desede-00 does in its example', () => {
    const key = privacyKey({ authProtocol: 'sha1', privProtocol: 'aes256c', password, engineId });
    expect(key.toString('hex')).toBe('6695febc9288e36282235fc7151f128497b38f3f9b8b6d78936ba6e7d19dfd9c');
  });

  it('have the length of their cipher, and differ by the way in which they are lengthened', () => {
    const key = (privProtocol: 'aes128' | 'aes192' | 'aes256' | 'aes192c' | 'aes256c') =>
      privacyKey({ authProtocol: 'md5', privProtocol, password, engineId });
    expect([key('aes128').length, key('aes192').length, key('aes256').length]).toEqual([16, 24, 32]);
    expect(key('aes256c').subarray(0, 16)).toEqual(key('aes256').subarray(0, 16));
    expect(key('aes256c')).not.toEqual(key('aes256'));
    expect(key('aes192c')).not.toEqual(key('aes192'));
  });

  it('differ from engine to engine', () => {
    expect(localisedKey('sha256', password, engineId)).not.toEqual(
      localisedKey('sha256', password, Buffer.from('8000000001', 'hex')),
    );
  });
});
