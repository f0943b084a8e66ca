import { sql } from 'kysely';
import { pino } from 'pino';
import { io } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestApi, type TestApi } from '../../tests/support/api.ts';
import { isSameOrigin } from '../auth/same-origin.ts';
import { systemClock } from '../domain/clock.ts';
import { newId, type RegionId } from '../domain/ids.ts';
import { seriesOf, type Measurement } from '../domain/point.ts';
import { Live } from '../live/live.ts';
import type { DeltaMessage, SnapshotMessage } from '../live/messages.ts';
import { StatusBoard } from '../status/board.ts';
import { EventLog } from '../status/event-log.ts';
import { HistoryReader } from '../status/history-reader.ts';
import { History } from '../status/history.ts';
import { backbone } from '../status/test-network.ts';
import { eventRoutes } from './events.ts';
import { historyRoutes } from './history.ts';
import { statusRoutes } from './status.ts';

const logger = pino({ level: 'silent' });
const network = backbone(3, 3);
const topology = { current: () => network.topology, onChange: () => () => {} };

/** From a probe to the reader: the board, its history in PostgreSQL, the API with real rights, and the live stream. */
describe('states, from a missed probe to a reader', () => {
  let test: TestApi;
  let board: StatusBoard;
  let history: History;
  let live: Live;
  const headers: Record<string, { authorization: string }> = {};

  const publish = (measurement: Measurement, tags: { device: string; interface?: string }, values: number[]): void =>
    board.accept({
      agent: network.agentId,
      measurement,
      series: [seriesOf(measurement, tags)],
      times: new Float64Array([Math.floor(Date.now() / 1000)]),
      values: new Float64Array(values),
    });
  const say = (device: string, answered: boolean): void =>
    publish('probe', { device: network.id(device) }, [answered ? 1 : 0, 3, 1e6]);
  const port = (link: string, status: number): void => {
    const found = network.links.get(network.linkId(link));
    if (found !== undefined) publish('port', { device: found.a.deviceId, interface: found.a.interfaceId }, [status]);
  };
  const until = async (holds: () => boolean | Promise<boolean>): Promise<void> => {
    for (let i = 0; i < 400; i++) {
      if (await holds()) return;
      await new Promise((resolve) => setTimeout(resolve, 15));
    }
    throw new Error('did not happen');
  };
  // oxlint-disable-next-line typescript/no-explicit-any -- an answer as a script sees it
  const get = async (url: string, who: string): Promise<any> => {
    const answer = await test.api.app.inject({ url: `/api/v1${url}`, headers: headers[who] ?? {} });
    return { ...answer.json(), http: answer.statusCode };
  };

  beforeAll(async () => {
    test = await createTestApi({
      routes: ({ database }) => {
        history = new History({ db: database.db, clock: systemClock, logger, flushMs: 10, heartbeatMs: 50 });
        board = new StatusBoard({
          topology,
          clock: systemClock,
          logger,
          probeSoon: () => {},
          restore: () => history.restore(),
        });
        const reader = new HistoryReader({ db: database.db, topology, clock: systemClock });
        return [
          statusRoutes({ board, clock: systemClock }),
          eventRoutes(new EventLog({ db: database.db })),
          historyRoutes({ reader, clock: systemClock }),
        ];
      },
    });
    for (const code of ['73.08.00', '73.08.01']) {
      await sql`insert into regions (id, code, name, level) values (${newId<RegionId>()}, ${code}, ${code}, 'district')`.execute(
        test.database.db,
      );
    }
    headers['all'] = await test.as('viewer', null);
    headers['zero'] = await test.as('viewer', '73.08.00');
    headers['one'] = await test.as('viewer', '73.08.01');
    await history.start();
    history.follow(board);
    await board.start();
    await test.api.start();
    live = new Live({
      httpServer: test.api.server,
      authenticate: (given) => test.authenticator.authenticate(given),
      isSameOrigin: (given) => isSameOrigin(given, []),
      onAccessRevoked: () => () => {},
      board,
      topology,
      services: { summaries: () => [], onChange: () => () => {} },
      incidents: { views: () => [], onChange: () => () => {} },
      own: { faults: [], onChange: () => () => {} },
      clock: systemClock,
      logger,
      flushMs: 20,
    });
    await live.start();
    for (const device of network.devices.values()) say(device.name, true);
    for (const link of network.links.values()) port(link.name, 1);
    await until(() => board.counts('everywhere').devices.up === network.devices.size);
  });
  afterAll(async () => {
    await live.stop();
    await board.stop();
    await history.stop();
    await test.stop();
  });

  it('counts devices and sites in exactly the promised shape', async () => {
    const { at, devices, sites, http } = await get('/status', 'all');
    expect(http).toBe(200);
    expect(new Date(String(at)).toISOString()).toBe(at);
    expect(devices).toEqual({ up: network.devices.size, down: 0, unreachable: 0, unknown: 0, maintenance: 0 });
    expect(sites).toEqual({ up: network.sites.size, down: 0, unreachable: 0, unknown: 0, maintenance: 0 });
    expect((await get('/status', 'one')).sites.up).toBe(5);
    expect((await get('/status', 'nobody')).http).toBe(401);
  });

  it('carries a cut to the stream, the events and the history of those who may read it', async () => {
    const told: (SnapshotMessage | DeltaMessage)[] = [];
    const socket = io(test.api.url, { transports: ['websocket'], forceNew: true, extraHeaders: headers['one'] ?? {} });
    socket.on('snapshot', (message: SnapshotMessage) => told.push(message));
    socket.on('delta', (message: DeltaMessage) => told.push(message));
    await until(() => told.length > 0);
    const cutAt = Date.now();
    port('h1--r-v1-0', 2);
    for (const device of ['r-v1-0', 's-v1-0', 't-v1-0']) for (let i = 0; i < 3; i++) say(device, false);
    await until(() => told.some((message) => message.devices.length === 3));
    expect(Date.now() - cutAt).toBeLessThan(2_000);
    socket.close();
    await history.flush();

    const events = await get('/events?limit=200', 'one');
    const keys = events.items.map((event: { key: string; entityName: string }) => `${event.key} ${event.entityName}`);
    expect(keys).toEqual(
      expect.arrayContaining(['link.down h1--r-v1-0', 'site.unreachable v1-0', 'device.unreachable t-v1-0']),
    );
    expect(events.next).toBeNull();
    const site = events.items.find((event: { key: string }) => event.key === 'site.unreachable');
    expect(site.cause).toMatchObject({ kind: 'link', name: 'h1--r-v1-0', id: network.linkId('h1--r-v1-0') });
    expect(new Date(site.at).toISOString()).toBe(site.at);
    expect(new Date(site.cause.since).toISOString()).toBe(site.cause.since);
    const foreign = await get('/events', 'zero');
    expect(foreign.items).toEqual([]);
    expect((await get(`/events?entity=${network.siteId('v1-0')}&key=site.unreachable`, 'one')).items).toHaveLength(1);
    expect((await get('/events?key=site.gone', 'one')).http).toBe(400);

    const line = await get('/history/timeline?step=60', 'one');
    expect(line.dark.at(-1)).toBe(1);
    expect((await get('/history/timeline?step=60', 'zero')).dark.at(-1)).toBe(0);
    const at = new Date().toISOString();
    const past = await get(`/history/map?at=${at}`, 'one');
    expect(past.sites).toMatchObject([
      { id: network.siteId('v1-0'), state: 'unreachable', cause: { name: 'h1--r-v1-0' } },
    ]);
    expect(past.links.map((link: { id: string }) => link.id)).toEqual([network.linkId('h1--r-v1-0')]);
    expect(past.counts.sites).toMatchObject({ up: 4, unreachable: 1 });
    const elsewhere = await get(`/history/map?at=${at}`, 'zero');
    expect(elsewhere.sites).toEqual([]);
    expect(elsewhere.links).toEqual([]);
    const intervals = await get(`/history/intervals?entity=${network.id('t-v1-0')}`, 'one');
    expect(intervals.items).toMatchObject([{ kind: 'device', state: 'unreachable', until: null }]);
    expect((await get(`/history/intervals?entity=${network.id('t-v1-0')}`, 'zero')).items).toEqual([]);
    expect((await get('/history/timeline?from=2020-01-01T00:00:00Z&step=10', 'one')).http).toBe(400);
    expect((await get('/history/map', 'one')).http).toBe(400);

    for (const device of ['r-v1-0', 's-v1-0', 't-v1-0']) say(device, true);
    port('h1--r-v1-0', 1);
    await until(async () => (await get('/status', 'one')).sites.up === 5);
    await history.flush();
    const ended = await get(`/history/intervals?entity=${network.siteId('v1-0')}`, 'one');
    expect(ended.items[0].until).not.toBeNull();
  });
});
