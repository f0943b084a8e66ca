import { spawn, type ChildProcess } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A UDP port of 127.0.0.1 that was free a moment ago. */
export async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(resolve));
  return port;
}

/** Debian's snmpd on a port of its own, with a folder of its own where it counts its starts. */
export class Snmpd {
  readonly port: number;
  readonly #program: string;
  readonly #folder: string;
  readonly #addresses: number;
  #daemon: ChildProcess | null = null;

  private constructor(program: string, port: number, folder: string, addresses: number) {
    this.#program = program;
    this.port = port;
    this.#folder = folder;
    this.#addresses = addresses;
  }

  /** On 127.0.0.1, and on as many of the addresses that follow as `addresses` says. */
  static async start(program: string, config: readonly string[], addresses = 1): Promise<Snmpd> {
    const snmpd = new Snmpd(program, await freeUdpPort(), await mkdtemp(join(tmpdir(), 'arung-snmpd-')), addresses);
    await snmpd.configure(config);
    snmpd.begin();
    return snmpd;
  }

  /** What holds from its next start on. */
  async configure(config: readonly string[]): Promise<void> {
    const places = Array.from({ length: this.#addresses }, (_, at) => `udp:127.0.0.${at + 1}:${this.port}`);
    const lines = [`agentaddress ${places.join(',')}`, ...config, ''];
    await writeFile(join(this.#folder, 'given.conf'), lines.join('\n'));
  }

  begin(): void {
    const args = ['-f', '-Lo', '-C', '-c', join(this.#folder, 'given.conf'), '-I', '-smux'];
    this.#daemon = spawn(this.#program, [...args, '-p', join(this.#folder, 'pid')], {
      env: { SNMP_PERSISTENT_DIR: this.#folder, MIBS: '' },
      stdio: 'ignore',
    });
  }

  async end(): Promise<void> {
    const daemon = this.#daemon;
    this.#daemon = null;
    if (daemon === null || daemon.exitCode !== null) return;
    daemon.kill();
    await once(daemon, 'exit');
  }

  /** Forgets how often it started, as devices do that keep no count. */
  async forget(): Promise<void> {
    await rm(join(this.#folder, 'snmpd.conf'), { force: true });
  }

  async stop(): Promise<void> {
    await this.end();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
