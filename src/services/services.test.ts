import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import type { NetworkEvent } from '../domain/event.ts';
import type { Service } from '../domain/link.ts';
import { measurements, seriesOf, type PointBatch } from '../domain/point.ts';
import { newId, type AgentId } from '../domain/ids.ts';
import type { Cause, EntityState } from '../domain/reachability.ts';
import type { ServiceStatus } from '../domain/service-state.ts';
import type { ServiceTransition } from '../domain/status-change.ts';
import { Probes } from '../polling/probes/probes.ts';
import { probeCheckOf } from '../polling/probes/service-check.ts';
import { TestNetwork } from '../status/test-network.ts';
import { FanOutBus } from '../telemetry/bus.ts';
import { LostSites } from './lost-sites.ts';
import { ServiceBoard } from './service-board.ts';
import { ServiceWatch } from './service-watch.ts';
import { pastMoments, siteServices, type PastStates } from './site-services.ts';
import { Vantages } from './vantages.ts';

const logger = pino({ level: 'silent' });
const at = Date.UTC(2026, 10, 25);
const network = new TestNetwork()
  .site('dc', '73.08.20.1001')
  .device('core', 'dc', { gateway: true })
  .attach('core')
  .village('kahu', '73.08.02.2001')
  .village('palattae', '73.08.02.1001')
  .village('ponre', '73.08.03.2001')
  .link('core', 'r-kahu')
  .link('r-kahu', 'r-palattae')
  .link('core', 'r-ponre');
const cut: Cause = { kind: 'link', id: network.linkId('core--r-kahu'), name: 'core--r-kahu', since: at, certainty: 1 };

/** Announced states: everything is up but what is said here. */
function statesOf(notUp: Readonly<Record<string, EntityState>>) {
  return {
    stateOf: (_kind: string, id: string): EntityState => notUp[id] ?? { state: 'up', since: at, cause: null },
    onChange: () => () => {},
  };
}
const dark: EntityState = { state: 'unreachable', since: at, cause: cut };
const down: EntityState = { state: 'down', since: at, cause: cut };
const cutOff = {
  [cut.id]: down,
  [network.siteId('kahu')]: dark,
  [network.id('r-kahu')]: dark,
  [network.siteId('palattae')]: dark,
  [network.id('r-palattae')]: dark,
};
const fine: ServiceStatus = { state: 'up', since: at, at, reason: null, cause: null, values: {} };
const hosted = (site: string, usedBy: string[] = []) => ({ siteId: network.siteId(site), deviceId: null, usedBy });
const codes = (lost: readonly { siteId: string; state: string; cause: Cause | null }[]): string[] =>
  lost.map((one) => `${network.sites.get(one.siteId as never)?.code} ${one.state} ${one.cause?.name ?? '-'}`).sort();

describe('who lost a service', () => {
  it('is nobody while it works and every way is there', () => {
    expect(new LostSites(network.topology, statesOf({})).of(hosted('dc'), fine)).toEqual([]);
  });

  it('are those who are cut off from it, with what cut them off', () => {
    const lost = new LostSites(network.topology, statesOf(cutOff)).of(hosted('dc'), fine);
    expect(codes(lost)).toEqual(['kahu unreachable core--r-kahu', 'palattae unreachable core--r-kahu']);
    expect(lost[0]?.since).toBe(at);
  });

  it('are all who use it when it is down itself; one that is cut off has lost it to the cut', () => {
    const status: ServiceStatus = { ...fine, state: 'down' };
    const lost = new LostSites(network.topology, statesOf(cutOff)).of(
      hosted('dc', ['kahu', 'palattae', 'ponre']),
      status,
    );
    expect(codes(lost)).toEqual(['kahu unreachable core--r-kahu', 'palattae unreachable core--r-kahu', 'ponre down -']);
  });

  it('of a service behind the cut: those before it; those behind it may have it still, and nobody sees', () => {
    const status: ServiceStatus = { ...fine, state: 'unknown', cause: cut };
    const lost = new LostSites(network.topology, statesOf(cutOff)).of(hosted('kahu'), status);
    expect(codes(lost)).toEqual([
      'dc unreachable core--r-kahu',
      'palattae unknown core--r-kahu',
      'ponre unreachable core--r-kahu',
    ]);
    const twice = { ...cutOff, [network.linkId('r-kahu--r-palattae')]: down };
    const apart = new LostSites(network.topology, statesOf(twice)).of(hosted('kahu', ['palattae']), status);
    expect(codes(apart)).toEqual(['palattae unreachable core--r-kahu']);
  });
});

