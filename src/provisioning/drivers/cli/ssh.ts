import { createHash } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { ArungError } from '../../../domain/errors.ts';
import { deviceError } from '../device-errors.ts';
import type { DeviceCredential, HostKeys } from '../driver.ts';

/** What today's OpenSSH offers, without SHA-1 and CBC. */
const today = {
  kex: [
    'curve25519-sha256',
    'curve25519-sha256@libssh.org',
    'ecdh-sha2-nistp256',
    'ecdh-sha2-nistp384',
    'ecdh-sha2-nistp521',
    'diffie-hellman-group-exchange-sha256',
    'diffie-hellman-group14-sha256',
    'diffie-hellman-group16-sha512',
  ],
  serverHostKey: ['ssh-ed25519', 'ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521', 'rsa-sha2-512', 'rsa-sha2-256'], // prettier-ignore
  cipher: ['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com', 'aes128-ctr', 'aes192-ctr', 'aes256-ctr'],
  hmac: ['hmac-sha2-256-etm@openssh.com', 'hmac-sha2-512-etm@openssh.com', 'hmac-sha2-256', 'hmac-sha2-512'],
} as const;

/** What cheap or old switches know and nothing else; a device that needs it says so in the inventory. */
const legacy = {
  kex: [...today.kex, 'diffie-hellman-group14-sha1', 'diffie-hellman-group-exchange-sha1'],
  serverHostKey: [...today.serverHostKey, 'ssh-rsa'],
  cipher: [...today.cipher, 'aes128-cbc', 'aes256-cbc', '3des-cbc'],
  hmac: [...today.hmac, 'hmac-sha1'],
} as const;

/** Wide, so that no device breaks the lines that it shows. */
const terminal = { term: 'vt100', cols: 512, rows: 0 } as const;

export interface SshTarget {
  readonly host: string;
  readonly port: number;
  readonly credential: DeviceCredential;
  readonly hostKeys: HostKeys;
  readonly isLegacy: boolean;
}

/**
 * A shell on a device (RFC 4254, section 6). Throws `device.unreachable`, `device.timeout`, `device.sign-in`, and
 * `ssh.host-key` when the device shows another key than the one that is known: nothing was sent to it then.
 * @returns its two-way stream; destroying it ends the connection.
 */
export async function openSsh(target: SshTarget, deadlineMs: number): Promise<Duplex> {
  // Few programs configure anything: the library is loaded when the first device is opened.
  const { default: ssh } = await import('ssh2');
  const { host, port, credential, hostKeys, isLegacy } = target;
  const name = `${host}:${port}`;
  const known = await hostKeys.known();
  let shown = '';
  const opened = new Promise<Duplex>((resolve, reject) => {
    const client = new ssh.Client();
    const failed = (error: ArungError): void => {
      clearTimeout(timer);
      reject(error);
      client.destroy();
    };
    const timer = setTimeout(() => failed(deviceError('device.timeout', name)), deadlineMs);
    client.on('error', (cause: Error & { readonly level?: string }) => failed(errorOf(name, { cause, shown, known })));
    // Commands are short, and each waits for an answer.
    client.on('connect', () => client.setNoDelay(true));
    client.on('close', () => failed(deviceError('device.closed', name)));
    client.on('keyboard-interactive', (_name, _instructions, _language, prompts, finish) =>
      finish(prompts.map(() => credential.password)),
    );
    client.on('ready', () => {
      client.shell(terminal, (cause, channel) => {
        if (cause !== undefined) return failed(deviceError('device.garbage', name, cause));
        channel.on('close', () => client.destroy());
        channel.stderr.resume();
        clearTimeout(timer);
        resolve(channel);
      });
    });
    const { kex, serverHostKey, cipher, hmac } = isLegacy ? legacy : today;
    client.connect({
      host,
      port,
      username: credential.user,
      password: credential.password,
      tryKeyboard: true,
      readyTimeout: 0,
      keepaliveInterval: 0,
      hostVerifier: (key: Buffer) => {
        shown = fingerprintOf(key);
        return known === null || known === shown;
      },
      algorithms: { kex: [...kex], serverHostKey: [...serverHostKey], cipher: [...cipher], hmac: [...hmac] },
    });
  });
  const stream = await opened.catch(async (error: unknown) => {
    if (error instanceof ArungError && error.code === 'ssh.host-key') await hostKeys.refused?.(shown);
    throw error;
  });
  await (known === null ? hostKeys.learned(shown) : hostKeys.met?.())?.catch((error: unknown) => {
    stream.destroy();
    throw error;
  });
  return stream;
}

/** As OpenSSH shows it: `SHA256:` and 43 characters. */
export function fingerprintOf(key: Uint8Array): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

function errorOf(
  address: string,
  met: { readonly cause: Error & { readonly level?: string }; readonly shown: string; readonly known: string | null },
): ArungError {
  const { cause, shown, known } = met;
  if (known !== null && shown !== '' && known !== shown) {
    return new ArungError(
      'unavailable',
      `${address} shows another SSH key (${shown}) than before (${known}): nothing was sent to it. Was the device replaced? Then forget its key and try again; if not, somebody sits in between.`,
      { code: 'ssh.host-key', arguments: { address, shown, known }, cause },
    );
  }
  if (cause.level === 'client-authentication') return deviceError('device.sign-in', address, cause);
  if (/no matching (key exchange|host key|c->s|s->c|server host key)/i.test(cause.message)) {
    return new ArungError(
      'unavailable',
      `${address} knows only SSH algorithms that are broken or outdated (${cause.message}). If it cannot be updated, give it the tag ssh-legacy in the inventory.`,
      { code: 'ssh.algorithms', arguments: { address }, cause },
    );
  }
  const isGone = /ECONNREFUSED|EHOSTUNREACH|ENETUNREACH/.test(cause.message);
  return deviceError(isGone ? 'device.unreachable' : 'device.closed', address, cause);
}
