import { Type, type Static } from 'typebox';
import type { CredentialKind, CredentialSecret } from '../domain/device.ts';
import { ArungError } from '../domain/errors.ts';

/**
 * A secret as a person types it: the community, the password or the comm key as text; for SNMPv3 an object with
 * `level`, `authProtocol`, `authKey`, `privProtocol`, `privKey`.
 */
export const CredentialSecretInput = Type.Union(
  [
    Type.String({ minLength: 1, maxLength: 400 }),
    Type.Record(Type.String(), Type.Union([Type.String({ maxLength: 400 }), Type.Number()])),
  ],
  { writeOnly: true, description: 'Write only: never returned.' },
);
export type CredentialSecretInput = Static<typeof CredentialSecretInput>;

const authProtocols = ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'] as const;
const privProtocols = ['aes128', 'aes192', 'aes256', 'aes192c', 'aes256c'] as const;

/** Reads a typed secret as what its kind needs; throws a sentence that never repeats the secret. */
export function secretFrom(kind: CredentialKind, user: string, input: CredentialSecretInput): CredentialSecret {
  const text = (field: string): string => {
    const value = typeof input === 'string' ? input : input[field];
    if (value === undefined || value === '') throw wrong(`A credential of kind ${kind} needs ${field} in its secret.`);
    return String(value);
  };
  const userName = typeof input === 'string' ? user : String(input['user'] ?? user);
  switch (kind) {
    case 'snmp-v1':
    case 'snmp-v2c':
      return { kind, community: text('community') };
    case 'routeros':
    case 'ssh':
    case 'mqtt':
      if (userName === '') throw wrong(`A credential of kind ${kind} needs a user.`, 'user');
      return { kind, user: userName, password: text('password') };
    case 'zkteco': {
      const commKey = Number(text('commKey'));
      if (!Number.isInteger(commKey) || commKey < 0 || commKey > 999_999) {
        throw wrong('The comm key of a terminal is a whole number from 0 to 999999.');
      }
      return { kind, commKey };
    }
    case 'snmp-v3':
      return snmpV3(userName, typeof input === 'string' ? { authKey: input } : input);
  }
}

function snmpV3(user: string, input: Readonly<Record<string, string | number>>): CredentialSecret {
  if (user === '') throw wrong('An SNMPv3 credential needs a user.', 'user');
  const given = (field: string) => (input[field] === undefined ? undefined : String(input[field]));
  const authKey = given('authKey');
  const privKey = given('privKey');
  const implied = privKey !== undefined ? 'authPriv' : authKey !== undefined ? 'authNoPriv' : 'noAuthNoPriv';
  const level = oneOf(['noAuthNoPriv', 'authNoPriv', 'authPriv'] as const, given('level') ?? implied, 'level');
  if (level === 'noAuthNoPriv') return { kind: 'snmp-v3', user, level };
  // RFC 3414, section 11.2: keys of at least 8 characters.
  if (authKey === undefined || authKey.length < 8) throw wrong('SNMPv3 needs an authKey of at least 8 characters.');
  const authProtocol = oneOf(authProtocols, given('authProtocol') ?? 'sha1', 'authProtocol');
  if (level === 'authNoPriv') return { kind: 'snmp-v3', user, level, authProtocol, authKey };
  if (privKey === undefined || privKey.length < 8) throw wrong('SNMPv3 needs a privKey of at least 8 characters.');
  if (/^(3?des|usmdes)/i.test(given('privProtocol') ?? '')) {
    throw wrong(
      'DES and 3DES are refused: OpenSSL 3 has them no more, and DES protects nothing. Give the user AES.',
      'privProtocol',
    );
  }
  const privProtocol = oneOf(privProtocols, given('privProtocol') ?? 'aes128', 'privProtocol');
  return { kind: 'snmp-v3', user, level, authProtocol, authKey, privProtocol, privKey };
}

function oneOf<T extends string>(allowed: readonly T[], value: string, field: string): T {
  const found = allowed.find((candidate) => candidate.toLowerCase() === value.toLowerCase());
  if (found === undefined) throw wrong(`${field} must be one of ${allowed.join(', ')}.`);
  return found;
}

function wrong(message: string, field = 'secret'): ArungError {
  return new ArungError('invalid', message, {
    code: 'credential.bad-secret',
    details: [{ message, field, code: 'credential.bad-secret' }],
  });
}
