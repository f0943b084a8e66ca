import { createCipheriv } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CfbCipher } from './cfb-cipher.ts';

const bytes = (least: number, most = least) => fc.uint8Array({ minLength: least, maxLength: most });

describe('AES in CFB mode, message after message, with keys of every length', () => {
  it.each([16, 24, 32])('is what OpenSSL makes of it and what it takes: %i bytes', (keyBytes) => {
    fc.assert(
      fc.property(
        bytes(keyBytes),
        fc.array(fc.tuple(bytes(16), bytes(0, 700), fc.nat(40)), { minLength: 1, maxLength: 6 }),
        (key, messages) => {
          const cipher = new CfbCipher(key);
          for (const [iv, clear, at] of messages) {
            const right = createCipheriv(`aes-${keyBytes * 8}-cfb`, key, iv).update(clear);
            const out = Buffer.alloc(at + clear.length + 3);
            cipher.encrypt(clear, iv, out, at);
            expect(out.subarray(at, at + clear.length).equals(right)).toBe(true);
            expect([...out.subarray(0, at), ...out.subarray(at + clear.length)].every((byte) => byte === 0)).toBe(true);
            expect(cipher.decrypt(right, iv).equals(clear)).toBe(true);
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});
