import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../tests/support/database.ts';
import { newId } from '../../domain/ids.ts';
import { backbone } from '../../status/test-network.ts';
import { DeskStage } from '../../../tests/support/desk-stage.ts';
import type { AlertDesk } from './alert-desk.ts';
import { LeaseLost } from '../../database/lease.ts';

const night = Date.UTC(2026, 10, 29, 18, 10); // 02:10 in Bone

describe('the alert desk', { timeout: 120_000 }, () => {
  let database: TestDatabase;
  let stage: DeskStage;
  let desk: AlertDesk;

  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());
  beforeEach(async () => {
    const { db } = database;
    for (const table of ['notices', 'incidents', 'person_channels', 'people', 'channels', 'leases'] as const) {
      await db.deleteFrom(table).execute();
    }
    stage = new DeskStage(db, backbone(3, 7), night);
    desk = stage.desk();
  });

  /** Looks twice a second of its time, later every five seconds. */
  const run = async (seconds: number, by: AlertDesk = desk): Promise<void> => {
    for (let passed = 0; passed < seconds;) {
      const step = passed < 10 ? 0.5 : Math.min(5, seconds - passed);
      passed += step;
      stage.clock.go(step * 1_000);
      await by.look();
    }
  };
  const notices = () => database.db.selectFrom('notices').selectAll().orderBy('id').execute();
  const incidents = () => database.db.selectFrom('incidents').selectAll().orderBy('number').execute();
  const told = async () =>
    (await notices()).filter(({ state }) => state === 'due').map(({ kind, person_name: name }) => `${kind} ${name}`);
  const causesNow = async () =>
    (await incidents()).map(({ state, causes }) => `${state} ${causes.map(({ cause }) => cause.name).join(' ')}`);

  it('makes one incident and one message of a cut cable, and says when it is over', async () => {
    await stage.person('Andi');
    await stage.person('Bonto', { level: 2 });
    stage.darken(stage.cut('h1--r-v1-3'), 'v1-3', 'v1-4');
    await run(1);
    expect(await notices()).toEqual([]);
    await run(3);
    const [incident] = await incidents();
    expect(incident).toMatchObject({
      state: 'open',
      severity: 'warning',
      region_codes: expect.arrayContaining(['73.08.01']),
    });
    const [first, escalation] = await notices();
    expect(first).toMatchObject({
      kind: 'opened',
      person_name: 'Andi',
      state: 'due',
      content: {
        incidentNumber: incident?.number,
        cause: { name: 'h1--r-v1-3', reason: 'failed' },
        impact: { sites: { village: 2 }, devices: 6, terminals: 2 },
        place: { name: 'hub1' },
      },
    });
    expect(escalation).toMatchObject({ kind: 'escalated', person_name: 'Bonto', state: 'scheduled', why: 'level:2' });
    await run(60);
    stage.light('v1-3', 'v1-4');
    await run(65);
    expect(await told()).toEqual(['opened Andi', 'resolved Andi']);
    expect((await notices()).find(({ kind }) => kind === 'escalated')?.state).toBe('cancelled');
    expect(await incidents()).toMatchObject([{ state: 'resolved', alerts: [] }]);
    const last = (await notices()).find(({ kind }) => kind === 'resolved');
    expect(last?.content).toMatchObject({ lastedS: 65, impact: { sites: { village: 2 } } });
  });

  it('goes on after a kill in the middle: the same incident, nobody told twice, and told when it is over', async () => {
    await stage.person('Andi');
    stage.darken(stage.cut('h1--r-v1-3'), 'v1-3', 'v1-4');
    await run(1);
    // Before anybody was told: another controller finds the incident and tells of it.
    desk = stage.desk({ leaseMs: 1 });
    await database.db
      .updateTable('leases')
      .set({ until: new Date(0) })
      .execute();
    stage.settled = false;
    await run(20);
    expect(await told()).toEqual([]);
    stage.settled = true;
    await run(5);
    expect(await told()).toEqual(['opened Andi']);
    await database.db
      .updateTable('leases')
      .set({ until: new Date(0) })
      .execute();
    desk = stage.desk();
    await run(30);
    expect(await causesNow()).toEqual(['open h1--r-v1-3']);
    expect(await told()).toEqual(['opened Andi']);
    await database.db
      .updateTable('leases')
      .set({ until: new Date(0) })
      .execute();
    desk = stage.desk();
    stage.light('v1-3', 'v1-4');
    await run(65);
    expect(await told()).toEqual(['opened Andi', 'resolved Andi']);
    expect(await causesNow()).toEqual(['resolved h1--r-v1-3']);
  });

  it('waits longer where two places go dark at once: it may be one thing, and is told once then', async () => {
    await stage.person('Andi');
    stage.darken(stage.dead('r-v1-3'), 'v1-3');
    await run(2);
    stage.darken(stage.dead('r-v2-3'), 'v2-3');
    await run(20);
    expect(await told()).toEqual([]);
    await run(15);
    expect(await told()).toEqual(['opened Andi', 'opened Andi']);
    expect((await causesNow()).sort()).toEqual(['open r-v1-3', 'open r-v2-3']);
    stage.light('v1-3', 'v2-3');
    await run(65);
    // Far apart in time nothing speaks for one cause.
    stage.darken(stage.dead('r-v1-3'), 'v1-3');
    await run(14);
    stage.darken(stage.dead('r-v2-3'), 'v2-3');
    await run(14);
    expect((await told()).filter((one) => one.startsWith('opened'))).toHaveLength(4);
    stage.light('v1-3', 'v2-3');
    await run(65);
  });

  it('says at most two things of a cable that comes and goes every 30 seconds for an hour', async () => {
    await stage.person('Andi');
    await stage.person('Bonto', { level: 2 });
    const look = async (seconds: number): Promise<void> => {
      for (let i = 0; i < seconds / 10; i++) {
        stage.clock.go(10_000);
        await desk.look();
      }
    };
    for (let i = 0; i < 60; i++) {
      stage.darken(stage.cut('h1--r-v1-0'), 'v1-0');
      await look(30);
      stage.light('v1-0');
      await look(30);
    }
    await look(1_200);
    expect((await notices()).map(({ kind, state }) => `${kind} ${state}`)).toEqual([
      'opened due',
      'escalated cancelled',
      'resolved due',
    ]);
    expect(await incidents()).toMatchObject([{ state: 'resolved', flaps: 59 }]);
  }, 120_000);

  it('tells a revised cause in the same incident, once, and not what was revised and revised back', async () => {
    await stage.person('Andi');
    stage.darken(stage.dead('r-v1-3'), 'v1-3', 'v1-4');
    await run(6);
    const since = stage.clock.wall;
    stage.darken(stage.cut('h1--r-v1-3', since), 'v1-3', 'v1-4');
    await run(1);
    stage.darken(stage.dead('r-v1-3', since), 'v1-3', 'v1-4');
    await run(10);
    expect(await told()).toEqual(['opened Andi']);
    stage.darken(stage.cut('h1--r-v1-3', since), 'v1-3', 'v1-4');
    await run(10);
    expect(await told()).toEqual(['opened Andi', 'revised Andi']);
    const revised = (await notices()).find(({ kind }) => kind === 'revised');
    expect(revised?.content).toMatchObject({ before: { name: 'r-v1-3' }, cause: { name: 'h1--r-v1-3' } });
    expect(await incidents()).toHaveLength(1);
  });

  it('lets what was suppressed speak for itself when the cause is gone and it is not', async () => {
    await stage.person('Andi');
    stage.darken(stage.cut('h1--r-v1-3'), 'v1-3', 'v1-4');
    await run(6);
    stage.light('v1-3', 'v1-4');
    stage.darken(stage.dead('r-v1-4'), 'v1-4');
    await run(70);
    expect(await told()).toEqual(['opened Andi', 'opened Andi', 'resolved Andi']);
    expect(await causesNow()).toEqual(['resolved h1--r-v1-3', 'open r-v1-4']);
  });

  it('says one thing of Arung’s own faults, and nothing of what they explain', async () => {
    await stage.person('Andi');
    const sites = [...stage.network.sites.values()].map(({ name }) => name);
    stage.faults = [{ part: 'broker', since: stage.clock.wall, reason: null, waiting: 12 }];
    await run(2);
    stage.blind({ kind: 'no-carrier', interface: 'eth0' }, ...sites);
    await run(30);
    expect(await told()).toEqual(['opened Andi']);
    const [incident] = await incidents();
    expect(incident).toMatchObject({ region_code: null, severity: 'critical' });
    expect(incident?.evidence.map(({ key }) => key)).toEqual(
      expect.arrayContaining(['own.part', 'own.uplink', 'own.no-carrier']),
    );
    // The uplink is back, and one village is not: now it is told.
    stage.faults = [];
    stage.blindness = null;
    stage.light(...sites);
    stage.darken(stage.dead('r-v0-2'), 'v0-2');
    await run(70);
    expect(await told()).toEqual(['opened Andi', 'opened Andi', 'resolved Andi']);
    expect(await causesNow()).toEqual(['resolved Arung', 'open r-v0-2']);
  });

  it('goes on with what was dark before it was blind, and tells nothing new of it', async () => {
    await stage.person('Andi');
    const sites = [...stage.network.sites.values()].map(({ name }) => name);
    stage.darken(stage.cut('h1--r-v1-3'), 'v1-3', 'v1-4');
    await run(10);
    stage.blind({ kind: 'unclear' }, ...sites);
    await run(120);
    expect(await causesNow()).toEqual(['open h1--r-v1-3', 'open Arung']);
    stage.blindness = null;
    stage.light(...sites);
    stage.darken(stage.cut('h1--r-v1-3'), 'v1-3', 'v1-4');
    await run(70);
    expect(await causesNow()).toEqual(['open h1--r-v1-3', 'resolved Arung']);
    expect(await told()).toEqual(['opened Andi', 'opened Andi', 'resolved Andi']);
  });

  it('is silent while a silence or planned work lasts, and speaks when it ends and the thing is still broken', async () => {
    await stage.person('Andi');
    const { wall } = stage.clock;
    stage.silences = [
      {
        id: newId(),
        matchers: [{ field: 'link', values: ['h1--r-v1-3'] }],
        reason: 'Kerja serat',
        author: 'andi',
        regionCode: null,
        from: new Date(wall).toISOString(),
        to: new Date(wall + 60_000).toISOString(),
      },
    ];
    stage.darken(stage.cut('h1--r-v1-3'), 'v1-3', 'v1-4');
    await run(50);
    expect(await notices()).toEqual([]);
    expect(await incidents()).toMatchObject([{ silence: { reason: 'Kerja serat' } }]);
    await run(15);
    expect(await told()).toEqual(['opened Andi']);
    expect(await incidents()).toMatchObject([{ silence: null }]);
  });

  it('holds what nobody can look at now for what it was', async () => {
    await stage.person('Andi');
    stage.darken(stage.cut('h1--r-v1-3'), 'v1-3', 'v1-4');
    await run(6);
    for (const [key, state] of stage.states) stage.states.set(key, { ...state, state: 'unknown', cause: null });
    await run(180);
    expect(await causesNow()).toEqual(['open h1--r-v1-3']);
    stage.light('v1-3', 'v1-4');
    await run(65);
    expect(await told()).toEqual(['opened Andi', 'resolved Andi']);
  });

  it('does not wait for a clock that was set back, in this run or before it', async () => {
    await stage.person('Andi');
    stage.darken(stage.cut('h1--r-v1-3'), 'v1-3', 'v1-4');
    await run(6);
    stage.light('v1-3', 'v1-4');
    await run(5);
    stage.clock.wall -= 7_200_000;
    await run(60);
    expect(await told()).toEqual(['opened Andi', 'resolved Andi']);
    stage.darken(stage.cut('h0--r-v0-0'), 'v0-0');
    await run(6);
    stage.light('v0-0');
    await run(5);
    stage.clock.wall -= 7_200_000;
    await database.db
      .updateTable('leases')
      .set({ until: new Date(0) })
      .execute();
    desk = stage.desk();
    await run(65);
    expect(await causesNow()).toEqual(['resolved h1--r-v1-3', 'resolved h0--r-v0-0']);
  });

  it('lets one of two controllers decide, and the other take over when it is gone', async () => {
    await stage.person('Andi');
    const other = stage.desk();
    await desk.look();
    stage.darken(stage.cut('h1--r-v1-3'), 'v1-3', 'v1-4');
    for (let i = 0; i < 20; i++) {
      stage.clock.go(500);
      await Promise.all([desk.look(), other.look()]);
    }
    expect(await told()).toEqual(['opened Andi']);
    expect(await incidents()).toHaveLength(1);
    await database.db
      .updateTable('leases')
      .set({ until: new Date(0) })
      .execute();
    // The other takes it; the first comes back from a long pause and believes that it still has it.
    await other.look();
    const leases = await database.db.selectFrom('leases').select('token').execute();
    expect(leases.map(({ token }) => Number(token))).toEqual([2]);
    stage.darken(stage.cut('h0--r-v0-0'), 'v0-0');
    await expect(desk.look()).rejects.toThrow(LeaseLost);
    await run(6, other);
    await run(6, desk);
    expect(await told()).toEqual(['opened Andi', 'opened Andi']);
    expect(await incidents()).toHaveLength(2);
  });

  it('is not stopped by a name that no database takes', async () => {
    await stage.person('Andi');
    const subject = { kind: 'device', id: stage.network.id('r-v1-0'), name: '<script>\0\uD800' } as const;
    stage.rules = [
      {
        key: 'cpu.high|device:x',
        rule: 'cpu.high',
        subject,
        severity: 'warning',
        since: stage.clock.wall,
        cause: null,
      },
    ];
    stage.darken(stage.cut('h1--r-v1-3'), 'v1-3', 'v1-4');
    await run(6);
    expect((await told()).length).toBe(2);
    expect((await causesNow()).sort()).toEqual(['open <script>\uFFFD\uFFFD', 'open h1--r-v1-3']);
  });

  it('sees the feeder behind sites that go dark one by one, tells of it once, and what says so when they are back', async () => {
    await stage.person('Andi');
    const sites = ['v1-0', 'v1-1', 'v1-2'];
    stage.risks = [
      {
        id: newId(),
        name: 'Penyulang Kahu',
        kind: 'power-feeder',
        linkIds: [],
        siteIds: sites.map((name) => stage.network.siteId(name)),
      },
    ];
    for (const site of sites) {
      stage.darken(stage.dead(`r-${site}`), site);
      await run(2);
    }
    await run(20);
    expect(await told()).toEqual(['opened Andi']);
    const [notice] = await notices();
    expect(notice?.content).toMatchObject({ cause: { name: 'Penyulang Kahu', reason: 'power' } });
    // Two come back; the third follows, and had been off.
    stage.light('v1-0', 'v1-1');
    await run(120);
    stage.light('v1-2');
    desk.note({
      transitions: [],
      loads: [],
      topologyChanged: false,
      events: [
        {
          event: {
            id: newId(),
            at: stage.clock.wall,
            key: 'device.restarted',
            entityKind: 'device',
            entityId: stage.network.id('r-v1-2'),
            entityName: 'r-v1-2',
            siteId: null,
            regionCode: null,
            cause: null,
            arguments: { uptimeS: 40, silentS: 140, explainsSilence: true },
          },
          causeRegionCodes: [],
        },
      ],
    });
    await run(65);
    expect(await told()).toEqual(['opened Andi', 'resolved Andi']);
    const open = (await causesNow()).filter((cause) => cause.startsWith('open'));
    expect(open).toEqual([]);
    const last = (await notices()).at(-1);
    expect(last?.content.evidence).toEqual([
      { key: 'risk.covered', arguments: { risk: 'Penyulang Kahu', failed: 3, all: 3 } },
      { key: 'power.at-once', arguments: { sites: 3, withinS: 4 } },
      { key: 'power.confirmed', arguments: { devices: 1 } },
      { key: 'certainty', arguments: { percent: 90 } },
    ]);
  });

  it('wakes nobody else once planned work covers it, and says that it is mended while the work goes on', async () => {
    await stage.person('Andi');
    await stage.person('Bonto', { level: 2 });
    stage.darken(stage.dead('r-v1-3'), 'v1-3');
    await run(5);
    stage.beginWork('v1-3');
    await run(700);
    expect(await told()).toEqual(['opened Andi']);
    expect(await incidents()).toMatchObject([{ state: 'open' }]);
    expect((await notices()).find(({ kind }) => kind === 'escalated')?.state).toBe('cancelled');
    stage.mend('v1-3');
    await run(65);
    expect(await incidents()).toMatchObject([{ state: 'resolved' }]);
    expect(await told()).toEqual(['opened Andi', 'resolved Andi']);
  });

  it('tells what is low once, in the digest of the next morning', async () => {
    await stage.person('Andi');
    const subject = { kind: 'device', id: stage.network.id('r-v1-0'), name: 'r-v1-0' } as const;
    const { wall } = stage.clock;
    stage.rules = [
      { key: 'firmware.old|device:x', rule: 'firmware.old', subject, severity: 'info', since: wall, cause: null },
    ];
    await run(20);
    expect(await notices()).toEqual([]);
    // 07:29, and 07:30 in Bone; then a restart, and the next day.
    stage.clock.go(Date.UTC(2026, 10, 29, 23, 29) - stage.clock.wall);
    await desk.look();
    expect(await notices()).toEqual([]);
    stage.clock.go(60_000);
    await desk.look();
    await database.db
      .updateTable('leases')
      .set({ until: new Date(0) })
      .execute();
    desk = stage.desk();
    await desk.look();
    stage.clock.go(86_400_000);
    await desk.look();
    expect(await notices()).toMatchObject([
      {
        kind: 'digest',
        person_name: 'Andi',
        state: 'due',
        content: { digest: [{ cause: { name: 'r-v1-0' }, until: null }] },
      },
    ]);
  });
});
