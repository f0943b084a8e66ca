import { describe, expect, it } from 'vitest';
import { secretFrom } from './secrets.ts';

describe('a secret as a person types it', () => {
  it('is the community, the password or the comm key as text', () => {
    expect(secretFrom('snmp-v2c', '', 'public')).toEqual({ kind: 'snmp-v2c', community: 'public' });
    expect(secretFrom('ssh', 'arung', 'x')).toEqual({ kind: 'ssh', user: 'arung', password: 'x' });
    expect(secretFrom('mqtt', '', { user: 'SN1', password: 'x' })).toEqual({
      kind: 'mqtt',
      user: 'SN1',
      password: 'x',
    });
    expect(secretFrom('zkteco', '', '1234')).toEqual({ kind: 'zkteco', commKey: 1234 });
  });

  it('of SNMPv3 implies its level by the keys that are given', () => {
    expect(secretFrom('snmp-v3', 'arung', {})).toEqual({ kind: 'snmp-v3', user: 'arung', level: 'noAuthNoPriv' });
    expect(secretFrom('snmp-v3', 'arung', '12345678')).toMatchObject({ level: 'authNoPriv', authProtocol: 'sha1' });
    expect(
      secretFrom('snmp-v3', 'arung', { authKey: '12345678', authProtocol: 'SHA256', privKey: '87654321' }),
    ).toEqual({
      kind: 'snmp-v3',
      user: 'arung',
      level: 'authPriv',
      authProtocol: 'sha256',
      authKey: '12345678',
      privProtocol: 'aes128',
      privKey: '87654321',
    });
  });

  it.each([
    ['snmp-v2c', '', {}],
    ['ssh', '', 'kata-sandi-rahasia'],
    ['zkteco', '', 'rahasia'],
    ['zkteco', '', '-1'],
    ['snmp-v3', '', 'rahasia-12'],
    ['snmp-v3', 'arung', { authKey: 'rahasia' }],
    ['snmp-v3', 'arung', { authKey: 'rahasia-12', authProtocol: 'rot13' }],
    ['snmp-v3', 'arung', { authKey: 'rahasia-12', level: 'authPriv' }],
  ] as const)('of %s is refused when it cannot be one (%s, %j), without repeating it', (kind, user, typed) => {
    const refuse = () => secretFrom(kind, user, typed);
    expect(refuse).toThrow();
    expect(refuse).not.toThrow(/rahasia/);
  });
});
