import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAsync } from 'mqtt';
import type { MqttCredential } from '../../src/telemetry/credentials.ts';
import { mosquittoFiles } from '../../src/telemetry/mosquitto-files.ts';

/** A real Mosquitto on loopback as in production: TLS, passwords, access lists, and sessions that outlive it. */
export interface RunningMosquitto {
  readonly port: number;
  /** The authority that signed its certificate. */
  readonly caFile: string;
  /** Ends it as a fault would (kill -9), or in good order; what it keeps stays on its disk. */
  stop(signal: 'SIGKILL' | 'SIGTERM'): Promise<void>;
  start(): Promise<void>;
  /** Stops it and removes its folder. */
  end(): Promise<void>;
}

/** `logins` by user name; one of them is `arung`, with the rights of the controller. */
export async function startMosquitto(
  program: string,
  openssl: string,
  logins: ReadonlyMap<string, MqttCredential>,
): Promise<RunningMosquitto> {
  const folder = mkdtempSync(join(tmpdir(), 'arung-mosquitto-'));
  // Mosquitto gives up root and reads and writes as its own user.
  chmodSync(folder, 0o755);
  const file = (name: string, text?: string): string => {
    if (text !== undefined) writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  mkdirSync(file('kept'));
  chmodSync(file('kept'), 0o777);
  makeCertificate(openssl, file);
  const { passwords, acl } = await mosquittoFiles(logins);
  const port = await freePort();
  const config = [
    `listener ${port} 127.0.0.1`,
    'allow_anonymous false',
    `password_file ${file('passwords', passwords)}`,
    `acl_file ${file('acl', acl)}`,
    `cafile ${file('ca.crt')}`,
    `certfile ${file('server.crt')}`,
    `keyfile ${file('server.key')}`,
    'persistence true',
    `persistence_location ${file('kept')}/`,
    'autosave_on_changes true',
    'autosave_interval 1',
    'max_queued_messages 0',
  ];
  file('mosquitto.conf', `${config.join('\n')}\n`);
  const controller = logins.get('arung');
  let child: ChildProcess | null = null;

  const start = async (): Promise<void> => {
    child = spawn(program, ['-c', file('mosquitto.conf')], { stdio: 'ignore' });
    for (let tries = 0; ; tries++) {
      try {
        const client = await connectAsync(`mqtts://127.0.0.1:${port}`, {
          username: 'arung',
          password: controller?.password ?? '',
          reconnectPeriod: 0,
          rejectUnauthorized: false,
        });
        await client.endAsync();
        return;
      } catch (error) {
        if (tries > 200) throw error;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  };
  const stop = async (signal: 'SIGKILL' | 'SIGTERM'): Promise<void> => {
    const leaving = child;
    child = null;
    if (leaving === null) return;
    const gone = new Promise((resolve) => leaving.once('exit', resolve));
    leaving.kill(signal);
    await gone;
  };
  await start();
  return {
    port,
    caFile: file('ca.crt'),
    start,
    stop,
    end: async () => {
      await stop('SIGTERM');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function makeCertificate(openssl: string, file: (name: string, text?: string) => string): void {
  const run = (...parts: readonly string[]): void => void execFileSync(openssl, parts, { stdio: 'ignore' });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  run('req', '-x509', ...newKey, '-keyout', file('ca.key'), '-out', file('ca.crt'), '-days', '2', '-subj', '/CN=test');
  run('req', ...newKey, '-keyout', file('server.key'), '-out', file('server.csr'), '-subj', '/CN=127.0.0.1');
  const names = file('names', 'subjectAltName=IP:127.0.0.1\n');
  const signing = ['-CA', file('ca.crt'), '-CAkey', file('ca.key'), '-CAcreateserial', '-extfile', names];
  run('x509', '-req', '-in', file('server.csr'), ...signing, '-out', file('server.crt'), '-days', '2');
  chmodSync(file('server.key'), 0o644);
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
