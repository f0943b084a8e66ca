import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../tests/support/database.ts';
import type { NoticeContent } from '../../domain/notice.ts';
import { backbone } from '../../status/test-network.ts';
import { DeskStage } from '../../../tests/support/desk-stage.ts';
import type { AlertDesk } from './alert-desk.ts';

const night = Date.UTC(2026, 10, 29, 18, 10); // 02:10 in Bone

describe('the alert desk', () => {
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

  /** Looks every 200 ms of its time. */
  const run = async (seconds: number, by: AlertDesk = desk): Promise<void> => {
    for (let i = 0; i < seconds * 5; i++) {
      stage.clock.go(200);
      await by.look();
    }
  };
  const notices = async () => {
    const rows = await database.db.selectFrom('notices').selectAll().orderBy('decided_at').orderBy('due_at').execute();
    return rows.map((row) => ({ ...row, content: row.content satisfies NoticeContent }));
  };
  const incidents = () => database.db.selectFrom('incidents').selectAll().orderBy('number').execute();
  const told = async () =>
    (await notices()).filter(({ state }) => state === 'due').map(({ kind, person_name }) => `${kind} ${person_name}`);

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
    expect(escalation).toMatchObject({ kind: 'escalated', person_name: 'Bonto', state: 'scheduled' });
    await run(60);
    stage.light('v1-3', 'v1-4');
    await run(65);
    expect(await told()).toEqual(['opened Andi', 'resolved Andi']);
    expect((await notices()).find(({ kind }) => kind === 'escalated')?.state).toBe('cancelled');
    expect(await incidents()).toMatchObject([{ state: 'resolved', alerts: [] }]);
    const last = (await notices()).find(({ kind }) => kind === 'resolved');
    expect(last?.content).toMatchObject({ lastedS: 64, impact: { sites: { village: 2 } } });
  });
});
