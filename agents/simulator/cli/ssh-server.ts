import { createHash, createPrivateKey, createPublicKey } from 'node:crypto';
import type { Connection, Server } from 'ssh2';
import { CliSession } from './cli-session.ts';
import type { SwitchDevice } from './switch-device.ts';
import type { WiredStream } from './wired-stream.ts';

/**
 * One SSH server for all switches of the backbone, made when somebody opens the first: hundreds of servers, each with keys of
 * its own, would cost more than all else that is simulated. They show one host key, the same after a restart.
 */
export class SshServer {
  readonly #seed: string;
  readonly #devices = new Map<number, SwitchDevice>();
  #server: Promise<Server> | null = null;

  /** @param seed something that only this backbone knows: its host key comes of it. */
  constructor(seed: string) {
    this.#seed = seed;
  }

  async take(stream: WiredStream, device: SwitchDevice): Promise<void> {
    this.#devices.set(stream.remotePort, device);
    stream.on('close', () => this.#devices.delete(stream.remotePort));
    this.#server ??= this.#made();
    const server = await this.#server;
    // It wants to be a socket only for the address of who is connected, which it has.
    if (!stream.destroyed) (server as unknown as { injectSocket(stream: WiredStream): void }).injectSocket(stream);
  }

  async #made(): Promise<Server> {
    // Of a library in CommonJS Node knows only some names; the whole of it is its default.
    const { default: ssh } = await import('ssh2');
    return new ssh.Server({ hostKeys: [hostKeyOf(this.#seed)], ident: 'OpenSSH_7.9' }, (client, { ip, port }) => {
      const device = this.#devices.get(port);
      if (device === undefined) client.end();
      else serve(client, device, ip);
    });
  }
}

function serve(client: Connection, device: SwitchDevice, address: string): void {
  let user = '';
  client.on('error', () => undefined); // whoever goes away goes away
  client.on('authentication', (context) => {
    user = context.username;
    if (context.method !== 'password') return context.reject(['password']);
    const secret = device.maker.users(device.running).get(user);
    if (secret !== undefined && secret === context.password) context.accept();
    else context.reject(['password']);
  });
  client.on('ready', () => {
    client.on('session', (accept) => {
      const session = accept();
      session.on('pty', (take) => take?.());
      session.on('shell', (take) => {
        const channel = take();
        const leave = (): void => {
          channel.exit(0);
          channel.end();
        };
        void new CliSession(device, channel, { user, address }, leave);
      });
    });
  });
}

/** An Ed25519 key in OpenSSH's format (PROTOCOL.key), made of a seed. */
export function hostKeyOf(seed: string): string {
  const secret = createHash('sha256').update(`ssh host key/${seed}`).digest();
  const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), secret]);
  const key = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
  const open = createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32);
  const number = (value: number): Buffer => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return bytes;
  };
  const text = (value: string | Buffer): Buffer =>
    Buffer.concat([number(Buffer.byteLength(value)), Buffer.from(value)]);
  const publicPart = Buffer.concat([text('ssh-ed25519'), text(open)]);
  const body = Buffer.concat([number(7), number(7), text('ssh-ed25519'), text(open), text(Buffer.concat([secret, open])), text('')]); // prettier-ignore
  const padding = Buffer.from(Array.from({ length: (8 - (body.length % 8)) % 8 }, (_, i) => i + 1));
  const whole = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    text('none'),
    text('none'),
    text(''),
    number(1),
    text(publicPart),
    text(Buffer.concat([body, padding])),
  ]);
  const lines = whole.toString('base64').match(/.{1,70}/g) ?? [];
  return ['-----BEGIN OPENSSH PRIVATE KEY-----', ...lines, '-----END OPENSSH PRIVATE KEY-----', ''].join('\n');
}