describe('a service seen by an agent at another place', () => {
  const there = newId<AgentId>();
  const topology = {
    ...network.topology,
    devices: new Map(
      [...network.topology.devices].map(([id, device]) => [
        id,
        device.name === 'r-ponre' ? { ...device, agentId: there } : device,
      ]),
    ),
  };
  const serviceId = 's1';
  const look = (up: number, time: number, agent = there): PointBatch => ({
    agent,
    measurement: 'service',
    series: [seriesOf('service', { agent, check: 'http', service: serviceId })],
    times: Float64Array.of(time / 1000),
    values: Float64Array.from(measurements.service.fields, (field) => (field === 'up' ? up : NaN)),
  });

  it('is lost or had there as that agent says, after two looks, for as long as it goes on looking', () => {
    let now = at;
    const heard: string[] = [];
    const vantages = new Vantages({
      own: network.agentId,
      clock: { now: () => now, monotonic: () => 0 },
      changed: (id, agent, before) => heard.push(`${id} ${agent === there} ${before.state}`),
    });
    const lost = (status: ServiceStatus) =>
      codes(
        new LostSites(topology, statesOf({})).of(hosted('dc'), status, (agent) => vantages.seenBy(agent, serviceId)),
      );
    vantages.accept(look(0, at, network.agentId));
    expect(lost(fine)).toEqual([]);
    vantages.accept(look(0, at));
    expect(lost(fine)).toEqual([]);
    vantages.accept(look(0, at + 30_000));
    // The same again, late out of a queue, is no news.
    vantages.accept(look(1, at + 10_000));
    now = at + 30_000;
    expect(lost(fine)).toEqual(['ponre down -']);
    expect(vantages.seenBy(there, serviceId)?.since).toBe(at);
    vantages.accept(look(1, at + 60_000));
    expect(lost(fine)).toEqual([]);
    // It is down for everybody else, and works there.
    expect(lost({ ...fine, state: 'down' })).toEqual(['dc down -', 'kahu down -', 'palattae down -']);
    now = at + 600_000;
    expect(lost({ ...fine, state: 'down' })).toContain('ponre down -');
    expect(heard).toEqual([`${serviceId} true unknown`, `${serviceId} true down`]);
  });
});

describe('an agent whose own gateways nobody sees', () => {
  const there = newId<AgentId>();
  const devices = [...network.topology.devices].map(
    ([id, device]) => [id, device.name === 'r-ponre' ? { ...device, agentId: there } : device] as const,
  );
  const topology = { ...network.topology, devices: new Map(devices) };
  const unseen = { [network.siteId('ponre')]: { state: 'unknown', since: at, cause: null } as const };
  const look = (up: number, time: number): PointBatch => ({
    agent: there,
    measurement: 'service',
    series: [seriesOf('service', { agent: there, check: 'http', service: 's1' })],
    times: Float64Array.of(time / 1000),
    values: Float64Array.from(measurements.service.fields, (field) => (field === 'up' ? up : NaN)),
  });
  let now = at;
  const heard: (string | undefined)[] = [];
  const vantages: Vantages = new Vantages({
    own: network.agentId,
    clock: { now: () => now, monotonic: () => 0 },
    changed: (id, agent) => heard.push(vantages.seenBy(agent, id)?.reason?.code),
  });
  const lost = (): string[] =>
    new LostSites(topology, statesOf(unseen))
      .of(hosted('dc'), fine, (agent) => vantages.seenBy(agent, 's1'))
      .map((one) => `${network.sites.get(one.siteId as never)?.code} ${one.state} ${one.reason?.code ?? '-'}`);

  it('says all the same that its site lost the service, and why', () => {
    expect(lost()).toEqual(['ponre unknown -']);
    const why = (time: number) => ({
      serviceId: 's1',
      at: time / 1000,
      reason: { code: 'probe.refused', arguments: {} },
    });
    vantages.explain(there, [why(at)]);
    vantages.accept(look(0, at));
    vantages.explain(there, [why(at + 2_000)]);
    now = at + 2_000;
    vantages.accept(look(0, now));
    expect(lost()).toEqual(['ponre down probe.refused']);
    now = at + 30_000;
    vantages.accept(look(1, now));
    expect(lost()).toEqual([]);
    expect(heard).toEqual(['probe.refused', undefined]);
  });

  it('is no news with what it saw hours ago and had to keep', () => {
    now = at + 7_200_000;
    for (let late = at + 60_000; late < at + 3_600_000; late += 30_000) vantages.accept(look(0, late));
    expect(heard).toHaveLength(2);
    vantages.accept(look(1, now));
    expect(lost()).toEqual([]);
  });
});

