import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { simulatorInventory } from '../../src/demo/places.ts';
import type { Demo } from '../support/demo.ts';
import { describeWithPeer } from '../support/peers.ts';
import { demoDesk } from '../support/pulumi/demo-desk.ts';
import { yes, type Answer, type Desk } from '../support/pulumi/desk.ts';

/**
 * Every command of docs/pulumi.md, typed as it stands, in a copy of the shipped folder that was installed from its own lock,
 * against a whole demo. What is not as it stands: the address of the demo, which has a free port; `--generate-code=false`,
 * since the stand-in of the language host writes no programs.
 */
const page = readFileSync(join(import.meta.dirname, '../../docs/pulumi.md'), 'utf8');
const say = (text: string): void => void process.stdout.write(`pulumi-folder: ${text}\n`);
const lalepo = 'rtr-kahu-lalepo-01';
const carima = 'rtr-kahu-carima-01';

/** The commands of the page: lines of its shell blocks, and what stands in its sentences. */
function commandsOf(text: string): readonly string[] {
  const blocks = [...text.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block = '']) => block.split('\n'));
  const inline = [...text.matchAll(/`(npx pulumi [^`]+)`/g)].map(([, command = '']) => command);
  return [...blocks, ...inline].map((line) => line.replace(/ {2,}#.*$/, '').trim()).filter((line) => line !== '');
}

/** A block of TypeScript of the page, by the heading that it stands under. */
function exampleUnder(heading: string): string {
  const section = page.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  const found = /```ts\n([\s\S]*?)```/.exec(section)?.[1];
  if (found === undefined) throw new Error(`docs/pulumi.md has no example under ${heading}`);
  return found;
}

describeWithPeer('pulumi', 'the shipped folder, by the commands of its page', (pulumi) => {
  let demo: Demo;
  let desk: Desk;
  let key = '';

  beforeAll(async () => {
    ({ demo, desk } = await demoDesk(pulumi));
  }, 600_000);
  afterAll(async () => {
    desk?.remove();
    await demo?.remove();
  });

  const typed = async (line: string, answers: readonly Answer[] = []) => {
    const done = await desk.well(line, answers);
    say(`${done.tookS.toFixed(1)} s  ${line}`);
    return done.shown;
  };
  /** How many routers the program has found: what it exports. */
  const configured = async () => /\b(\d+)\b/.exec((await desk.well('npx pulumi stack output configured')).shown)?.[1];
  const pulumiUp = () => typed('npx pulumi up', yes);

  /** As somebody who sits at the router: its REST API. */
  async function byHand(device: string, method: string, path: string, body?: object, as?: readonly [string, string]) {
    const { address, managementPort } = await demo.get<{ address: string; managementPort: number }>(
      `/api/v1/devices/${device}`,
    );
    const { credentials } = JSON.parse(readFileSync(simulatorInventory(demo.dataDir), 'utf8')) as {
      readonly credentials: readonly { readonly kind: string; readonly user: string; readonly secret: string }[];
    };
    const own = credentials.find(({ kind }) => kind === 'routeros');
    const [user, password] = as ?? [own?.user ?? '', own?.secret ?? ''];
    const response = await fetch(`http://${address}:${managementPort + 1}/rest${path}`, {
      method,
      headers: {
        authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
        'content-type': 'application/json',
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, answer: (await response.json()) as unknown };
  }
  const rows = async (device: string, menu: string) =>
    (await byHand(device, 'GET', menu)).answer as readonly Readonly<Record<string, string>>[];

  it('installs, and configures all routers of Kahu; then nothing is left to do', async () => {
    await typed('npm ci');
    await typed('mkdir -p state');
    const token = await desk.well('../arung token create --name pulumi --role operator');
    desk.export('ARUNG_TOKEN', token.shown.trim().split('\n').at(-1)?.trim() ?? '');
    desk.lines.push('export ARUNG_TOKEN=$(../arung token create --name pulumi --role operator)');
    await typed('npx pulumi stack init kahu');
    expect(await typed('npx pulumi preview')).toMatch(/22 devices in \d+ waves:/);
    await pulumiUp();
    expect(await configured()).toBe('22');
    await typed('npx pulumi stack select --create kahu');
    await typed('npx pulumi preview');
    expect(await pulumiUp()).toMatch(/unchanged/);
    expect(await typed('npx pulumi up --expect-no-changes', yes)).toMatch(/unchanged/);
    expect((await byHand(lalepo, 'GET', '/system/identity')).answer).toMatchObject({ name: lalepo });
    expect(await typed('npx pulumi refresh', yes)).not.toMatch(/error/i);
  });

  it('adopts an entry that was made by hand', async () => {
    await byHand(lalepo, 'PUT', '/ip/pool', { name: 'kolam', ranges: '10.73.8.10-10.73.8.99' });
    const found = await typed(
      'curl -s -H "authorization: Bearer $ARUNG_TOKEN" "$ARUNG_URL/api/v1/intents/rtr-kahu-lalepo-01/found?subject=/ip/pool"',
    );
    const { items } = JSON.parse(found) as { items: { key: string; values: { name: string } }[] };
    key = items.find(({ values }) => values.name === 'kolam')?.key ?? '';
    const literal = `npx pulumi import arung:index:RouterosItem kolam 'rtr-kahu-lalepo-01/ip/pool#${key}'`;
    await typed(`${literal} --generate-code=false`, yes);
    desk.lines.push(literal);
    desk.edit('index.ts', (text) =>
      text
        .replace(/^import \* as pulumi/, "import { RouterosItem } from './arung/routeros-item.ts';\n$&")
        .replace('const rollout =', `${exampleUnder('Adopt routers that are there').replaceAll('KEY', key)}\n$&`)
        .replace('of: routers', 'of: [...routers, kolam]'),
    );
    expect(await typed('npx pulumi preview')).toMatch(/~ .*kolam/);
    await pulumiUp();
    expect(await rows(lalepo, '/ip/pool')).toContainEqual(
      expect.objectContaining({ name: 'kolam', comment: `arung:${key}` }),
    );
  });

  it('rotates a password on all of them', async () => {
    for (const password of ['sandi-lama-2026', 'sandi-baru-2027']) {
      await typed('npx pulumi config set --secret operator', [[/value/i, `${password}\r`]]);
      expect(await typed('npx pulumi preview')).toMatch(/22 devices in \d+ waves:/);
      await pulumiUp();
      for (const router of [lalepo, carima, 'rtr-kahu-01']) {
        expect((await byHand(router, 'GET', '/system/identity', undefined, ['operator', password])).status).toBe(200);
      }
    }
    const old = await byHand(lalepo, 'GET', '/system/identity', undefined, ['operator', 'sandi-lama-2026']);
    expect(old.status).toBe(401);
  });

  it('adds a village that is not in the inventory', async () => {
    const { siteId, address, managementPort, port } = await demo.get<{
      siteId: string;
      address: string;
      managementPort: number;
      port: number;
    }>(`/api/v1/devices/${carima}`);
    // It leaves first: its router stands there as before, and nobody knows it.
    const links = await demo.all<{ id: string; aName: string; bName: string }>('/api/v1/links');
    const gone = links.filter(({ aName, bName }) => /carima/.test(`${aName} ${bName}`));
    for (const { id } of gone) expect((await demo.call('DELETE', `/api/v1/links/${id}`)).status).toBeLessThan(300);
    const devices = await demo.all<{ id: string; siteId: string }>('/api/v1/devices');
    for (const { id } of devices.filter((one) => one.siteId === siteId)) {
      expect((await demo.call('DELETE', `/api/v1/devices/${id}`)).status).toBeLessThan(300);
    }
    expect((await demo.call('DELETE', `/api/v1/sites/${siteId}`)).status).toBeLessThan(300);
    await pulumiUp();
    expect(await configured()).toBe('21');
    desk.edit('index.ts', (text) => {
      const example = exampleUnder('Add a village')
        .replace(/address: '[^']*'/, `address: '${address}'`)
        .replace('managementPort: 8728', `managementPort: ${managementPort}`)
        .replace('port: 161', `port: ${port}`);
      return `${text}\n${example}`;
    });
    await pulumiUp();
    await pulumiUp();
    expect(await configured()).toBe('22');
    const [user] = (await rows(carima, '/user')).filter(({ name }) => name === 'operator');
    expect(user).toBeDefined();
    expect(await typed('npx pulumi up --expect-no-changes', yes)).toMatch(/unchanged/);
  });

  it('stages one resource and rolls nothing with --target', async () => {
    desk.edit('index.ts', (text) => text.replace('10.73.8.10-10.73.8.99', '10.73.8.10-10.73.8.50'));
    const urn = 'urn:pulumi:kahu::arung::arung:index:RouterosItem::kolam';
    await typed(`npx pulumi up --target ${urn}`, yes);
    desk.lines.push('npx pulumi up --target RESOURCE');
    const pool = async () => (await rows(lalepo, '/ip/pool')).find(({ name }) => name === 'kolam')?.['ranges'];
    expect(await pool()).toBe('10.73.8.10-10.73.8.99');
    await pulumiUp();
    expect(await pool()).toBe('10.73.8.10-10.73.8.50');
  });

  it('is right again after a crash', async () => {
    desk.edit('index.ts', (text) => text.replace('10.73.8.10-10.73.8.50', '10.73.8.10-10.73.8.60'));
    const killed = await desk.typed('npx pulumi up', yes, /rollout \d+ (queued|running)/);
    expect(killed.code).not.toBe(0);
    await typed('npx pulumi cancel --yes');
    await pulumiUp();
    await typed('npx pulumi refresh --clear-pending-creates --yes');
    expect((await rows(lalepo, '/ip/pool')).find(({ name }) => name === 'kolam')).toMatchObject({
      ranges: '10.73.8.10-10.73.8.60',
    });
    expect(await typed('npx pulumi up --expect-no-changes', yes)).toMatch(/unchanged/);
  });

  it('has another kecamatan as another stack', async () => {
    await typed('npx pulumi stack select --create hub');
    expect(await typed('npx pulumi preview')).toMatch(/\d+ devices? in \d+ waves?:/);
    await typed('npx pulumi stack init libureng');
    await typed('npx pulumi config set region 73.08.06');
    await typed("npx pulumi config set --path 'managementFrom[0]' 10.0.0.0/8");
    expect(await typed('npx pulumi preview')).toMatch(/\d+ devices in \d+ waves:/);
    await typed('npx pulumi stack select kahu');
  });

  it('goes, and leaves the routers as they are', async () => {
    await typed('npx pulumi destroy', yes);
    const { items } = await demo.get<{ items: { staged: unknown }[] }>('/api/v1/intents?limit=500');
    expect(items.map(({ staged }) => staged)).toEqual(items.map(() => null));
    expect((await rows(lalepo, '/ip/pool')).map(({ name }) => name)).toContain('kolam');
  });

  it('was every command of the page', () => {
    const known = new Set(desk.lines.map((line) => line.replaceAll(key, 'KEY')));
    // What stands for something else here: said above, or a setting of this test.
    const elsewhere = /^(cd pulumi|export (PULUMI_CONFIG_PASSPHRASE|ARUNG_URL)=)/;
    expect(commandsOf(page).filter((line) => !known.has(line) && !elsewhere.test(line))).toEqual([]);
  });
}); // prettier-ignore
