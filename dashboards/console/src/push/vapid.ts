import { base64url, bytesOfBase64url } from './base64url.ts';

/** A pair of VAPID keys (RFC 8292): P-256, the public one uncompressed, both in base64url as browsers and Arung want them. */
export async function makeVapidKeys(): Promise<{ readonly publicKey: string; readonly privateKey: string }> {
  const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign']);
  const { x = '', y = '', d = '' } = await crypto.subtle.exportKey('jwk', pair.privateKey);
  const point = new Uint8Array([4, ...bytesOfBase64url(x), ...bytesOfBase64url(y)]);
  return { publicKey: base64url(point), privateKey: d };
}

/** Browsers have `crypto.subtle` only over HTTPS and on their own machine. */
export const canMakeKeys = (): boolean => globalThis.isSecureContext && 'subtle' in crypto;