describe('what sites have of the services, as it was', () => {
  const service = { ...hosted('dc', ['kahu', 'ponre']), id: 's1' } as unknown as Service;
  const other = { ...hosted('dc', ['ponre']), id: 's2' } as unknown as Service;
  type PastState = PastStates['states'] extends ReadonlyMap<string, infer State> ? State : never;
  const past = (states: PastStates['states'], gapSince: Date | null = null): PastStates => ({
    at: new Date(at),
    gapSince,
    states,
    services: new Set(['s1', 's2']),
  });
  const seen = (then: PastStates, services = [service, other]) =>
    siteServices(pastMoments(services, then, network.topology))
      .map((one) => `${network.sites.get(one.siteId as never)?.code} ${one.state} ${one.lost.length}`)
      .sort();

  it('is the worst of what each uses: the way to it, or the service itself', () => {
    expect(seen(past(new Map()))).toEqual(['kahu up 0', 'ponre up 0']);
    const dark = { state: 'unreachable', since: at, cause: cut } as const;
    const notUp = { state: 'down', since: at, cause: null } as const;
    expect(
      seen(
        past(
          new Map<string, PastState>([
            [`site ${network.siteId('kahu')}`, dark],
            ['service s2', notUp],
          ]),
        ),
      ),
    ).toEqual(['kahu unreachable 1', 'ponre down 1']);
    expect(seen(past(new Map([['service s1', { ...notUp, state: 'degraded' }]])))).toEqual([
      'kahu degraded 0',
      'ponre degraded 0',
    ]);
  });

  it('is unknown while no controller ran, and nothing of what was not there yet', () => {
    expect(seen(past(new Map(), new Date(at)))).toEqual(['kahu unknown 0', 'ponre unknown 0']);
    expect(seen({ ...past(new Map()), services: new Set(['s2']) })).toEqual(['ponre up 0']);
  });
});

describe('the watch over a service', () => {
  const up = { state: 'up', reason: null, values: { total_ms: 5 } } as const;
  const fails = { state: 'down', reason: { code: 'probe.refused', arguments: {} }, values: {} } as const;
  const plain = { host: null, maintenance: false };

  it('takes one failure for nothing, and counts the outage from it when a second follows', () => {
    const watch = new ServiceWatch();
    expect(watch.looked([up], plain, at)).toBe(true);
    expect(watch.looked([fails], plain, at + 30_000)).toBe(false);
    expect([watch.status.state, watch.doubtful]).toEqual(['up', true]);
    expect(watch.looked([fails], plain, at + 32_000)).toBe(true);
    expect(watch.status).toMatchObject({ state: 'down', since: at + 30_000, reason: { code: 'probe.refused' } });
    expect(watch.looked([up], plain, at + 60_000)).toBe(true);
    expect(watch.status).toMatchObject({ state: 'up', since: at + 60_000, reason: null });
  });

  it('knows nothing of a service behind a cut, and does not call planned work an outage', () => {
    const watch = new ServiceWatch();
    watch.looked([fails], { host: dark, maintenance: false }, at);
    watch.looked([fails], { host: dark, maintenance: false }, at + 2_000);
    expect(watch.status).toMatchObject({ state: 'unknown', cause: cut });
    watch.looked([fails], { host: dark, maintenance: true }, at + 4_000);
    expect(watch.status.state).toBe('maintenance');
  });

  it('is as bad as the worst of its checks', () => {
    const watch = new ServiceWatch();
    const slow = { state: 'degraded', reason: { code: 'probe.slow', arguments: {} }, values: {} } as const;
    watch.looked([up, slow], plain, at);
    expect(watch.status).toMatchObject({ state: 'degraded', reason: { code: 'probe.slow' }, values: { total_ms: 5 } });
  });
});

