import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../tests/support/database.ts';
import { DeskStage } from '../../tests/support/desk-stage.ts';
import type { AlertDesk } from '../alerting/desk/alert-desk.ts';
import { IncidentFeed } from '../alerting/desk/incident-feed.ts';
import { backbone } from '../status/test-network.ts';
import { Room } from './room.ts';

const nothingCounted = { up: 0, down: 0, unreachable: 0, unknown: 0, maintenance: 0 };

describe('incidents in the live stream', () => {
  let database: TestDatabase;
  let stage: DeskStage;
  let desk: AlertDesk;
  let feed: IncidentFeed;
  const rooms = new Map<string, Room>();

  beforeAll(async () => {
    database = await createTestDatabase();
    stage = new DeskStage(database.db, backbone(3, 7), Date.UTC(2026, 10, 29, 18, 10));
    desk = stage.desk();
    feed = new IncidentFeed({ db: database.db, clock: stage.clock, logger: pino({ level: 'silent' }) });
    for (const name of ['everywhere', '73.08.00', '73.08.01', '73.08.02']) {
      const room = new Room({
        name,
        board: {
          stateOf: () => null,
          states: () => new Map<string, never>().entries(),
          linkLoad: () => null,
          counts: () => ({ devices: nothingCounted, sites: nothingCounted }),
          onChange: () => () => undefined,
        },
        topology: { current: () => stage.network.topology, onChange: () => () => undefined },
        services: () => [],
        incidents: (scope) => feed.views(scope),
        now: () => stage.clock.now(),
        kept: 10,
      });
      rooms.set(name, room);
    }
    feed.onChange(() => {
      for (const room of rooms.values()) room.noteIncidents();
    });
    await stage.person('Andi');
  });
  afterAll(() => database.drop());

  const run = async (seconds: number): Promise<void> => {
    for (let passed = 0; passed < seconds; passed += 2) {
      stage.clock.go(2_000);
      await desk.look();
    }
    await feed.refresh();
  };
  /** What each room is told now: states and names, what of the cause is known, and whom it hurts there. */
  const told = () =>
    Object.fromEntries(
      [...rooms].map(([name, room]) => [
        name,
        (room.next(Number.POSITIVE_INFINITY)?.incidents ?? []).map(
          ({ state, cause, impact }) => `${state} ${cause.name} ${cause.kind} ${impact.siteIds.length}`,
        ),
      ]),
    );

  it('tells each room what of them lies there: all of it, its share, or nothing', async () => {
    stage.darken(stage.cut('h1--h2'), 'hub2', 'v2-0', 'v1-0');
    await run(2);
    expect(told()).toEqual({
      everywhere: ['open h1--h2 link 3'],
      '73.08.00': [],
      '73.08.01': ['open h1--h2 null 1'],
      '73.08.02': ['open h1--h2 null 2'],
    });
    expect(JSON.stringify(rooms.get('73.08.02')?.snapshot().incidents)).not.toContain('73.08.01');
    expect(rooms.get('everywhere')?.snapshot().incidents).toHaveLength(1);
    expect(told().everywhere).toEqual([]);
  });

  it('tells that somebody was told, and once that it ended', async () => {
    await run(6);
    expect(told().everywhere).toEqual(['open h1--h2 link 3']);
    stage.light('hub2', 'v2-0', 'v1-0');
    await run(4);
    expect(told().everywhere).toEqual(['clearing h1--h2 link 3']);
    await run(62);
    expect(told().everywhere).toEqual(['resolved h1--h2 link 3']);
    expect(rooms.get('everywhere')?.snapshot().incidents).toEqual([]);
    stage.clock.go(120_000);
    await feed.refresh();
    expect(told().everywhere).toEqual([]);
    expect(feed.views('everywhere')).toEqual([]);
  });
});
