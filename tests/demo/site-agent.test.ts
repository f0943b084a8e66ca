import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { connect, createServer, type Server } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFailed } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { Demo } from '../support/demo.ts';
import { SiteAgentProcess } from '../support/site-agent.ts';

const ip = (...args: readonly string[]): string => execFileSync('ip', args, { encoding: 'utf8' });
const there = `arung-kahu-${process.pid}`;
const cable = { here: `ak${process.pid}a`, there: `ak${process.pid}b` };
/** Of RFC 2544's block: on the cable between this machine and the namespace, and nowhere else. */
const subnet = `198.18.${process.pid % 250}`;

/** Whether this process may make network namespaces: as root on Linux with iproute2. */
const mayMakeNamespaces = ((): boolean => {
  if (spawnSync('ip', ['netns', 'add', there]).status !== 0) return false;
  ip('netns', 'del', there);
  return true;
})();

interface Detail {
  readonly state: string;
  readonly lost: number;
  readonly lostSites: readonly { code: string; state: string; reason: { code: string } | null }[];
  readonly vantages: readonly { agent: string; sites: number; state: string; reason: { code: string } | null }[];
}

/**
 * The whole of Bone, and at the router of Kecamatan Kahu an agent in a network of its own: what the controller reaches
 * on its loopback it does not.
 */