describe('the board of services', () => {
  const servers: Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
  });

  it('looks over real packets: up, broken, slow, up again; each change is history and an event', async () => {
    let mode: 'up' | 'broken' = 'up';
    const server = createServer((_request, response) => {
      response.statusCode = mode === 'up' ? 200 : 500;
      response.end('e-Planning');
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const service = {
      id: '01939f2e-0000-7000-8000-000000000001',
      code: 'e-planning',
      name: 'e-Planning',
      siteId: network.siteId('dc'),
      deviceId: null,
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
      checks: [],
      usedBy: [],
    } as unknown as Service;
    let listed = [service];
    const transitions: ServiceTransition[] = [];
    const events: NetworkEvent[] = [];
    const told: string[] = [];
    const points: PointBatch[] = [];
    const bus = new FanOutBus({ logger });
    bus.to({ name: 'test', accept: (batch) => void points.push(batch) });
    const probes = new Probes({ snmp: { get: async () => new Map() } });
    const board = new ServiceBoard({
      services: async () => listed,
      topology: { current: () => network.topology, onChange: () => () => {} },
      states: statesOf({}),
      agentId: network.agentId,
      bus,
      tell: ({ event }) => told.push(event.key),
      probe: (asked, budget) =>
        probes.run(
          asked.map(({ check, url }) => probeCheckOf(check, url)),
          budget,
        ),
      journal: { recordService: (one) => transitions.push(one), record: (event) => events.push(event) },
      clock: { now: () => at, monotonic: () => 0 },
      logger,
    });
    expect(board.statusOf(service.id).state).toBe('unknown');
    await board.look();
    expect(board.statusOf(service.id)).toMatchObject({ state: 'up', values: { value: 200 } });
    mode = 'broken';
    await board.look();
    await board.look();
    expect(board.statusOf(service.id)).toMatchObject({ state: 'down', reason: { code: 'probe.http-status' } });
    const { users, lost } = board.outlookOf(service);
    expect(lost.map((one) => one.siteId)).toEqual(users.map((site) => site.id));
    expect(lost.length).toBeGreaterThan(3);
    mode = 'up';
    await board.look();
    listed = [];
    await board.look();
    expect(transitions.map((one) => one.to)).toEqual(['up', 'down', 'up', 'up']);
    expect(events.map((event) => event.key)).toEqual(['service.down', 'service.up']);
    expect(events[0]).toMatchObject({ regionCode: '73.08.20.1001', arguments: { status: 500 } });
    expect(told).toEqual(['service.down', 'service.up']);
    const columns: readonly string[] = measurements.service.fields;
    const column = (name: string) => points.map((batch) => batch.values[columns.indexOf(name)]);
    expect(points[0]?.series.map(({ key }) => key)).toEqual([
      `service,agent=${network.agentId},check=http,service=${service.id}`,
    ]);
    expect(points.map((batch) => batch.times[0])).toEqual([at, at, at, at].map((ms) => ms / 1000));
    expect(column('up')).toEqual([1, 0, 0, 1]);
    expect(column('value')).toEqual([200, 500, 500, 200]);
    expect(column('total_ms').every((ms) => ms !== undefined && ms > 0)).toBe(true);
    await board.stop();
  });
});
