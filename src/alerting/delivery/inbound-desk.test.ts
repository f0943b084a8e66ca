import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { insertChannel, insertIncident, insertNotice, insertPerson } from '../../../tests/support/alerting-people.ts';
import { createTestDatabase, type TestDatabase } from '../../../tests/support/database.ts';
import { testSiteWork } from '../../../tests/support/site-work.ts';
import { AuditLog } from '../../audit/audit-log.ts';
import { systemClock as clock } from '../../domain/clock.ts';
import type { ChannelId, IncidentId, NoticeId, PersonId } from '../../domain/ids.ts';
import { IncidentActions } from '../desk/incident-actions.ts';
import { Fallback } from './fallback.ts';
import { InboundDesk } from './inbound-desk.ts';
import { Outbox } from './outbox.ts';

describe('what people write back', { timeout: 60_000 }, () => {
  let database: TestDatabase;
  let desk: InboundDesk;
  let channelId: ChannelId;
  let andi: PersonId;
  let incidentId: IncidentId;
  let noticeId: NoticeId;
  const answers: string[] = [];
  const answer = async (text: string) => void answers.push(text);
  const channel = () => ({ id: channelId, kind: 'telegram' });
  const write = (text: string, messageId: string, address = '111', answersTo: string | null = null) =>
    desk.handle(channel(), { kind: 'text', address, text, messageId, answersTo, answer });
  const entries = () => database.db.selectFrom('incident_entries').selectAll().orderBy('at').execute();

  beforeAll(async () => {
    database = await createTestDatabase();
    const { db } = database;
    const logger = pino({ level: 'silent' });
    channelId = await insertChannel(db, { name: 'bot', kind: 'telegram' });
    andi = await insertPerson(db, 'Andi', [{ channelId, address: '111' }]);
    await insertPerson(db, 'Baso', [{ channelId, address: '222' }]);
    incidentId = await insertIncident(db);
    noticeId = await insertNotice(db, { personId: andi, channelId, address: '111', incidentId });
    await db.updateTable('notices').set({ state: 'sent', external_id: '77', sent_at: new Date() }).execute();
    const audit = new AuditLog({ db, logger });
    const acting = new IncidentActions({
      db,
      audit,
      clock,
      siteWork: testSiteWork({ db, audit }),
      onWritten: () => undefined,
      silencesChanged: () => Promise.resolve(),
    });
    desk = new InboundDesk({
      db,
      acting,
      accessOfUser: () => Promise.resolve(null),
      stateOf: () => 'up',
      fallback: new Fallback({ db, outbox: new Outbox({ db, self: '1' }), logger }),
      onForeignAlert: () => Promise.resolve(),
      timeZone: 'Asia/Makassar',
      language: 'id',
      clock,
      logger,
    });
  });
  afterAll(() => database.drop());

  it('is heard from nobody but the one address of one person', async () => {
    await write('/ack', 'a', '999');
    await desk.handle(channel(), { kind: 'action', address: '222', noticeId, action: 'take', answer });
    expect(answers).toEqual([]);
    expect(await entries()).toEqual([]);
  });

  it('finds no incident that was told to somebody else', async () => {
    await write('/ack INS-1', 'b', '222');
    expect(answers.pop()).toMatch(/Tidak ada insiden/);
    expect(await entries()).toEqual([]);
  });

  it('takes the incident by a press, once, however often it is told', async () => {
    const press = { kind: 'action' as const, address: '111', noticeId, action: 'take' as const, answer };
    await desk.handle(channel(), press);
    await desk.handle(channel(), press);
    expect(answers.pop()).toMatch(/Anda yang menangani/);
    const row = await database.db.selectFrom('incidents').selectAll().executeTakeFirstOrThrow();
    expect(row).toMatchObject({ taken_by: andi, stage: 'taken' });
    expect(await entries()).toMatchObject([{ key: 'taken', via: 'telegram', actor: 'Andi' }]);
  });

  it('makes a mute of "/mute 2h", and a line in the log of a reply', async () => {
    await write('/mute 2h', 'c');
    await write('/mute 2h', 'c');
    const [silence, ...others] = await database.db.selectFrom('silences').selectAll().execute();
    expect(others).toEqual([]);
    expect((silence?.ends_at.getTime() ?? 0) - (silence?.starts_at.getTime() ?? 0)).toBe(7_200_000);
    await write('serat putus kena truk <script>', 'd', '111', '77');
    expect((await entries()).map(({ key, body }) => [key, body])).toEqual([
      ['taken', ''],
      ['muted', ''],
      ['comment', 'serat putus kena truk <script>'],
    ]);
  });

  it('says in the reader’s language why there is no planned work where the incident is at no site', async () => {
    await write('2 jam kerja di sini', 'w');
    expect(answers.pop()).toBe('Tidak dapat: INS-1 tidak berada di satu situs. Pakai /mute 2h.');
    expect(await database.db.selectFrom('maintenance').selectAll().execute()).toEqual([]);
  });

  it('shows states only to who may read them as a user', async () => {
    await write('/status kahu', 'e');
    expect(answers.pop()).toMatch(/akun Arung/);
  });

  it('keeps what a channel tells of a message', async () => {
    const read = { kind: 'receipt', externalId: '77', state: 'read' } as const;
    await desk.handle(channel(), read);
    const row = await database.db.selectFrom('notices').selectAll().executeTakeFirstOrThrow();
    expect(row.state).toBe('read');
    expect(row.read_at).not.toBeNull();
  });
});
