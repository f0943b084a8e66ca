import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { ApiTokens } from '../src/auth/api-tokens.ts';
import { readConfig } from '../src/config.ts';
import { systemAccess, type Role } from '../src/domain/access.ts';
import { startController, type Controller } from '../src/main.ts';
import { describeWithPeer, itWithPeer } from './support/peers.ts';
import { Snmpd } from './support/snmpd.ts';
import { Telegraf } from './support/telegraf.ts';

/** A real Telegraf before the whole controller, by each way in: each of its points is there once, with its value. */
describeWithPeer('telegraf', 'Telegraf as a source', (program) => {
  const folder = mkdtempSync(join(tmpdir(), 'arung-with-telegraf-'));
  let controller: Controller;
  let admin: string;
  let publisher: string;
  let telegraf: Telegraf | null = null;
  let snmpd: Snmpd | null = null;

  interface Proposal {
    readonly id: string;
    readonly tag: string;
    readonly value: string;
    readonly regionCode: string | null;
    readonly agentName: string | null;
    readonly measurements: readonly string[];
  }

  async function tokenOf(role: Role, regionCode: string | null): Promise<string> {
    const tokens = new ApiTokens({ db: controller.database.db, audit: controller.audit });
    const name = `${role} ${regionCode} ${Math.random()}`;
    return (await tokens.create(systemAccess('test'), { name, role, regionCode, expiresAt: null })).token;
  }
  async function ask<T>(method: string, path: string, body?: unknown, token = admin): Promise<T> {
    const answer = await fetch(`${controller.url}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return (text === '' ? null : JSON.parse(text)) as T;
  }
  const write = (body: string | Buffer, options: { token?: string; query?: string; encoding?: string } = {}) =>
    fetch(`${controller.url}/api/v2/write?org=o&bucket=b${options.query ?? ''}`, {
      method: 'POST',
      headers: {
        ...(options.token === '' ? {} : { authorization: `Token ${options.token ?? publisher}` }),
        'content-type': 'text/plain; charset=utf-8',
        ...(options.encoding === undefined ? {} : { 'content-encoding': options.encoding }),
      },
      body,
    });
  async function until<T>(look: () => Promise<T | null | undefined>, seconds = 40): Promise<T> {
    for (let tries = 0; tries < seconds * 4; tries++) {
      const found = await look();
      if (found !== null && found !== undefined) return found;
      await sleep(250);
    }
    throw new Error(`nothing came in ${seconds} s; Telegraf said: ${telegraf?.said ?? ''}`);
  }
  const proposal = (value: string, ignored = false) =>
    until(async () => {
      const { items } = await ask<{ items: Proposal[] }>('GET', `/proposals?ignored=${ignored}`);
      return items.find((one) => one.value === value);
    });
  const stateOf = async (id: string) => (await ask<{ state: string }>('GET', `/devices/${id}`)).state;

  beforeAll(async () => {
    chmodSync(folder, 0o711);
    const env = {
      ARUNG_DATA_DIR: join(folder, 'data'),
      ARUNG_KEY_FILE: join(folder, 'key'),
      ARUNG_PORT: '0',
      ARUNG_ADMIN_PASSWORD: 'kata-sandi-uji-2026',
      HOME: folder,
    };
    const { config } = readConfig({ env, cwd: folder });
    controller = await startController({ config, logger: pino({ level: 'silent' }) });
    admin = await tokenOf('administrator', null);
    await ask('POST', '/regions/import', { code: '73.08' });
    await ask('POST', '/inventory/import', {
      format: 'arung-inventory/1',
      sites: [{ code: 'kec-bontocani', name: 'Kantor Camat Bontocani', kind: 'district', region: '73.08.01' }].map(
        (site) => ({ ...site, network: 'smart-city', rolloutStatus: 'active' }),
      ),
    });
    publisher = await tokenOf('publisher', '73.08.01');
    for (const name of ['tg-lines', 'tg-batches']) {
      const login = { name: `mqtt-${name}`, kind: 'mqtt', user: name, secret: 'sandi-telegraf' };
      const { id } = await ask<{ id: string }>('POST', '/credentials', login);
      await ask('POST', '/agents', { name, credentialId: id });
    }
  }, 120_000);
  afterEach(async () => {
    await telegraf?.end();
    telegraf = null;
    await snmpd?.end();
    snmpd = null;
  });
  afterAll(async () => {
    await controller.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const inputs = '[[inputs.cpu]]\n[[inputs.mem]]\n[[inputs.internal]]\n';
  const mqtt = (user: string, layout: string): string =>
    `[[outputs.mqtt]]\nservers = ["tcp://127.0.0.1:${controller.mqttPort}"]\nqos = 1\nlayout = "${layout}"\n` +
    `topic = 'telegraf/{{ .Tag "host" }}/{{ .Name }}'\n` +
    `username = "${user}"\npassword = "sandi-telegraf"\ndata_format = "influx"\n`;
  const ways: readonly (readonly [string, string, () => string])[] = [
    [
      'outputs.influxdb_v2',
      'tg-influx',
      () =>
        `[[outputs.influxdb_v2]]\nurls = ["${controller.url}"]\ntoken = "${publisher}"\norganization = "o"\nbucket = "b"\n`,
    ],
    [
      'outputs.http',
      'tg-http',
      () =>
        `[[outputs.http]]\nurl = "${controller.url}/api/v2/write"\ndata_format = "influx"\n` +
        `[outputs.http.headers]\nAuthorization = "Token ${publisher}"\n`,
    ],
    ['outputs.mqtt, a line a message', 'tg-lines', () => mqtt('tg-lines', 'non-batch')],
    ['outputs.mqtt, a batch a message', 'tg-batches', () => mqtt('tg-batches', 'batch')],
  ];

  it.each(ways)(
    'by %s: proposed, accepted, each point once, up while it speaks and down when it does not',
    async (_way, host, output) => {
      const from = Math.floor(Date.now() / 1_000) - 5;
      telegraf = new Telegraf(program, host, inputs + output());
      telegraf.start();
      const proposed = await proposal(host);
      expect(proposed).toMatchObject({ tag: 'host', value: host });
      const { deviceId } = await ask<{ deviceId: string }>('POST', `/proposals/${proposed.id}/accept`, {
        device: { name: `srv-${host}`, siteId: await siteId(), role: 'server' },
      });
      // It keeps its id, and so what was measured before.
      expect(deviceId).toBe(proposed.id);
      await until(async () => ((await stateOf(deviceId)) === 'up' ? true : null));
      await sleep(4_000);
      await telegraf.stop();
      const sent = telegraf.recorded();
      expect(sent.size).toBeGreaterThan(40);
      await sleep(1_500);

      const asked = { filter: { device: [deviceId] }, from, to: Math.floor(Date.now() / 1_000) + 2, stepS: 1 };
      const found = new Map<string, Map<number, number>>();
      for (const measurement of new Set([...sent.keys()].map((key) => key.split(/[, ]/, 1)[0] ?? ''))) {
        const own = [...sent.keys()].filter((key) => key.split(/[, ]/, 1)[0] === measurement);
        const fields = [...new Set(own.map((key) => key.slice(key.lastIndexOf(' ') + 1)))];
        for (let at = 0; at < fields.length; at += 20) {
          const query = { ...asked, measurement: `external/${measurement}`, fields: fields.slice(at, at + 20) };
          const answer = await ask<Answer>('POST', '/series/query', { ...query, aggregate: 'sum' });
          const counts = await ask<Answer>('POST', '/series/query', { ...query, aggregate: 'count' });
          for (const { values } of counts.series) expect(Math.max(...values.map((value) => value ?? 0))).toBe(1);
          for (const { tags, field, values } of answer.series) {
            const { device: _, ...rest } = tags;
            const names = Object.entries({ ...rest, host }).sort(([one], [other]) => (one < other ? -1 : 1));
            const key = `${measurement}${names.map(([name, value]) => `,${name}=${value}`).join('')} ${field}`;
            const seconds = new Map<number, number>();
            for (const [step, value] of values.entries()) {
              if (value !== null) seconds.set(answer.times[step] ?? 0, value);
            }
            found.set(key, seconds);
          }
        }
      }
      for (const [key, seconds] of sent)
        expect(Object.fromEntries(found.get(key) ?? []), key).toEqual(Object.fromEntries(seconds));
      const count = (all: ReadonlyMap<string, ReadonlyMap<number, number>>): number =>
        [...all.values()].reduce((sum, { size }) => sum + size, 0);
      expect(count(found)).toBe(count(sent));

      await until(async () => ((await stateOf(deviceId)) === 'down' ? true : null));
    },
    120_000,
  );

  itWithPeer(
    'snmpd',
    'proposes what it reads for others, and says nothing of that while it is silent itself',
    async (snmpdProgram) => {
      snmpd = await Snmpd.start(snmpdProgram, ['rocommunity public']);
      telegraf = new Telegraf(
        program,
        'tg-poller',
        `[[inputs.cpu]]\npercpu = false\n[[inputs.snmp]]\nagents = ["udp://127.0.0.1:${snmpd.port}"]\ncommunity = "public"\n` +
          `timeout = "500ms"\nretries = 0\nname = "system"\n[[inputs.snmp.field]]\nname = "uptime"\noid = "1.3.6.1.2.1.1.3.0"\n${ways[0]?.[2]()}`,
      );
      telegraf.start();
      const proposed = await proposal('127.0.0.1');
      expect(proposed).toMatchObject({ tag: 'agent_host', regionCode: '73.08.01' });
      const { deviceId } = await ask<{ deviceId: string }>('POST', `/proposals/${proposed.id}/accept`, {
        device: { name: 'rtr-by-telegraf', siteId: await siteId(), role: 'router' },
      });
      await until(async () => ((await stateOf(deviceId)) === 'up' ? true : null));
      await snmpd.end();
      await until(async () => ((await stateOf(deviceId)) === 'down' ? true : null));
      snmpd.begin();
      await until(async () => ((await stateOf(deviceId)) === 'up' ? true : null));
      await telegraf.stop();
      await until(async () => ((await stateOf(deviceId)) === 'unknown' ? true : null), 90);
    },
    200_000,
  );

  it('keeps nothing of what is ignored', async () => {
    await write('cpu,host=besok usage_idle=1');
    const { id } = await proposal('besok');
    await ask('POST', `/proposals/${id}/ignore`);
    expect(await proposal('besok', true)).toMatchObject({ id });
    expect((await write('cpu,host=besok usage_idle=2')).status).toBe(204);
    const figures = await (
      await fetch(`${controller.url}/metrics`, { headers: { authorization: `Bearer ${admin}` } })
    ).text();
    expect(figures).toMatch(/arung_external_lines_total\{result="ignored"\} 1/);
    await ask('POST', `/proposals/${id}/restore`);
    await proposal('besok');
  });

  itWithPeer(
    'promtool',
    'gives Prometheus the last values of the reader’s regions, in a form that it accepts',
    async (promtool) => {
      await write('weather,host=cuaca,town="Watampone" wind=4.5,note="x\\y"');
      const { id } = await proposal('cuaca');
      await ask('POST', `/proposals/${id}/accept`, {
        device: { name: 'sta-cuaca', siteId: await siteId(), role: 'server' },
      });
      const scrape = async (region: string): Promise<string> => {
        const headers = { authorization: `Bearer ${await tokenOf('viewer', region)}` };
        return (await fetch(`${controller.url}/metrics/devices`, { headers })).text();
      };
      const labels = 'device="sta-cuaca",site="kec-bontocani",region="73.08.01"';
      await until(async () => {
        await write('weather,host=cuaca,town="Watampone" wind=5.5');
        return (await stateOf(id)) === 'up' ? true : null;
      });
      const text = await scrape('73.08.01');
      expect(text).toContain(`arung_device_up{${labels}} 1\n`);
      expect(text).toContain(
        `arung_external_value{${labels},measurement="weather",field="wind",tags="town=\\"Watampone\\""} 5.5\n`,
      );
      expect(await scrape('73.08.02')).not.toContain('sta-cuaca');
      const values = await ask<{ items: unknown[] }>('GET', `/devices/${id}/external`);
      expect(values.items).toMatchObject([{ measurement: 'weather', field: 'wind', value: 5.5 }]);
      const checked = spawnSync(promtool, ['check', 'metrics'], { input: text });
      expect(checked.stdout.toString() + checked.stderr.toString()).toBe('');
      expect(checked.status).toBe(0);
    },
    90_000,
  );

  it('answers as InfluxDB does', async () => {
    expect((await fetch(`${controller.url}/ping`)).status).toBe(204);
    expect(await (await fetch(`${controller.url}/health`)).json()).toMatchObject({ status: 'pass' });
    const said = async (answer: Response) => [answer.status, ((await answer.json()) as { code: string }).code];
    expect((await write(gzipSync('cpu,host=a v=1'), { encoding: 'gzip' })).status).toBe(204);
    expect((await write('cpu,host=a v=1 1764000000', { query: '&precision=s' })).status).toBe(204);
    expect(await said(await write('cpu,host=a v=1', { query: '&precision=h' }))).toEqual([400, 'invalid']);
    const partial = await write('cpu,host=a v=1\ncpu,host=a v=\ncpu,host=a w=1');
    expect(partial.status).toBe(400);
    expect(await partial.json()).toEqual({
      code: 'invalid',
      message: expect.stringMatching(/^line 2: .*\(2 lines were stored\)$/),
    });
    expect(await said(await write('cpu v=1', { token: 'nonsense' }))).toEqual([401, 'unauthorized']);
    expect(await said(await write('cpu v=1', { token: '' }))).toEqual([401, 'unauthorized']);
    expect(await said(await write('cpu v=1', { token: await tokenOf('viewer', null) }))).toEqual([403, 'forbidden']);
    expect(await said(await write(Buffer.alloc(9 * 1_048_576, 'x')))).toEqual([413, 'request too large']);
    expect(await said(await write(gzipSync(Buffer.alloc(40 * 1_048_576)), { encoding: 'gzip' }))).toEqual([
      413,
      'request too large',
    ]);
    expect(await said(await write(Buffer.from([0x1f, 0x8b, 1]), { encoding: 'gzip' }))).toEqual([400, 'invalid']);
  });

  it('gives a publisher no right to read, and its proposals to nobody of another region', async () => {
    await write('cpu,host=milik-bontocani v=1');
    const { id } = await proposal('milik-bontocani');
    await expect(ask('GET', '/devices', undefined, publisher)).rejects.toThrow('403');
    const stranger = await tokenOf('operator', '73.08.02');
    expect(await ask<{ items: Proposal[] }>('GET', '/proposals', undefined, stranger)).toMatchObject({ items: [] });
    await expect(ask('POST', `/proposals/${id}/ignore`, undefined, stranger)).rejects.toThrow('404');
    const own = await tokenOf('operator', '73.08.01');
    const { items } = await ask<{ items: Proposal[] }>('GET', '/proposals', undefined, own);
    expect(items.map(({ value }) => value)).toContain('milik-bontocani');
  });

  interface Answer {
    readonly times: readonly number[];
    readonly series: readonly {
      readonly tags: Record<string, string>;
      readonly field: string;
      readonly values: readonly (number | null)[];
    }[];
  }
  async function siteId(): Promise<string> {
    return (await ask<{ id: string }>('GET', '/sites/kec-bontocani')).id;
  }
});
