import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { axe, launch, openPage, signIn } from './support/browser.ts';
import { Demo, demoPassword } from './support/demo.ts';
import { itWithPeer } from './support/peers.ts';

const snmpd = '/usr/sbin/snmpd';
const there = `arung-net-${process.pid}`;
const cable = `arung${process.pid % 100_000}`;
/** A network of this test alone, behind a cable of its own. */
const net = `10.${200 + (process.pid % 50)}.${process.pid % 250}`;
const ip = (...args: readonly string[]): string => execFileSync('ip', args, { encoding: 'utf8' });

const mayRun = ((): boolean => {
  if (!existsSync(snmpd) || spawnSync('ip', ['netns', 'add', there]).status !== 0) return false;
  ip('netns', 'del', there);
  return true;
})();

interface Shown {
  readonly state: string;
  readonly cause: { readonly kind: string; readonly id: string } | null;
}

describe.skipIf(!mayRun)('the cable of Arung’s own machine (needs root, iproute2 and snmpd)', () => {
  const demo = new Demo({ ARUNG_LOG_LEVEL: 'warn' });
  const folder = mkdtempSync(join(tmpdir(), 'arung-uplink-'));
  const names = ['core', 'village', 'office', 'school'];
  const address = (index: number): string => `${net}.${index + 1}`;
  let daemon: ChildProcess | null = null;

  beforeAll(async () => {
    ip('netns', 'add', there);
    ip('link', 'add', cable, 'type', 'veth', 'peer', 'name', 'lan0', 'netns', there);
    ip('addr', 'add', `${net}.250/24`, 'dev', cable);
    ip('link', 'set', cable, 'up');
    for (const index of names.keys()) ip('-n', there, 'addr', 'add', `${address(index)}/24`, 'dev', 'lan0');
    ip('-n', there, 'link', 'set', 'lan0', 'up');
    ip('-n', there, 'link', 'set', 'lo', 'up');
    const places = names.map((_, index) => `udp:${address(index)}:161`).join(',');
    writeFileSync(join(folder, 'given.conf'), `agentaddress ${places}\nrocommunity umum\n`);
    const args = ['-f', '-Lo', '-C', '-c', join(folder, 'given.conf'), '-I', '-smux', '-p', join(folder, 'pid')];
    daemon = spawn('ip', ['netns', 'exec', there, snmpd, ...args], {
      env: { ...process.env, SNMP_PERSISTENT_DIR: folder, MIBS: '' },
      stdio: 'ignore',
    });
    const document = {
      format: 'arung-inventory/1',
      credentials: [{ name: 'umum', kind: 'snmp-v2c', secret: 'umum' }],
      sites: names.map((name, index) => ({
        code: name,
        name,
        kind: 'village',
        latitude: -4.5 - index / 10,
        longitude: 120.2,
        network: 'smart-city',
        region: '73.08',
        rolloutStatus: 'active',
      })),
      devices: names.map((name, index) => ({
        name,
        site: name,
        role: 'router',
        gateway: true,
        protocol: 'snmp',
        address: address(index),
        credential: 'umum',
      })),
      interfaces: names.slice(1).flatMap((name) => [
        { device: 'core', name: `to-${name}` },
        { device: name, name: 'uplink' },
      ]),
      links: names.slice(1).map((name) => ({
        name: `core--${name}`,
        medium: 'fibre',
        capacityBps: 1e9,
        a: `core:to-${name}`,
        b: `${name}:uplink`,
      })),
      agents: [{ name: 'local', attachedTo: ['core'] }],
    };
    writeFileSync(join(folder, 'network.json'), JSON.stringify(document));
    await demo.cli('regions', 'import', '73.08');
    await demo.cli('inventory', 'import', join(folder, 'network.json'));
    await demo.start('serve');
    await demo.until(({ devices }) => devices.up === names.length, 60_000);
  }, 180_000);

  afterAll(async () => {
    await demo.remove();
    daemon?.kill();
    spawnSync('ip', ['link', 'del', cable]);
    spawnSync('ip', ['netns', 'del', there]);
    rmSync(folder, { recursive: true, force: true });
  });

  it('makes everything unknown while it is out, one incident that says so, and nothing red', async () => {
    ip('-n', there, 'link', 'set', 'lan0', 'down');
    const seen = new Set<string>();
    await demo.until(({ devices }) => {
      for (const state of ['down', 'unreachable'] as const) if (devices[state] > 0) seen.add(state);
      return devices.unknown === names.length;
    }, 30_000);
    const village = await demo.get<Shown>('/api/v1/devices/village');
    expect(village.cause).toMatchObject({ kind: 'controller', id: 'arung.uplink' });
    const incidents = async () =>
      (
        await demo.get<{ items: { id: string; state: string; cause: { name: string } }[] }>(
          '/api/v1/incidents?state=all',
        )
      ).items;
    await expect.poll(incidents, { timeout: 30_000 }).toMatchObject([{ state: 'open', cause: { name: 'Arung' } }]);
    const [incident] = await incidents();
    const { evidence } = await demo.get<{ evidence: { key: string; arguments: Record<string, unknown> }[] }>(
      `/api/v1/incidents/${incident?.id}`,
    );
    expect(evidence).toContainEqual(
      expect.objectContaining({ key: 'own.no-carrier', arguments: { interface: cable } }),
    );
    ip('-n', there, 'link', 'set', 'lan0', 'up');
    await demo.until(({ devices }) => {
      for (const state of ['down', 'unreachable'] as const) if (devices[state] > 0) seen.add(state);
      return devices.up === names.length;
    }, 60_000);
    expect([...seen]).toEqual([]);
  }, 180_000);

  itWithPeer(
    'chromium',
    'is said above every page of the console, since when and why, and nothing there is called down',
    async (chromium) => {
      ip('-n', there, 'link', 'set', 'lan0', 'down');
      const browser = await launch(chromium);
      try {
        const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'id-ID' });
        context.setDefaultTimeout(60_000);
        const { page, problems } = await openPage(context);
        await signIn(page, demo.url, demoPassword);
        const band = page.getByRole('status', { name: 'Gangguan pada Arung sendiri' });
        for (const path of ['/', '/sites', '/devices', '/incidents']) {
          await page.goto(demo.url + path);
          await band.getByText(`Antarmuka ${cable} di server Arung tidak mendapat sinyal`).waitFor();
          expect(await band.innerText()).toMatch(/Sejak \d\d\.\d\d\.\d\d tidak ada perangkat yang menjawab Arung/);
          if (path === '/') {
            await expect
              .poll(() => page.locator('nav.strip').innerText(), { timeout: 60_000 })
              .toMatch(/4\s*Tak diketahui/);
            expect(await page.locator('nav.strip .hot').count()).toBe(0);
            await page.getByText('4 situs tak diketahui, bukan mati').waitFor();
          }
          const dead = page.locator('table').getByText(/^(Mati|Tak terjangkau)$/);
          expect(await dead.count(), path).toBe(0);
          expect(await axe(page), path).toEqual([]);
        }
        ip('-n', there, 'link', 'set', 'lan0', 'up');
        await band.getByText('tidak ada perangkat yang menjawab').waitFor({ state: 'detached' });
        expect(problems).toEqual([]);
      } finally {
        await browser.close();
        ip('-n', there, 'link', 'set', 'lan0', 'up');
      }
      await demo.until(({ devices }) => devices.up === names.length, 60_000);
    },
    180_000,
  );

  it('calls the network down where the machine next to it answers and the devices do not', async () => {
    daemon?.kill('SIGSTOP');
    await demo.until(({ devices }) => devices.down === 1 && devices.unreachable === names.length - 1, 60_000);
    daemon?.kill('SIGCONT');
    await demo.until(({ devices }) => devices.up === names.length, 60_000);
  }, 180_000);
});
