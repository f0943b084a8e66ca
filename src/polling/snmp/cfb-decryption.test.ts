import { createCipheriv, createSecretKey } from 'node:crypto';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { CfbDecryption } from './cfb-decryption.ts';

it('undoes what OpenSSL has encrypted in CFB mode, message after message, with keys of every length', () => {
  const bytes = (least: number, most = least) => fc.uint8Array({ minLength: least, maxLength: most });
  for (const keyBytes of [16, 24, 32]) {
    fc.assert(
      fc.property(
        bytes(keyBytes),
        fc.array(fc.tuple(bytes(16), bytes(0, 700)), { minLength: 1, maxLength: 5 }),
        (keyOf, messages) => {
          const key = createSecretKey(keyOf);
          const decryption = new CfbDecryption(key);
          for (const [iv, clear] of messages) {
            const encrypted = createCipheriv(`aes-${keyBytes * 8}-cfb`, key, iv).update(clear);
            expect(decryption.decrypt(encrypted, iv).equals(clear)).toBe(true);
          }
        },
      ),
      { numRuns: 60 },
    );
  }
});
