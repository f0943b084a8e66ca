import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../tests/support/database.ts';
import { DeskStage } from '../../../tests/support/desk-stage.ts';
import { newId, type NoticeId } from '../../domain/ids.ts';
import { backbone } from '../../status/test-network.ts';
import { AlertingRetention } from './retention.ts';

const dayMs = 86_400_000;

describe('the retention of alerting', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  it('removes photos and addresses, then incidents, and nothing of what is not over', async () => {
    const { db } = database;
    const stage = new DeskStage(db, backbone(3, 7), Date.UTC(2026, 0, 1));
    const desk = stage.desk();
    await stage.person('Andi');
    const run = async (seconds: number): Promise<void> => {
      for (let i = 0; i < seconds; i += 5) {
        stage.clock.go(5_000);
        await desk.look();
      }
    };
    stage.darken(stage.cut('h1--r-v1-3'), 'v1-3', 'v1-4');
    await run(20);
    stage.light('v1-3', 'v1-4');
    await run(70);
    stage.darken(stage.cut('h0--r-v0-0'), 'v0-0');
    await run(20);
    const incidents = await db.selectFrom('incidents').select(['id', 'state']).orderBy('number').execute();
    expect(incidents.map(({ state }) => state)).toEqual(['resolved', 'open']);
    for (const { id } of incidents) {
      await db
        .insertInto('incident_photos')
        .values({
          id: newId<NoticeId>(),
          incident_id: id,
          at: new Date(stage.clock.now()),
          media_type: 'image/png',
          bytes: Buffer.from('x'),
        })
        .execute();
    }
    await db
      .updateTable('notices')
      .set({ state: 'sent', sent_text: 'Kabel putus' })
      .where('state', '=', 'due')
      .execute();
    const retention = new AlertingRetention({
      db,
      clock: stage.clock,
      logger: pino({ level: 'silent' }),
      incidentDays: 730,
      messageDays: 90,
    });
    const left = async () => ({
      incidents: (await db.selectFrom('incidents').select('state').orderBy('number').execute()).map(
        ({ state }) => state,
      ),
      photos: (await db.selectFrom('incident_photos').select('id').execute()).length,
      texts: (await db.selectFrom('notices').select('sent_text').where('sent_text', 'is not', null).execute()).length,
    });
    await retention.sweep();
    expect(await left()).toEqual({ incidents: ['resolved', 'open'], photos: 2, texts: 3 });
    stage.clock.go(91 * dayMs);
    await retention.sweep();
    expect(await left()).toEqual({ incidents: ['resolved', 'open'], photos: 1, texts: 1 });
    stage.clock.go(700 * dayMs);
    await retention.sweep();
    expect(await left()).toEqual({ incidents: ['open'], photos: 1, texts: 1 });
  });
});
