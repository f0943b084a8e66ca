import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Access } from '../domain/access.ts';
import { systemClock } from '../domain/clock.ts';
import type { OwnFault } from '../domain/own-fault.ts';
import type { Blindness, UplinkSign } from '../domain/own-uplink.ts';
import { seriesOf, type Measurement } from '../domain/point.ts';
import { StatusBoard } from '../status/board.ts';
import { backbone } from '../status/test-network.ts';
import { Live, type LiveOptions } from './live.ts';
import { Client } from './testing/client.ts';

const logger = pino({ level: 'silent' });

async function until(holds: () => boolean, what: string): Promise<void> {
  for (let i = 0; i < 500; i++) {
    if (holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`did not happen: ${what}`);
}

describe('the live stream', () => {
  const network = backbone(3, 3);
  const [first] = network.links.values();
  let users: Record<string, Access | null>;
  let revoke: () => void;
  let faults: readonly OwnFault[] = [];
  let tellFaults: () => void;
  let server: Server;
  let board: StatusBoard;
  let live: Live;
  let url: string;
  const clients: Client[] = [];
  const join = (user: string, auth: object = {}, headers: Record<string, string> = {}): Client => {
    const client = new Client(url, user, auth, headers);
    clients.push(client);
    return client;
  };
  const grant = (...codes: (string | null)[]): Access => ({
    kind: 'user',
    id: null,
    name: codes.join(),
    grants: codes.map((regionCode) => ({ role: 'viewer', regionCode })),
  });
  const publish = (measurement: Measurement, tags: { device: string; interface?: string }, values: number[]): void => {
    const time = Math.floor(Date.now() / 1000);
    board.accept({
      agent: network.agentId,
      measurement,
      series: [seriesOf(measurement, tags)],
      times: new Float64Array([time]),
      values: new Float64Array(values),
    });
  };
  const say = (device: string, answered: boolean, times = 1): void => {
    for (let i = 0; i < times; i++) publish('probe', { device: network.id(device) }, [answered ? 1 : 0, 3, 1e6]);
  };
  const port = (link: string, end: 'a' | 'b', status: number): void => {
    const found = network.links.get(network.linkId(link));
    if (found !== undefined)
      publish('port', { device: found[end].deviceId, interface: found[end].interfaceId }, [status]);
  };
  const cut = (link: string, ...devices: string[]): void => {
    port(link, 'a', 2);
    for (const device of devices) say(device, false, 3);
  };
  const options = (): LiveOptions => ({
    httpServer: server,
    authenticate: async (headers: IncomingHttpHeaders) => users[String(headers['x-user'])] ?? null,
    isSameOrigin: (headers) => headers.origin === undefined,
    onAccessRevoked: (listener) => {
      revoke = listener;
      return () => {};
    },
    board,
    topology: { current: () => network.topology, onChange: () => () => {} },
    services: { summaries: () => [], onChange: () => () => {} },
    incidents: { views: () => [], onChange: () => () => {} },
    own: {
      get faults() {
        return faults;
      },
      onChange: (listener) => {
        tellFaults = listener;
        return () => {};
      },
    },
    clock: systemClock,
    logger,
    flushMs: 30,
    keptDeltas: 5,
    mostSocketsOfOne: 3,
    mostStrangersOfOne: 10,
  });

  beforeEach(async () => {
    faults = [];
    users = {
      all: grant(null),
      zero: grant('73.08.00'),
      one: grant('73.08.01', '73.08.01.2000'),
      village: grant('73.08.01.2000'),
      nobody: grant(),
    };
    server = createServer((_, response) => response.end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
    board = new StatusBoard({
      topology: { current: () => network.topology, onChange: () => () => {} },
      clock: systemClock,
      logger,
      probeSoon: () => {},
      restore: async () => new Map(),
    });
    await board.start();
    live = new Live(options());
    await live.start();
    for (const device of network.devices.values()) say(device.name, true);
    for (const link of network.links.values()) {
      port(link.name, 'a', 1);
      port(link.name, 'b', 1);
    }
    await until(() => board.counts('everywhere').devices.up === network.devices.size, 'everything up');
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.socket.close();
    await live.stop();
    await board.stop();
    await new Promise((resolve) => server.close(resolve));
  });

  it('says what the controller itself lacks: at once to who comes, and to all when it changes', async () => {
    const early = join('all');
    await until(() => early.own.length === 1, 'the first word');
    expect(early.own[0]?.faults).toEqual([]);
    faults = [{ part: 'metrics', since: 1_764_000_000_000, reason: null, waiting: 7 }];
    tellFaults();
    await until(() => early.own.length === 2, 'the fault');
    const late = join('village');
    await until(() => late.own.length === 1, 'the fault for who comes later');
    expect([early.own[1]?.faults, late.own[0]?.faults]).toEqual([faults, faults]);
  });

  it('says that it is blind, since when and what its machine shows, and no address around it', async () => {
    let blindness: Blindness | null = null;
    Object.defineProperty(board, 'blindness', { get: () => blindness });
    const blind = (sign: UplinkSign) => {
      blindness = { agentId: network.agentId, since: 1_764_000_000_000, devices: 9, sign };
    };
    const early = join('all');
    await until(() => early.own.length === 1, 'the first word');
    expect(early.own[0]?.blindness).toBeNull();
    blind({ kind: 'first-hop-silent', interface: 'eth0', address: '10.73.0.1' });
    await until(() => early.own.length === 2, 'that it is blind');
    const late = join('village');
    await until(() => late.own.length === 1, 'the same for who comes later');
    const said = { since: 1_764_000_000_000, sign: 'first-hop-silent', interface: 'eth0' };
    expect([early.own[1]?.blindness, late.own[0]?.blindness]).toEqual([said, said]);
    blind({ kind: 'no-carrier', interface: 'eth0' });
    await until(() => early.own.length === 3, 'what shows now');
    blindness = null;
    await until(() => early.own.length === 4, 'that it sees again');
    expect(early.own.map((own) => own.blindness?.sign ?? null)).toEqual([null, 'first-hop-silent', 'no-carrier', null]);
    expect(early.raw.join('')).not.toContain('10.73.0.1');
  });

  it('sends a snapshot and then what changes, with counts', async () => {
    const client = join('all');
    await until(() => client.snapshots.length === 1, 'a snapshot');
    const [snapshot] = client.snapshots;
    expect(snapshot).toMatchObject({ room: 'everywhere', devices: [], sites: [], uplinkBps: null });
    expect(snapshot?.counts.sites.up).toBe(network.sites.size);
    // Cables inside sites are no lines on a map.
    expect(snapshot?.links).toHaveLength([...network.links.values()].filter((l) => l.a.siteId !== l.b.siteId).length);
    cut('h1--r-v1-0', 'r-v1-0', 's-v1-0', 't-v1-0');
    await until(() => client.deltas.some((delta) => delta.devices.length > 0), 'a delta');
    const delta = client.deltas.find((found) => found.devices.length > 0);
    expect(delta?.devices.map((state) => state.state)).toEqual(['unreachable', 'unreachable', 'unreachable']);
    expect(delta?.devices[0]?.cause).toMatchObject({
      kind: 'link',
      name: 'h1--r-v1-0',
      id: network.linkId('h1--r-v1-0'),
    });
    expect(delta?.counts.sites).toMatchObject({ unreachable: 1, up: network.sites.size - 1 });
    const events = client.deltas.flatMap((found) => found.events);
    expect(events.map((event) => event.key)).toContain('link.down');
    expect(client.deltas.map((found) => found.seq)).toEqual(client.deltas.map((_, index) => index + 1));
  });

  it('tells loads and the traffic that leaves the data centre', async () => {
    const client = join('all');
    await until(() => client.snapshots.length === 1, 'a snapshot');
    if (first === undefined) throw new Error('no link');
    publish('interface', { device: first.a.deviceId, interface: first.a.interfaceId }, [
      1e8,
      4e8,
      ...Array.from({ length: 7 }, () => Number.NaN),
    ]);
    await until(() => client.deltas.some((delta) => delta.links.length > 0), 'a load');
    const delta = client.deltas.find((found) => found.links.length > 0);
    expect(delta?.links).toMatchObject([{ id: first.id, abBps: 4e8, baBps: 1e8, loadPercent: 40 }]);
    expect(delta?.uplinkBps).toBe(4e8);
  });

  it('gives a client that was away what it missed, or a fresh snapshot when that is too much', async () => {
    const away = join('all');
    await until(() => away.snapshots.length === 1, 'a snapshot');
    const { epoch = '', seq = 0 } = away.snapshots[0] ?? {};
    away.socket.close();
    const stays = join('all');
    await until(() => stays.snapshots.length === 1, 'a snapshot');
    cut('h1--r-v1-0', 'r-v1-0', 's-v1-0', 't-v1-0');
    await until(() => stays.deltas.some((delta) => delta.devices.length === 3), 'a delta');
    const back = join('all', { rooms: { everywhere: { epoch, seq } } });
    await until(() => back.deltas.some((delta) => delta.devices.length === 3), 'what was missed');
    expect(back.snapshots).toEqual([]);
    expect(back.deltas[0]?.seq).toBe(seq + 1);
    for (const [i, device] of ['t-v0-0', 't-v0-1', 't-v0-2', 't-v1-1', 't-v1-2', 't-v2-0', 't-v2-1'].entries()) {
      say(device, false, 8);
      // Its switch answers after that, and has the port up: no need to wait for its word.
      say(device.replace('t-', 's-'), true);
      port(`${device.replace('t-', 's-')}--${device}`, 'a', 1);
      await until(() => stays.deltas.flatMap((delta) => delta.devices).length >= 4 + i, 'another delta');
    }
    const late = join('all', { rooms: { everywhere: { epoch, seq } } });
    await until(() => late.snapshots.length === 1, 'a fresh snapshot');
    back.socket.close();
    late.socket.close();
    const wrong = join('all', { rooms: { everywhere: { epoch: 'of another start', seq: 2 }, other: 5 } });
    await until(() => wrong.snapshots.length === 1, 'a fresh snapshot');
    expect(wrong.snapshots[0]?.devices).toHaveLength(10);
  });

  it('lets nothing of another region reach a socket but the name and time of a cause', async () => {
    const all = join('all');
    const zero = join('zero');
    const one = join('one');
    await until(
      () => zero.snapshots.length === 1 && one.snapshots.length === 1 && all.snapshots.length === 1,
      'snapshots',
    );
    expect(one.snapshots.map((snapshot) => snapshot.room)).toEqual(['73.08.01']);
    if (first === undefined) throw new Error('no link');
    publish('interface', { device: first.a.deviceId, interface: first.a.interfaceId }, [
      1e8,
      4e8,
      ...Array.from({ length: 7 }, () => Number.NaN),
    ]);
    cut('h1--r-v1-0', 'r-v1-0', 's-v1-0', 't-v1-0');
    // A hub of region zero dies with all that hangs on it; region one loses a village that the inventory hangs on it, too.
    for (const [name, village] of [
      ['h0--r-v0-0', 'v0-0'],
      ['h0--r-v0-2', 'v0-2'],
    ] as const) {
      cut(name, `r-${village}`, `s-${village}`, `t-${village}`);
    }
    await until(() => all.deltas.flatMap((delta) => delta.devices).length >= 9, 'all of it');
    await until(() => zero.deltas.flatMap((delta) => delta.devices).length >= 6, 'its own');
    const foreignIn = (text: string, mine: string): string[] => {
      const found: string[] = [];
      for (const device of network.devices.values()) {
        const site = network.sites.get(device.siteId);
        if (site === undefined || site.regionCode.startsWith(mine)) continue;
        for (const word of [device.id, device.name, site.id, site.name])
          if (text.includes(`"${word}"`)) found.push(word);
      }
      for (const link of network.links.values()) {
        const regions = [link.a, link.b].map((end) => network.sites.get(end.siteId)?.regionCode ?? '');
        if (!regions.every((code) => code.startsWith(mine)) && text.includes(link.id)) found.push(link.name);
      }
      return found;
    };
    expect(foreignIn(zero.raw.join(), '73.08.00')).toEqual([]);
    expect(foreignIn(one.raw.join(), '73.08.01')).toEqual([]);
    expect(foreignIn(all.raw.join(), '73.08.01').length).toBeGreaterThan(3);
    expect(one.deltas.flatMap((delta) => delta.devices)).toHaveLength(3);
    const counted = zero.deltas.at(-1)?.counts.devices;
    expect(counted).toMatchObject({ up: 4, unreachable: 6 });
  });

  it('shows of a foreign cause its name and time alone', async () => {
    const village = join('village');
    await until(() => village.snapshots.length === 1, 'a snapshot');
    expect(village.snapshots[0]).toMatchObject({ room: '73.08.01.2000', links: [] });
    cut('h1--r-v1-0', 'r-v1-0', 's-v1-0', 't-v1-0');
    await until(() => village.deltas.flatMap((delta) => delta.devices).length >= 3, 'the dark');
    const fresh = join('village');
    await until(() => fresh.snapshots.length === 1, 'a snapshot');
    const causes = [
      ...village.deltas.flatMap((delta) => [...delta.devices, ...delta.events]),
      ...(fresh.snapshots[0]?.sites ?? []),
    ].map((told) => told.cause);
    expect(causes.length).toBeGreaterThan(6);
    for (const cause of causes) {
      expect(cause).toEqual({ name: 'h1--r-v1-0', since: expect.any(Number), kind: null, id: null, certainty: null });
    }
    expect([...village.raw, ...fresh.raw].join()).not.toContain(network.linkId('h1--r-v1-0'));
  });

  it('refuses strangers, readers of nothing, other origins and too many of one', async () => {
    const refused = [join('stranger'), join('nobody'), join('all', {}, { origin: 'https://evil.example' })];
    await until(() => refused.every((client) => client.error !== null), 'refusals');
    expect(refused.map((client) => client.error)).toEqual(['unauthenticated', 'forbidden', 'websocket error']);
    const many = [join('all'), join('all'), join('all'), join('all'), join('all')];
    await until(
      () => many.filter((client) => client.snapshots.length > 0 || client.error !== null).length === 5,
      'answers',
    );
    expect(many.filter((client) => client.error !== null).length).toBe(2);
    expect(refused.flatMap((client) => client.raw)).toEqual([]);
  });

  it('lets one address hold only so many connections that do not say who they are', async () => {
    const silent: WebSocket[] = [];
    const open = (): Promise<boolean> =>
      new Promise((resolve) => {
        const socket = new WebSocket(`${url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`);
        silent.push(socket);
        socket.addEventListener('message', () => resolve(true), { once: true });
        socket.addEventListener('error', () => resolve(false), { once: true });
      });
    const reader = join('one');
    await until(() => reader.snapshots.length > 0, 'a reader');
    const answers: boolean[] = [];
    for (let i = 0; i < 12; i++) answers.push(await open());
    expect(answers.filter((isOpen) => isOpen)).toHaveLength(10);
    const late = join('all');
    await until(() => late.error !== null, 'a refusal');
    // who has signed in stays, and who goes gives its place back
    expect(reader.socket.connected).toBe(true);
    for (const socket of silent) socket.close();
    await until(() => {
      if (late.error === null) return late.snapshots.length > 0;
      late.error = null;
      late.socket.connect();
      return false;
    }, 'a place');
  });

  it('disconnects whose right was withdrawn, and whoever sends anything', async () => {
    const all = join('all');
    const one = join('one');
    const loud = join('zero');
    await until(() => [all, one, loud].every((client) => client.snapshots.length === 1), 'snapshots');
    users['one'] = null;
    revoke();
    loud.socket.emit('subscribe', 'everywhere');
    await until(() => !one.socket.connected && !loud.socket.connected, 'the end');
    expect(all.socket.connected).toBe(true);
    cut('h1--r-v1-0', 'r-v1-0', 's-v1-0', 't-v1-0');
    await until(() => all.deltas.some((delta) => delta.devices.length > 0), 'a delta');
    expect(one.deltas.flatMap((delta) => delta.devices)).toEqual([]);
  });
});
