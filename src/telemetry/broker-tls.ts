import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { createSecureContext, TLSSocket, type SecureContext } from 'node:tls';
import { ArungError } from '../domain/errors.ts';

/** PEM files of a listener that speaks TLS. */
export interface CertificateFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

/** Rejects with what is wrong with the files: at the start, and not at the first terminal. */
export function secureContextOf({ certFile, keyFile }: CertificateFiles): SecureContext {
  try {
    return createSecureContext({ cert: readFileSync(certFile), key: readFileSync(keyFile), minVersion: 'TLSv1.2' });
  } catch (cause) {
    throw new ArungError(
      'unavailable',
      `The MQTT broker cannot use the certificate ${certFile} with the key ${keyFile}: ${cause instanceof Error ? cause.message : String(cause)}. ` +
        'Check that both are PEM, belong together and may be read.',
      { code: 'mqtt.certificate', arguments: { file: certFile }, cause },
    );
  }
}

/** Speaks TLS on a connection that was accepted; `failed` when it ends before both sides agree. */
export function secured(socket: Socket, secureContext: SecureContext, failed: () => void): TLSSocket {
  const secure = new TLSSocket(socket, { isServer: true, secureContext });
  let agreed = false;
  secure.once('secure', () => (agreed = true));
  secure.once('close', () => {
    if (!agreed) failed();
  });
  return secure;
}
