import { createHmac } from 'node:crypto';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { KeyedDigest } from './keyed-digest.ts';

it.each([
  ['md5', 16],
  ['sha1', 20],
  ['sha224', 28],
  ['sha256', 32],
  ['sha384', 48],
  ['sha512', 64],
] as const)('is the HMAC that OpenSSL makes: %s', (protocol, keyBytes) => {
  const message = fc.uint8Array({ maxLength: 1_500 });
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 1, maxLength: keyBytes }),
      fc.array(message, { minLength: 1, maxLength: 4 }),
      (key, messages) => {
        const digest = new KeyedDigest(protocol, key);
        for (const one of messages) {
          expect(digest.of(one).equals(createHmac(protocol, key).update(one).digest())).toBe(true);
        }
      },
    ),
    { numRuns: 60 },
  );
});
