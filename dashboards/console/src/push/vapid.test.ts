import { createECDH } from 'node:crypto';
import { expect, it } from 'vitest';
import { makeVapidKeys } from './vapid.ts';

it('makes VAPID keys that belong together, in the form that the channel takes', async () => {
  const { publicKey, privateKey } = await makeVapidKeys();
  expect(publicKey).toMatch(/^[A-Za-z0-9_-]{87}$/);
  expect(privateKey).toMatch(/^[A-Za-z0-9_-]{43}$/);
  const keys = createECDH('prime256v1');
  keys.setPrivateKey(Buffer.from(privateKey, 'base64url'));
  expect(keys.getPublicKey('base64url')).toBe(publicKey);
});
