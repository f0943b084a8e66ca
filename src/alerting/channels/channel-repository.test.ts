import type { Transaction } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../tests/support/database.ts';
import type { Database } from '../../database/tables.ts';
import { systemAccess } from '../../domain/access.ts';
import { ChannelRepository } from './channel-repository.ts';

/** Seals nothing: the vault has its own tests. */
const sealer = {
  seal: (plain: string) => Buffer.from(plain),
  open: (sealed: Buffer) => sealed.toString(),
};
const access = systemAccess('test');

describe('channels', () => {
  let database: TestDatabase;
  let channels: ChannelRepository;
  const written: unknown[] = [];
  const audit = {
    appendAll: async (_trx: Transaction<Database>, entries: readonly unknown[]) => void written.push(...entries),
  };
  const draft = {
    name: 'Telegram',
    kind: 'telegram',
    secrets: { token: '110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw' },
  };

  beforeAll(async () => {
    database = await createTestDatabase();
    channels = new ChannelRepository({ db: database.db, sealer, audit });
  });
  afterAll(() => database.drop());

  it('have one inbox, whatever it is called', async () => {
    const id = await channels.ensureInbox();
    await channels.update(access, id, { name: 'Kotak masuk' }, {});
    expect(await channels.ensureInbox()).toBe(id);
    expect((await channels.list()).items.map(({ name }) => name)).toEqual(['Kotak masuk']);
  });

  it('have the rate of their kind until they are given one, and again when it is taken away', async () => {
    const { entity } = await channels.create(access, draft, {});
    expect(entity.perMinute).toBeNull();
    const set = await channels.update(access, 'Telegram', { perMinute: 30 }, {});
    expect(set.entity).toMatchObject({ perMinute: 30, secretsSet: ['token'] });
    expect(written.at(-1)).toMatchObject({ action: 'update', before: { perMinute: null }, after: { perMinute: 30 } });
    // Something else is changed: the rate stays.
    expect((await channels.update(access, 'Telegram', { enabled: false }, {})).entity.perMinute).toBe(30);
    expect((await channels.update(access, 'Telegram', { perMinute: null }, {})).entity.perMinute).toBeNull();
  });

  it('say why they take nothing by a code with arguments, until they are changed', async () => {
    const { id } = (await channels.get(access, 'Telegram')).entity;
    const problem = { code: 'sending.telegram-token', arguments: { said: '401: Unauthorized' } };
    await database.db
      .updateTable('channels')
      .set({ failing_since: new Date(), last_error: 'Telegram answered 401', last_problem: JSON.stringify(problem) })
      .where('id', '=', id)
      .execute();
    expect((await channels.get(access, id)).entity).toMatchObject({
      lastError: 'Telegram answered 401',
      lastErrorCode: 'sending.telegram-token',
      lastErrorArguments: { said: '401: Unauthorized' },
    });
    const mended = await channels.update(access, id, { secrets: draft.secrets }, {});
    expect(mended.entity).toMatchObject({ lastError: null, lastErrorCode: null, lastErrorArguments: null });
  });
});
