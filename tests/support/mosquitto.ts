import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAsync } from 'mqtt';
import type { MqttCredential } from '../../src/telemetry/credentials.ts';
import { mosquittoFiles } from '../../src/telemetry/mosquitto-files.ts';
import { makeCertificate, type FileIn } from './certificate.ts';
import { freePort } from './free-port.ts';

/** A real Mosquitto on loopback as in production: passwords, access lists, and sessions that outlive it. */
export interface RunningMosquitto {
  readonly port: number;
  /** Ends it as a fault would (kill -9), or in good order; what it keeps stays on its disk. */
  stop(signal: 'SIGKILL' | 'SIGTERM'): Promise<void>;
  start(): Promise<void>;
  /** Stops it and removes its folder. */
  end(): Promise<void>;
}

/** With TLS as well. */
export interface SecureMosquitto extends RunningMosquitto {
  /** The authority that signed its certificate. */
  readonly caFile: string;
}

/** `logins` by user name; one of them is `arung`, with the rights of the controller. */
export async function startMosquitto(
  program: string,
  openssl: string,
  logins: ReadonlyMap<string, MqttCredential>,
): Promise<SecureMosquitto> {
  const files = await mosquittoFiles(logins);
  let caFile = '';
  const running = await startWith({
    program,
    files,
    password: logins.get('arung')?.password ?? '',
    protocol: 'mqtts',
    secure: (file) => {
      makeCertificate(openssl, file);
      caFile = file('ca.crt');
      return [`cafile ${caFile}`, `certfile ${file('server.crt')}`, `keyfile ${file('server.key')}`];
    },
  });
  return { ...running, caFile };
}

/**
 * Without TLS, with files as `arung broker acl` writes them; `password` is the one of `arung` in them. What it keeps is on
 * its disk when it was stopped in good order, not by each message: it serves hundreds of terminals.
 */
export function startPlainMosquitto(options: {
  readonly program: string;
  readonly files: { readonly passwords: string; readonly acl: string };
  readonly password: string;
  /** A port that was free a moment ago. */
  readonly port: number;
}): Promise<RunningMosquitto> {
  return startWith({ ...options, protocol: 'mqtt', secure: () => [] });
}

async function startWith(options: {
  readonly program: string;
  readonly files: { readonly passwords: string; readonly acl: string };
  readonly password: string;
  readonly port?: number;
  readonly protocol: 'mqtt' | 'mqtts';
  /** Lines of its configuration for TLS. */
  readonly secure: (file: FileIn) => readonly string[];
}): Promise<RunningMosquitto> {
  const { program, files, password, protocol } = options;
  const folder = mkdtempSync(join(tmpdir(), 'arung-mosquitto-'));
  // Mosquitto gives up root and reads and writes as its own user.
  chmodSync(folder, 0o755);
  const file: FileIn = (name, text) => {
    if (text !== undefined) writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  mkdirSync(file('kept'));
  chmodSync(file('kept'), 0o777);
  const port = options.port ?? (await freePort());
  const config = [
    `listener ${port} 127.0.0.1`,
    'allow_anonymous false',
    `password_file ${file('passwords', files.passwords)}`,
    `acl_file ${file('acl', files.acl)}`,
    ...options.secure(file),
    'persistence true',
    `persistence_location ${file('kept')}/`,
    ...(protocol === 'mqtts' ? ['autosave_on_changes true', 'autosave_interval 1'] : []),
    'max_queued_messages 0',
  ];
  file('mosquitto.conf', `${config.join('\n')}\n`);
  let child: ChildProcess | null = null;

  const start = async (): Promise<void> => {
    child = spawn(program, ['-c', file('mosquitto.conf')], { stdio: 'ignore' });
    for (let tries = 0; ; tries++) {
      try {
        const client = await connectAsync(`${protocol}://127.0.0.1:${port}`, {
          username: 'arung',
          password,
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
    start,
    stop,
    end: async () => {
      await stop('SIGTERM');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