describe.skipIf(!mayMakeNamespaces)(
  'an agent at Kecamatan Kahu (needs root and iproute2)',
  { timeout: 240_000 },
  () => {
    const servers: Server[] = [];
    let demo: Demo;
    let agent: SiteAgentProcess;
    const agentLooks: string[] = [];

    beforeAll(async () => {
      ip('netns', 'add', there);
      ip('link', 'add', cable.here, 'type', 'veth', 'peer', 'name', cable.there, 'netns', there);
      ip('addr', 'add', `${subnet}.1/30`, 'dev', cable.here);
      ip('link', 'set', cable.here, 'up');
      ip('-n', there, 'addr', 'add', `${subnet}.2/30`, 'dev', cable.there);
      ip('-n', there, 'link', 'set', cable.there, 'up');
      ip('-n', there, 'link', 'set', 'lo', 'up');
      const mqttPort = await freePort();
      demo = new Demo({ ARUNG_MQTT_PORT: String(mqttPort) });
      await demo.start();
      // The way to the broker, which listens on loopback alone; and a service that both sides reach.
      const way = createServer((socket) => {
        const onward = connect(mqttPort, '127.0.0.1');
        socket.pipe(onward).pipe(socket);
        for (const one of [socket, onward]) one.on('error', () => [socket, onward].forEach((each) => each.destroy()));
      }).listen(0, `${subnet}.1`);
      const service = createHttpServer((request, response) => {
        if (request.socket.remoteAddress?.startsWith(`${subnet}.2`) === true) agentLooks.push(request.url ?? '');
        response.end('SIPPD');
      }).listen(0, `${subnet}.1`);
      servers.push(way, service);
      await Promise.all(servers.map((server) => once(server, 'listening')));
      const portOf = (server: Server): number => {
        const address = server.address();
        return typeof address === 'object' && address !== null ? address.port : 0;
      };
      await demo.until((status) => status.sites.up === 453, 120_000);
      const login = { name: 'mqtt-kec-kahu', kind: 'mqtt', user: 'kec-kahu', secret: 'sandi-kec-kahu' };
      const credential = (await (await demo.post('/api/v1/credentials', login)).json()) as { id: string };
      const { items } = await demo.get<{ items: { id: string; gateway: boolean }[] }>(
        '/api/v1/devices?site=kec-kahu&limit=50',
      );
      const router = items.find(({ gateway }) => gateway)?.id;
      const draft = { name: 'kec-kahu', credentialId: credential.id, attachedTo: [router] };
      expect((await demo.post('/api/v1/agents', draft)).status).toBe(201);
      const host = await demo.get<{ siteId: string }>('/api/v1/services/e-planning');
      const sippd = { code: 'both', name: 'Terlihat dari mana saja', siteId: host.siteId, usedBy: ['village'] };
      const url = `http://${subnet}.1:${portOf(service)}/sippd`;
      expect((await demo.post('/api/v1/services', { ...sippd, url, checks: [] })).status).toBe(201);
      agent = new SiteAgentProcess(
        { broker: `mqtt://${subnet}.1:${portOf(way)}`, name: 'kec-kahu', password: login.secret, everyS: 2 },
        ['ip', 'netns', 'exec', there],
      );
      agent.start();
    }, 240_000);

    afterAll(async () => {
      await agent?.remove();
      for (const server of servers) server.close();
      await demo?.remove();
      spawnSync('ip', ['link', 'del', cable.here]);
      spawnSync('ip', ['netns', 'del', there]);
    }, 60_000);

    // What the agent had to say is lost with its process.
    beforeEach(() => onTestFailed(() => console.error(`the agent said: ${agent.output.slice(-4_000)}`)));

    const service = (code: string): Promise<Detail> => demo.get<Detail>(`/api/v1/services/${code}`);
    const own = (detail: Detail) => detail.vantages.find((one) => one.agent === 'kec-kahu');

    it('says which villages lost a service that the centre still has, and why', async () => {
      await expect
        .poll(async () => own(await service('e-planning')), { timeout: 60_000 })
        .toMatchObject({
          state: 'down',
          reason: { code: 'probe.refused' },
        });
      const detail = await service('e-planning');
      expect(detail.state).toBe('up');
      expect(detail.lostSites.length).toBeGreaterThanOrEqual(19);
      expect(detail.lostSites.length).toBe(own(detail)?.sites);
      expect(new Set(detail.lostSites.map((one) => `${one.state} ${one.reason?.code}`))).toEqual(
        new Set(['down probe.refused']),
      );
      const map = await demo.get<{ sites: { id: string; state: string }[] }>(
        '/api/v1/status/services?service=e-planning',
      );
      expect(map.sites.filter(({ state }) => state === 'down')).toHaveLength(detail.lost);
      // The journal of events is written a moment after the state is shown.
      const told = async () => {
        const path = '/api/v1/events?key=service.down';
        const { items } = await demo.get<{ items: { arguments: Record<string, unknown> }[] }>(path);
        return items.find((event) => event.arguments['agent'] === 'kec-kahu')?.arguments;
      };
      await expect.poll(told, { timeout: 15_000 }).toMatchObject({ reason: 'probe.refused' });
    });

    it('has what it reaches, by looks of its own', async () => {
      await expect.poll(async () => own(await service('both')), { timeout: 60_000 }).toMatchObject({ state: 'up' });
      expect((await service('both')).lost).toBe(0);
      expect(new Set(agentLooks)).toEqual(new Set(['/sippd']));
    });

    it('makes nothing behind a cut reachable, and what the cut took is told as the cut', async () => {
      await demo.cli('simulator', 'cut', 'palattae--kahu');
      await demo.until((status) => status.sites.unreachable === 20, 30_000);
      const hub = await demo.get<{ state: string; cause: { name: string } }>('/api/v1/sites/kec-kahu');
      expect(hub).toMatchObject({ state: 'unreachable', cause: { name: 'palattae--kahu' } });
      await expect
        .poll(async () => new Set((await service('both')).lostSites.map(({ state }) => state)), { timeout: 10_000 })
        .toEqual(new Set(['unreachable']));
      await demo.cli('simulator', 'restore', 'palattae--kahu');
      await demo.until((status) => status.sites.up === 453, 60_000);
    });

    it('speaks for nobody any more when it is removed', async () => {
      await agent.stop('SIGTERM');
      expect((await demo.call('DELETE', '/api/v1/agents/kec-kahu')).status).toBe(204);
      await expect.poll(async () => (await service('e-planning')).lost, { timeout: 30_000 }).toBe(0);
    });
  },
);
