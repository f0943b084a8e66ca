import { describe, expect, it } from 'vitest';
import { maskedLine } from './masked-line.ts';
import { secretIn } from './secrets.ts';

describe('the secret of a line', () => {
  it.each([
    ['username arung privilege 15 secret rahasia', 'rahasia', false],
    ['username arung privilege 15 secret 9 $9$x$y', '$9$x$y', true],
    ['enable secret 5 $1$abc$def', '$1$abc$def', true],
    ['username admin password encrypted $15$aa privilege 15', '$15$aa', true],
    ['snmp-server community rahasia ro', 'rahasia', false],
    ['snmp-server host 10.0.0.1 version 2c rahasia', 'rahasia', false],
    ['tacacs-server key 7 0822455D0A16', '0822455D0A16', true],
    ['neighbor 10.0.0.1 password rahasia', 'rahasia', false],
    ['ip ospf message-digest-key 1 md5 rahasia', 'rahasia', false],
    ['ntp authentication-key 1 md5 rahasia', 'rahasia', false],
    ['snmp-agent community read cipher %^%#abc%^%#', '%^%#abc%^%#', true],
    ['snmp-agent community read rahasia', 'rahasia', false],
    ['local-user arung password irreversible-cipher rahasia', 'rahasia', false],
    ['local-user arung password irreversible-cipher $1a$abc$', '$1a$abc$', true],
    ['wpa-psk ascii 0 rahasia', 'rahasia', false],
    ['user name arung privilege admin secret 0 rahasia', 'rahasia', false],
    ['user name arung privilege admin secret 5 $1$abc', '$1$abc', true],
    ['password simple rahasia', 'rahasia', false],
    ['password hash $h$6$abc', '$h$6$abc', true],
  ])('is found in %s', (line, secret, isHidden) => {
    expect(secretIn(line)).toMatchObject({ secret, isHidden });
    expect(maskedLine(` ${line}`)).not.toContain(secret);
    expect(maskedLine(` ${line}`)).toMatch(/^ \S/);
  });

  it.each([
    'service password-encryption',
    'interface Vlan99',
    'aaa new-model',
    'ip ssh password-auth',
    'key chain OSPF',
  ])('is none in %s', (line) => expect(secretIn(line)).toBeNull());
});
