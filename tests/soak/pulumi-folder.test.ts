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
    const token = await desk.well('../arung token create --name pulumi --role operator --replace');
    desk.export('ARUNG_TOKEN', token.shown.trim().split('\n').at(-1)?.trim() ?? '');
    desk.lines.push('export ARUNG_TOKEN=$(../arung token create --name pulumi --role operator --replace)');
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
    const add = '../arung simulator hand rtr-kahu-lalepo-01 /ip/pool/add name=kolam ranges=10.73.8.10-10.73.8.99';
    expect(await typed(add)).toMatch(/name=kolam/);
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
        .replace(/^import \* as pulumi/m, "import { RouterosItem } from './arung/routeros-item.ts';\n$&")
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

  it('sees what a hand does, as the page has it typed', async () => {
    await typed('../arung simulator hand rtr-kahu-lalepo-01 /ip/dns/set servers=9.9.9.9');
    expect(await typed('npx pulumi preview --diff')).toMatch(/- +servers=9\.9\.9\.9/);
    await pulumiUp();
    expect(await typed('npx pulumi up --expect-no-changes', yes)).toMatch(/unchanged/);
  });

  it('adds a site as the page has it, and configures its router when that stands there', async () => {
    desk.edit('index.ts', (text) => `${text}\n${exampleUnder('Add a site')}`);
    await pulumiUp();
    expect(await configured()).toBe('22');
    const { siteId, address, managementPort, port } = await demo.get<{
      siteId: string;
      address: string;
      managementPort: number;
      port: number;
    }>(`/api/v1/devices/${carima}`);
    // A village of the demo leaves: its router stands there as before, nobody knows it, and it is the new site's.
    const links = await demo.all<{ id: string; aName: string; bName: string }>('/api/v1/links');
    const gone = links.filter(({ aName, bName }) => /kahu-carima/.test(`${aName} ${bName}`));
    for (const { id } of gone) expect((await demo.call('DELETE', `/api/v1/links/${id}`)).status).toBeLessThan(300);
    const devices = await demo.all<{ id: string; siteId: string }>('/api/v1/devices');
    for (const { id } of devices.filter((one) => one.siteId === siteId)) {
      expect((await demo.call('DELETE', `/api/v1/devices/${id}`)).status).toBeLessThan(300);
    }
    expect((await demo.call('DELETE', `/api/v1/sites/${siteId}`)).status).toBeLessThan(300);
    desk.edit('index.ts', (text) =>
      text
        .replace("rolloutStatus: 'building'", "rolloutStatus: 'active'")
        .replace(/address: '10.73.2.60',\s+port: 161,/, `address: '${address}', port: ${port},`)
        .replace("vendor: 'MikroTik',", `$& managementCredential: 'routeros-bone', managementPort: ${managementPort},`),
    );
    await pulumiUp();
    await pulumiUp();
    expect(await configured()).toBe('22');
    const rest = await demo.get<{ managementPort: number }>('/api/v1/devices/rtr-pustu-carima-01');
    expect(rest.managementPort).toBe(managementPort);
    const [user] = (await rows('rtr-pustu-carima-01', '/user')).filter(({ name }) => name === 'operator');
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

  it('has the routers tell who changes them', async () => {
    await typed('npx pulumi config set logTo 10.73.0.2');
    expect(await typed('npx pulumi preview')).toMatch(/22 devices in \d+ waves:/);
    await pulumiUp();
    const to = { name: 'arung', target: 'remote', remote: '10.73.0.2', 'remote-port': '514' };
    expect(await rows(lalepo, '/system/logging/action')).toContainEqual(expect.objectContaining(to));
  });

  it('has another kecamatan as another stack', async () => {
    await typed('npx pulumi stack select --create hub');
    expect(await typed('npx pulumi preview')).toMatch(/\d+ devices? in \d+ waves?:/);
    await typed('npx pulumi stack init libureng');
    await typed('npx pulumi config set region 73.08.06');
    await typed("npx pulumi config set --path 'managementFrom[0]' 10.0.0.0/8");
    await desk.well('npx pulumi config set region 73.08.99');
    expect((await desk.typed('npx pulumi preview')).shown).toMatch(/there is no region 73.08.99 in Arung/);
    await desk.well('npx pulumi config set region 73.08.06');
    expect(await typed('npx pulumi preview')).toMatch(/\d+ devices in \d+ waves:/);
    await typed('npx pulumi stack select kahu');
  });

  it('imports what is there, and leaves it in Arung when it leaves the program', async () => {
    const literal = "npx pulumi import arung:index:MonitoredSite carima '73.08.02.2015'";
    const other = literal.replace('carima', 'lalepo').replace('2015', '2019');
    await typed(`${other} --generate-code=false`, yes);
    desk.lines.push(literal);
    await typed('npx pulumi stack --show-urns');
    await desk.well("npx pulumi state delete --yes --force 'urn:pulumi:kahu::arung::arung:index:MonitoredSite::lalepo'");
    desk.lines.push('npx pulumi state delete URN');
    expect(await demo.get('/api/v1/sites/73.08.02.2019')).toMatchObject({ managedBy: 'import' });
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
    const elsewhere = /^(cd pulumi|export (PULUMI_CONFIG_PASSPHRASE|ARUNG_URL|ARUNG_DATA_DIR)=|npx --yes --package=node@24)/;
    expect(commandsOf(page).filter((line) => !known.has(line) && !elsewhere.test(line))).toEqual([]);
  });
}); // prettier-ignore
