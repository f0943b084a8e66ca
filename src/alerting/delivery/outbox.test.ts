import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { insertChannel, insertNotice, insertPerson } from '../../../tests/support/alerting-people.ts';
import { createTestDatabase, type TestDatabase } from '../../../tests/support/database.ts';
import { Outbox, problemOf } from './outbox.ts';

describe('the outbox', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  it('keeps why a message failed, also where a server answers with what no database keeps', async () => {
    const { db } = database;
    const outbox = new Outbox({ db, self: '1' });
    const channelId = await insertChannel(db, { name: 'gateway', kind: 'sms-http' });
    const personId = await insertPerson(db, 'Andi', []);
    const id = await insertNotice(db, { personId, channelId, address: '0811' });
    const claimed = await outbox.claim(id, Date.now(), []);
    if (claimed === null) throw new Error('it was not there to be claimed');
    const said = 'no\u0000 <b>\u{1F600}</b>'.slice(0, 8);
    await outbox.failed(claimed, { code: 'sending.refused', arguments: { server: 'x', said }, message: said });
    const row = await db.selectFrom('notices').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
    expect(row.state).toBe('failed');
    const kept = 'no  <b>\ufffd';
    expect(problemOf(row)).toEqual({ code: 'sending.refused', arguments: { server: 'x', said: kept }, message: kept });
  });
});
